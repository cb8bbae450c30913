package io.github.rnntoolkit.decoding;

import io.github.rnntoolkit.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a model remembers, by name; the first axis of every tensor is the batch. */
public final class States {
    private final Map<String, Tensor> tensors;

    /**
     * States of some rows.
     *
     * @param tensors by name; not to be changed afterwards
     */
    public States(Map<String, Tensor> tensors) {
        this.tensors = tensors;
    }

    /**
     * The tensors.
     *
     * @return by name; not to be changed
     */
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /**
     * The states of chosen rows, in that order.
     *
     * @param rows their numbers; one may come more than once
     * @return new states
     */
    public States take(int[] rows) {
        Map<String, Tensor> taken = new LinkedHashMap<>();
        for (Map.Entry<String, Tensor> each : tensors.entrySet()) {
            taken.put(each.getKey(), each.getValue().takeRows(rows));
        }
        return new States(taken);
    }
}
