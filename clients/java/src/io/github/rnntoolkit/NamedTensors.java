package io.github.rnntoolkit;

import java.util.Map;

/** Finds a tensor among what a model answered. */
final class NamedTensors {
    private NamedTensors() {}

    /** The tensor of a name; BundleException where the model gave none. */
    static Tensor get(Map<String, Tensor> tensors, String name, String signature) {
        Tensor found = tensors.get(name);
        if (found == null) {
            throw new BundleException(
                    "The signature \"" + signature + "\" gave no tensor \"" + name
                            + "\". Check that the adapter returns all outputs by name.");
        }
        return found;
    }
}
