package io.github.rnntoolkit;

import io.github.rnntoolkit.decoding.States;
import io.github.rnntoolkit.decoding.StepModel;
import io.github.rnntoolkit.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The signatures "prefill" and "step" of a language model, behind the interface of decoding. */
final class BundleSteps implements StepModel {
    private final ModelRuntime model;
    private final List<JsonObject> states;

    BundleSteps(ModelRuntime model, List<JsonObject> states) {
        this.model = model;
        this.states = states;
    }

    @Override
    public Answer prefill(int[] ids) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("ids", Tensor.ofInts(ids, 1, ids.length));
        inputs.put("length", Tensor.ofInts(new int[] {ids.length}, 1));
        return answer("prefill", inputs);
    }

    @Override
    public Answer step(int[] ids, States before) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(before.tensors());
        inputs.put("ids", Tensor.ofInts(ids, ids.length));
        return answer("step", inputs);
    }

    private Answer answer(String signature, Map<String, Tensor> inputs) {
        Map<String, Tensor> outputs = model.run(signature, inputs);
        Map<String, Tensor> after = new LinkedHashMap<>();
        for (JsonObject state : states) {
            Tensor tensor = NamedTensors.get(outputs, state.string("output"), signature);
            after.put(state.string("input"), tensor);
        }
        Tensor logits = NamedTensors.get(outputs, "logits", signature);
        return new Answer(logits.rowsOfFloats(), new States(after));
    }
}
