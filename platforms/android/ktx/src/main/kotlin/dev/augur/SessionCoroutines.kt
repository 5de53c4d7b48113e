/** Coroutines for [Session]: rankings off the caller's thread, which end when the coroutine is cancelled. */
@file:JvmName("SessionCoroutines")

package dev.augur

import java.util.concurrent.atomic.AtomicBoolean
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/**
 * Ranks on [context]. A session is for one thread at a time: do not use it elsewhere before this returns.
 *
 * If the coroutine is cancelled, the ranking ends within one tile, this throws CancellationException, and the session is
 * as before.
 */
public suspend fun Session.rankAwait(
    candidates: Columns,
    context: CoroutineContext = Dispatchers.Default,
): FloatArray = awaitCancellable(context) { rank(candidates) }

/** [Session.topK], as [rankAwait]. */
public suspend fun Session.topKAwait(
    candidates: Columns,
    k: Int,
    context: CoroutineContext = Dispatchers.Default,
): TopK = awaitCancellable(context) { topK(candidates, k) }

/** [Session.rankEach], as [rankAwait]. */
public suspend fun Session.rankEachAwait(
    candidates: Columns,
    context: CoroutineContext = Dispatchers.Default,
): RankEachResult = awaitCancellable(context) { rankEach(candidates) }

/** [Session.topKEach], as [rankAwait]. */
public suspend fun Session.topKEachAwait(
    candidates: Columns,
    k: Int,
    context: CoroutineContext = Dispatchers.Default,
): TopK = awaitCancellable(context) { topKEach(candidates, k) }

/** [Session.explain], as [rankAwait]. */
public suspend fun Session.explainAwait(
    candidates: Columns,
    row: Int,
    stack: String? = null,
    context: CoroutineContext = Dispatchers.Default,
): FloatArray = awaitCancellable(context) { explain(candidates, row, stack) }

/**
 * Runs any calls of this session on [context]; those that rank end when the coroutine is cancelled.
 *
 * For example a history and a ranking: `session.awaitCancellable { append(event); rank(candidates) }`.
 */
public suspend fun <T> Session.awaitCancellable(
    context: CoroutineContext = Dispatchers.Default,
    calls: Session.() -> T,
): T = withContext(context) {
    val ended = AtomicBoolean(false)
    try {
        coroutineScope {
            // Runs in the thread that cancels, while the calls occupy this one. A cancel() that comes a moment before the
            // native ranking begins has no effect, so it is repeated until the calls have ended.
            val watcher = launch(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) {
                try {
                    awaitCancellation()
                } finally {
                    withContext(NonCancellable) {
                        while (!ended.get()) {
                            cancel()
                            delay(1)
                        }
                    }
                }
            }
            try {
                calls()
            } finally {
                ended.set(true)
                watcher.cancel()
            }
        }
    } catch (cancelled: AugurException.Cancelled) {
        ensureActive() // the coroutine's own CancellationException, if it was cancelled
        throw cancelled // else another thread called cancel()
    }
}
