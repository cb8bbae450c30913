package io.github.rnntoolkit;

import io.github.rnntoolkit.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A function of a model file, its tensors addressed by name. */
public final class Signature {
    /** The file that holds it, relative to the bundle. */
    public final String file;
    /** The tensors to give. */
    public final List<TensorSpec> inputs;
    /** The tensors that come back. */
    public final List<TensorSpec> outputs;

    Signature(String file, JsonObject given) {
        this.file = file;
        this.inputs = specs(given.objects("inputs"));
        this.outputs = specs(given.objects("outputs"));
    }

    private static List<TensorSpec> specs(List<JsonObject> given) {
        List<TensorSpec> specs = new ArrayList<>();
        for (JsonObject each : given) {
            specs.add(new TensorSpec(each));
        }
        return Collections.unmodifiableList(specs);
    }

    /** The name, the kind of number and the axes of a tensor. */
    public static final class TensorSpec {
        /** By which it is given and found. */
        public final String name;
        /** "float32" or "int32". */
        public final String dtype;
        /** The sizes of the axes, -1 for one that may have any. */
        private final int[] shape;

        private TensorSpec(JsonObject given) {
            name = given.string("name");
            dtype = given.string("dtype");
            List<Object> sizes = given.list("shape");
            shape = new int[sizes.size()];
            for (int axis = 0; axis < shape.length; axis++) {
                Object size = sizes.get(axis);
                shape[axis] = size instanceof Long ? ((Long) size).intValue() : -1;
            }
        }

        /**
         * The sizes of the axes.
         *
         * @return a copy; -1 for an axis that may have any size
         */
        public int[] shape() {
            return shape.clone();
        }
    }
}
