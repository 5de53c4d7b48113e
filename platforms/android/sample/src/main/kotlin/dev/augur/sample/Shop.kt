package dev.augur.sample

import dev.augur.Column
import dev.augur.Columns
import dev.augur.Model
import dev.augur.Session
import dev.augur.rankAwait
import java.io.Closeable
import java.io.InputStream
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext

/** A thing on sale: a line of catalogue.tsv. */
class Offer(val item: String, val category: Long, val price: Int, val name: String)

/** Offers in the order of their scores, and how long it took to rank them. */
class Page(val offers: List<Offer>, val scores: List<Float>, val milliseconds: Double)

/** Reads catalogue.tsv: a header, then item, category, price and name in each line. */
fun readCatalogue(stream: InputStream): List<Offer> = stream.bufferedReader().useLines { lines ->
    lines.drop(1).map { line ->
        val fields = line.split('\t')
        Offer(fields[0], fields[1].toLong(), fields[2].toInt(), fields[3])
    }.toList()
}

/**
 * Ranks offers for one visitor, by what the visitor looked at. A session serves one call at a time, so the functions must
 * not be called while another one runs.
 */
class Shop(model: Model, private val offers: List<Offer>) : Closeable {
    private val session: Session = model.newSession()

    // Made once: each ranking uses the same columns.
    private val candidates = Columns.of(
        Column.keys("item", offers.map { it.item }),
        Column.ids("category", offers.map { it.category }.toLongArray()),
    )

    /** The visitor looked at this offer: the newest event of the history. It counts even if the caller is cancelled. */
    suspend fun look(offer: Offer) = withContext(NonCancellable + Dispatchers.Default) {
        session.append(Column.keys("item", offer.item), Column.ids("category", offer.category))
    }

    /** Ends within one tile, with CancellationException, if the coroutine is cancelled. */
    suspend fun rank(): Page {
        val begin = System.nanoTime()
        val scores = session.rankAwait(candidates)
        val milliseconds = (System.nanoTime() - begin) / 1e6
        val order = offers.indices.sortedByDescending { scores[it] }
        return Page(order.map { offers[it] }, order.map { scores[it] }, milliseconds)
    }

    override fun close() = session.close()
}
