package io.github.rnntoolkit.android

import android.content.res.AssetManager
import io.github.rnntoolkit.BundleReader

/**
 * Reads a bundle from the assets of an app.
 *
 * @param assets of the app, `context.assets`
 * @param folder in which the bundle lies, such as "sentiment" for `src/main/assets/sentiment`
 */
class AssetReader(
    private val assets: AssetManager,
    private val folder: String
) : BundleReader {
    override fun read(name: String): ByteArray = assets.open("$folder/$name").use { it.readBytes() }
}
