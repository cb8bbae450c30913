package io.github.rnntoolkit.android

import android.content.Context
import io.github.rnntoolkit.Bundle
import io.github.rnntoolkit.RuntimeOpener
import io.github.rnntoolkit.onnx.OnnxRuntimeModel

/**
 * Opens an ONNX bundle in the assets of an app.
 *
 * com.microsoft.onnxruntime:onnxruntime-android has the classes of the package for computers, so
 * that OnnxRuntimeModel.java serves both; copy it too.
 *
 * @param context of the app
 * @param folder of the assets in which the bundle lies
 * @return the bundle; close it when it is no longer used
 */
fun openOnnxBundle(context: Context, folder: String): Bundle =
    Bundle.load(
        AssetReader(context.assets, folder),
        RuntimeOpener { manifest, reader -> OnnxRuntimeModel.open(manifest, reader) }
    )
