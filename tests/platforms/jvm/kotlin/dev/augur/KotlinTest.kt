package dev.augur

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DisplayName
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import kotlin.system.measureTimeMillis

@DisplayName("From Kotlin")
@Timeout(120)
class KotlinTest {
    private fun <T> withShop(block: suspend (Session) -> T): T =
        Fixtures.open("shop.augur").use { model ->
            model.newSession().use { session ->
                Fixtures.setShopUser(session)
                runBlocking { block(session) }
            }
        }

    @Test
    @DisplayName("the API reads as Kotlin: use, properties, types that are null or not")
    fun api() {
        Model.open(Fixtures.file("text.augur")).use { model ->
            val name: String = model.info.stacks.first().name
            assertEquals("clicks", name)
            model.newSession(SessionOptions.Builder().threads(2).build()).use { session ->
                session.setFeature("user", -5L)
                session.setHistory(Column.keys("item", "a", "plain"), Column.ids("category", 1, 2))
                assertEquals(2, session.historyLength)
                val candidates = Columns.of(Column.keys("item", listOf("a", "€ 5")), Column.ids("category", 0, 0))
                val scores: FloatArray = session.rank(candidates)
                // Arrays need no spread operator, which would copy them.
                val keys = arrayOf("a", "€ 5")
                assertArrayEquals(scores, session.rank(Column.keys("item", keys), Column.ids("category", longArrayOf(0, 0))))
                val logits = FloatArray(candidates.rows)
                session.rank(candidates, null as FloatArray?, logits)
                val top: TopK = session.topK(candidates, 1)
                assertEquals(scores.indices.maxByOrNull { scores[it] }, top.indices[0])
                assertEquals(2, session.explain(candidates, 0).size)
                assertEquals(0, session.restore(session.save()).unknownIds)
                val error = assertThrows<AugurException.OutOfRange> {
                    session.rank(Column.keys("item", "gone"), Column.ids("category", 0))
                }
                val message: String = error.message
                assertTrue("gone" in message || "item" in message, message)
                assertEquals(Status.OUT_OF_RANGE, error.status)
                assertTrue(session.model === model && !session.isClosed)
            }
        }
    }

    @Test
    @DisplayName("a ranking that is awaited gives the same scores")
    fun awaited() = withShop { session ->
        val candidates = Fixtures.shopCandidates(200)
        val scores = session.rank(candidates)
        assertArrayEquals(scores, session.rankAwait(candidates))
        assertArrayEquals(scores, session.rankEachAwait(candidates).scores)
        assertArrayEquals(session.topK(candidates, 5).indices, session.topKAwait(candidates, 5).indices)
        assertArrayEquals(session.topK(candidates, 5).indices, session.topKEachAwait(candidates, 5).indices)
        assertArrayEquals(session.explain(candidates, 3), session.explainAwait(candidates, 3))
        val length = session.awaitCancellable(Dispatchers.IO) {
            clear()
            historyLength
        }
        assertEquals(0, length)
        Unit
    }

    @Test
    @DisplayName("an error of the library arrives as it is")
    fun errors() = withShop { session ->
        val error = assertThrows<AugurException.OutOfRange> {
            runBlocking { session.rankAwait(Columns.of(Column.ids("item", 99999), Column.ids("category", 0))) }
        }
        assertEquals(Status.OUT_OF_RANGE, error.status)
    }

    @Test
    @DisplayName("cancelling the coroutine ends the ranking soon; the session is as before")
    fun cancelled() = withShop { session ->
        val few = Fixtures.shopCandidates(30)
        val scores = session.rank(few)
        val many = Fixtures.shopCandidates(400_000)
        for (wait in listOf(300L, 100L, 30L)) {
            coroutineScope {
                val ranking = async(start = CoroutineStart.UNDISPATCHED) {
                    runCatching { session.rankAwait(many) }
                }
                delay(wait)
                val milliseconds = measureTimeMillis { ranking.cancelAndJoin() }
                assertTrue(milliseconds < 500, "$milliseconds ms")
                assertTrue(runCatching { ranking.await() }.exceptionOrNull() is CancellationException)
            }
            assertArrayEquals(scores, session.rankAwait(few))
        }
        assertNull(withTimeoutOrNull(50) { session.rankAwait(many) })
        assertArrayEquals(scores, session.rankAwait(few))
    }

    @Test
    @DisplayName("cancelling at the moment when the ranking begins ends it, too")
    fun cancelledAtTheBeginning() = withShop { session ->
        val many = Fixtures.shopCandidates(200_000)
        val milliseconds = measureTimeMillis {
            repeat(40) {
                withTimeout(60_000) {
                    val ranking = launch(Dispatchers.Default) { session.rankAwait(many) }
                    if (it % 2 == 0) Thread.yield() else delay(1)
                    ranking.cancelAndJoin()
                }
            }
        }
        assertTrue(milliseconds < 15_000, "$milliseconds ms for 40 rankings, each of which would take more than a second")
        assertEquals(50, session.historyLength)
    }

    @Test
    @DisplayName("cancel() of another thread is the library's exception, not a coroutine's")
    fun cancelledByOther() = withShop { session ->
        coroutineScope {
            val ranking = async(Dispatchers.Default) { runCatching { session.rankAwait(Fixtures.shopCandidates(400_000)) } }
            delay(300)
            session.cancel()
            assertTrue(ranking.await().exceptionOrNull() is AugurException.Cancelled)
        }
    }
}
