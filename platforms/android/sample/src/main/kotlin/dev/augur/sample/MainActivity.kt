package dev.augur.sample

import android.app.Activity
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.LinearLayout
import android.widget.ListView
import android.widget.TextView
import dev.augur.AugurException
import dev.augur.Model
import java.util.Locale
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/** A list of offers. A tap counts as a look at the offer, and the list is ranked anew; above it stands how long that took. */
class MainActivity : Activity() {
    private val scope: CoroutineScope = MainScope()
    private val rows = Rows()
    private lateinit var status: TextView
    private var model: Model? = null
    private var shop: Shop? = null
    private var ranking: Job? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        status = TextView(this).apply { setPadding(32, 32, 32, 32) }
        val list = ListView(this).apply {
            adapter = rows
            setOnItemClickListener { _, _, position, _ -> rankAfter(rows.page?.offers?.get(position)) }
        }
        setContentView(LinearLayout(this).apply {
            orientation = LinearLayout.VERTICAL
            addView(status)
            addView(list)
        })
        try {
            // The model is read in place: nothing is copied out of the APK. The first 500 items of the catalogue are on sale.
            val opened = Model.fromAsset(this, "dien.augur")
            model = opened
            shop = Shop(opened, readCatalogue(assets.open("catalogue.tsv")).take(500))
            rankAfter(null)
        } catch (error: AugurException) {
            status.text = error.message
        }
    }

    /** Counts a look, if there was one, and ranks. A ranking that still runs is cancelled: its page would be stale. */
    private fun rankAfter(look: Offer?) {
        val shop = shop ?: return
        val previous = ranking
        ranking = scope.launch {
            withContext(NonCancellable) {
                previous?.cancelAndJoin()
                if (look != null) shop.look(look)
            }
            try {
                show(shop.rank(), look)
            } catch (error: AugurException) {
                status.text = error.message
            }
        }
    }

    private fun show(page: Page, look: Offer?) {
        val after = if (look == null) "" else " after a look at ${look.name}"
        status.text = String.format(Locale.ROOT, "%d offers ranked in %.2f ms%s", page.offers.size, page.milliseconds, after)
        rows.page = page
        rows.notifyDataSetChanged()
    }

    override fun onDestroy() {
        scope.cancel() // ends a ranking that runs; close() waits for it
        shop?.close()
        model?.close()
        super.onDestroy()
    }

    private class Rows : BaseAdapter() {
        var page: Page? = null

        override fun getCount(): Int = page?.offers?.size ?: 0

        override fun getItem(position: Int): Any? = page?.offers?.get(position)

        override fun getItemId(position: Int): Long = position.toLong()

        override fun getView(position: Int, convertView: View?, parent: ViewGroup): View {
            val view = convertView as? TextView ?: TextView(parent.context).apply { setPadding(32, 20, 32, 20) }
            val page = page ?: return view
            val offer = page.offers[position]
            view.text = String.format(Locale.ROOT, "%2.0f%%   %s, %d", page.scores[position] * 100, offer.name, offer.price)
            return view
        }
    }
}
