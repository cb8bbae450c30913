package io.github.rnntoolkit.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.rnntoolkit.BundleException;
import io.github.rnntoolkit.BundleReader;
import io.github.rnntoolkit.Manifest;
import io.github.rnntoolkit.ModelRuntime;
import io.github.rnntoolkit.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Runs the ONNX files of a bundle with ONNX Runtime: the package
 * com.microsoft.onnxruntime:onnxruntime on a computer, onnxruntime-android on a phone.
 *
 * <p>Use it as {@code Bundle.load(reader, OnnxRuntimeModel::open)}. Not for several threads at
 * once.
 */
public final class OnnxRuntimeModel implements ModelRuntime {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final Map<String, OrtSession> sessions = new HashMap<>();

    private OnnxRuntimeModel() {}

    /**
     * Opens the files of a bundle.
     *
     * @param manifest names the file of each signature
     * @param reader where the files are
     * @return the opened model
     * @throws IOException a file cannot be read
     * @throws BundleException the bundle is no ONNX bundle, or a file is damaged
     */
    public static OnnxRuntimeModel open(Manifest manifest, BundleReader reader)
            throws IOException {
        if (!manifest.format.equals("onnx")) {
            throw new BundleException(
                    "This is a " + manifest.format + " bundle, which ONNX Runtime does not run. "
                            + "Export the model with --format onnx.");
        }
        OnnxRuntimeModel model = new OnnxRuntimeModel();
        try {
            for (String signature : manifest.signatures.keySet()) {
                String file = manifest.file(signature);
                model.add(signature, file, reader.read(file));
            }
        } catch (IOException | RuntimeException error) {
            model.close(); // the files before this one
            throw error;
        }
        return model;
    }

    @Override
    public Map<String, Tensor> run(String signature, Map<String, Tensor> inputs) {
        OrtSession session = sessions.get(signature);
        if (session == null) {
            throw new BundleException(
                    "There is no ONNX file for the signature \"" + signature
                            + "\". Export the model again.");
        }
        Map<String, OnnxTensor> given = new HashMap<>();
        try {
            for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
                given.put(input.getKey(), tensor(input.getValue()));
            }
            try (OrtSession.Result result = session.run(given)) {
                Map<String, Tensor> outputs = new LinkedHashMap<>();
                for (Map.Entry<String, OnnxValue> output : result) {
                    outputs.put(output.getKey(), copy((OnnxTensor) output.getValue()));
                }
                return outputs;
            }
        } catch (OrtException error) {
            throw new BundleException(
                    "ONNX Runtime cannot run \"" + signature + "\" (" + error.getMessage()
                            + "). Export the model again.", error);
        } finally {
            for (OnnxTensor tensor : given.values()) {
                tensor.close();
            }
        }
    }

    @Override
    public void close() {
        try {
            for (OrtSession session : sessions.values()) {
                session.close();
            }
        } catch (OrtException error) {
            throw new BundleException("ONNX Runtime cannot close the model.", error);
        }
    }

    private void add(String signature, String file, byte[] bytes) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1); // fastest for single texts
            options.setInterOpNumThreads(1);
            sessions.put(signature, environment.createSession(bytes, options));
        } catch (OrtException error) {
            throw new BundleException(
                    file + " cannot be loaded by ONNX Runtime (" + error.getMessage()
                            + "). Copy the bundle again.", error);
        }
    }

    private OnnxTensor tensor(Tensor given) throws OrtException {
        int[] sizes = given.shape();
        long[] shape = new long[sizes.length];
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = sizes[axis];
        }
        return given.dtype().equals("float32")
                ? OnnxTensor.createTensor(environment, FloatBuffer.wrap(given.floats()), shape)
                : OnnxTensor.createTensor(environment, IntBuffer.wrap(given.ints()), shape);
    }

    private static Tensor copy(OnnxTensor found) {
        long[] sizes = found.getInfo().getShape();
        int[] shape = new int[sizes.length];
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = (int) sizes[axis];
        }
        FloatBuffer floats = found.getFloatBuffer(); // null for another kind of number
        if (floats != null) {
            float[] data = new float[floats.remaining()];
            floats.get(data);
            return Tensor.ofFloats(data, shape);
        }
        IntBuffer ints = found.getIntBuffer();
        if (ints == null) {
            throw new BundleException(
                    "The model gives " + found.getInfo() + ", neither float32 nor int32.");
        }
        int[] data = new int[ints.remaining()];
        ints.get(data);
        return Tensor.ofInts(data, shape);
    }
}
