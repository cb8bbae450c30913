package io.github.rnntoolkit.android

import android.app.Activity
import android.os.Bundle as SavedState
import android.text.Editable
import android.text.TextWatcher
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.TextView
import io.github.rnntoolkit.Bundle
import io.github.rnntoolkit.Classifier
import java.util.concurrent.Executors

/** An example: says whether what is typed is positive, with the bundle in `assets/sentiment`. */
class SentimentActivity : Activity() {
    // One thread for the model, which takes one call at a time; the screen never waits for it.
    private val worker = Executors.newSingleThreadExecutor()
    private var bundle: Bundle? = null
    private var classifier: Classifier? = null

    override fun onCreate(savedState: SavedState?) {
        super.onCreate(savedState)
        val answer = TextView(this)
        val input = EditText(this)
        input.addTextChangedListener(object : TextWatcher {
            override fun beforeTextChanged(text: CharSequence?, at: Int, old: Int, new: Int) = Unit

            override fun onTextChanged(text: CharSequence?, at: Int, old: Int, new: Int) = Unit

            override fun afterTextChanged(text: Editable?) = show(text.toString(), answer)
        })
        setContentView(LinearLayout(this).apply {
            orientation = LinearLayout.VERTICAL
            addView(input)
            addView(answer)
        })
        worker.execute {
            bundle = openLiteRtBundle(this, "sentiment")
            classifier = bundle?.classifier()
        }
    }

    private fun show(text: String, answer: TextView) {
        worker.execute {
            val found = classifier?.predict(text) ?: return@execute
            val line = "%s: %.0f %%".format(found.label, 100 * found.probability)
            runOnUiThread { answer.text = line }
        }
    }

    override fun onDestroy() {
        worker.execute { bundle?.close() }
        worker.shutdown()
        super.onDestroy()
    }
}
