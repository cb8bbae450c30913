package io.github.rnntoolkit.android

import android.content.Context
import io.github.rnntoolkit.Bundle
import io.github.rnntoolkit.BundleException
import io.github.rnntoolkit.BundleReader
import io.github.rnntoolkit.Manifest
import io.github.rnntoolkit.ModelRuntime
import io.github.rnntoolkit.RuntimeOpener
import io.github.rnntoolkit.Tensor
import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.tensorflow.lite.DataType
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.Tensor as LiteTensor

/**
 * Runs the TFLite file of a bundle with the Interpreter of LiteRT (com.google.ai.edge.litert) or
 * of TensorFlow Lite (org.tensorflow:tensorflow-lite), which have the same classes.
 *
 * Not for several threads at once.
 *
 * @param model the content of the .tflite file
 * @param threads processor threads; one is fastest for single texts
 */
class LiteRtRuntime(model: ByteArray, threads: Int = 1) : ModelRuntime {
    private val interpreter = Interpreter(direct(model), Interpreter.Options().setNumThreads(threads))

    override fun run(signature: String, inputs: Map<String, Tensor>): Map<String, Tensor> {
        // Arrays, and not buffers, since only they make the interpreter resize its inputs. The
        // outputs are read afterwards, because their sizes are known only then.
        val given = inputs.mapValues { (_, tensor) -> nested(tensor) }
        interpreter.runSignature(given, HashMap<String, Any>(), signature)
        return interpreter.getSignatureOutputs(signature).associate { name ->
            name to copy(interpreter.getOutputTensorFromSignature(name, signature))
        }
    }

    override fun close() = interpreter.close()

    companion object {
        /** Opens the one .tflite file of a bundle, which holds all its signatures. */
        @JvmStatic
        fun open(manifest: Manifest, reader: BundleReader): LiteRtRuntime {
            if (manifest.format != "tflite") {
                throw BundleException(
                    "This is a ${manifest.format} bundle, which LiteRT does not run. " +
                        "Export the model with --format tflite."
                )
            }
            return LiteRtRuntime(reader.read(manifest.signatures.values.first().file))
        }

        private fun direct(content: ByteArray): ByteBuffer {
            val buffer = ByteBuffer.allocateDirect(content.size).order(ByteOrder.nativeOrder())
            buffer.put(content)
            buffer.rewind()
            return buffer
        }

        /** An array of arrays as deep as the tensor has axes: one, two or three. */
        private fun nested(tensor: Tensor): Any {
            val shape = tensor.shape()
            return if (tensor.dtype() == "float32") {
                val data = tensor.floats()
                rows(shape) { begin, end -> data.copyOfRange(begin, end) }
            } else {
                val data = tensor.ints()
                rows(shape) { begin, end -> data.copyOfRange(begin, end) }
            }
        }

        private inline fun <reified Row : Any> rows(shape: IntArray, row: (Int, Int) -> Row): Any {
            val width = shape.last()
            return when (shape.size) {
                1 -> row(0, width)
                2 -> Array(shape[0]) { row(it * width, (it + 1) * width) }
                3 -> Array(shape[0]) { outer ->
                    Array(shape[1]) { inner ->
                        val begin = (outer * shape[1] + inner) * width
                        row(begin, begin + width)
                    }
                }
                else -> throw BundleException(
                    "A tensor with one to three axes was expected, not with ${shape.size}."
                )
            }
        }

        private fun copy(found: LiteTensor): Tensor {
            val buffer = found.asReadOnlyBuffer().order(ByteOrder.nativeOrder())
            buffer.rewind()
            return when (found.dataType()) {
                DataType.FLOAT32 -> {
                    val data = FloatArray(found.numElements())
                    buffer.asFloatBuffer().get(data)
                    Tensor.ofFloats(data, *found.shape())
                }
                DataType.INT32 -> {
                    val data = IntArray(found.numElements())
                    buffer.asIntBuffer().get(data)
                    Tensor.ofInts(data, *found.shape())
                }
                else -> throw BundleException(
                    "The model gives ${found.dataType()}, neither FLOAT32 nor INT32."
                )
            }
        }
    }
}

/**
 * Opens a TFLite bundle in the assets of an app.
 *
 * @param context of the app
 * @param folder of the assets in which the bundle lies
 * @return the bundle; close it when it is no longer used
 */
fun openLiteRtBundle(context: Context, folder: String): Bundle =
    Bundle.load(
        AssetReader(context.assets, folder),
        RuntimeOpener { manifest, reader -> LiteRtRuntime.open(manifest, reader) }
    )
