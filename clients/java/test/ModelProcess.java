import io.github.rnntoolkit.BundleException;
import io.github.rnntoolkit.ModelRuntime;
import io.github.rnntoolkit.Tensor;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs ONNX files in a Python process (model_process.py), where no runtime for the JVM is. */
final class ModelProcess implements ModelRuntime {
    private static final int FLOATS = 0;
    private static final int INTS = 1;

    private final Process process;
    private final DataOutputStream calls;
    private final DataInputStream answers;

    /** Starts a process, such as "python", "model_process.py", "FOLDER". */
    ModelProcess(String... command) throws IOException {
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        calls = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        answers = new DataInputStream(new BufferedInputStream(process.getInputStream()));
    }

    @Override
    public Map<String, Tensor> run(String signature, Map<String, Tensor> inputs) {
        try {
            writeName(signature);
            calls.writeInt(inputs.size());
            for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
                writeName(input.getKey());
                write(input.getValue());
            }
            calls.flush();
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            int count = answers.readInt();
            for (int number = 0; number < count; number++) {
                byte[] name = new byte[answers.readInt()];
                answers.readFully(name);
                outputs.put(new String(name, StandardCharsets.UTF_8), read());
            }
            return outputs;
        } catch (IOException error) {
            throw new BundleException("The process that runs the model has ended.", error);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }

    private void writeName(String name) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        calls.writeInt(bytes.length);
        calls.write(bytes);
    }

    private void write(Tensor tensor) throws IOException {
        boolean floats = tensor.dtype().equals("float32");
        calls.writeInt(floats ? FLOATS : INTS);
        calls.writeInt(tensor.shape().length);
        for (int size : tensor.shape()) {
            calls.writeInt(size);
        }
        if (floats) {
            for (float value : tensor.floats()) {
                calls.writeFloat(value);
            }
        } else {
            for (int value : tensor.ints()) {
                calls.writeInt(value);
            }
        }
    }

    private Tensor read() throws IOException {
        int kind = answers.readInt();
        int[] shape = new int[answers.readInt()];
        int size = 1;
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = answers.readInt();
            size *= shape[axis];
        }
        if (kind == INTS) {
            int[] ints = new int[size];
            for (int place = 0; place < size; place++) {
                ints[place] = answers.readInt();
            }
            return Tensor.ofInts(ints, shape);
        }
        float[] floats = new float[size];
        for (int place = 0; place < size; place++) {
            floats[place] = answers.readFloat();
        }
        return Tensor.ofFloats(floats, shape);
    }
}
