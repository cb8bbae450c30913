package io.github.rnntoolkit;

import java.util.Map;

/** An opened model, whatever runs it: the one thing that an app hands in. */
public interface ModelRuntime extends AutoCloseable {
    /**
     * Calls a signature of the model.
     *
     * @param signature its name in the manifest, such as "predict" or "step"
     * @param inputs all its input tensors, by name
     * @return all its output tensors, by name; they stay valid after the next call
     */
    Map<String, Tensor> run(String signature, Map<String, Tensor> inputs);

    /** Frees what the model holds; nothing by default. */
    @Override
    default void close() {}
}
