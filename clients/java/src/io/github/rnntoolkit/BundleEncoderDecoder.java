package io.github.rnntoolkit;

import io.github.rnntoolkit.decoding.EncoderDecoder;
import io.github.rnntoolkit.decoding.States;
import io.github.rnntoolkit.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The signatures "encode" and "decode_step", behind the interface of decoding. */
final class BundleEncoderDecoder implements EncoderDecoder {
    private static final String ENCODE = "encode";
    private static final String STEP = "decode_step";

    private final ModelRuntime model;
    private final List<JsonObject> states;
    private final List<String> passedOn;

    BundleEncoderDecoder(ModelRuntime model, List<JsonObject> states, List<String> passedOn) {
        this.model = model;
        this.states = states;
        this.passedOn = passedOn;
    }

    @Override
    public Encoded encode(int[] ids) {
        Tensor source = Tensor.ofInts(ids, 1, ids.length);
        Tensor length = Tensor.ofInts(new int[] {ids.length}, 1);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("ids", source);
        inputs.put("length", length);
        Map<String, Tensor> outputs = model.run(ENCODE, inputs);
        Map<String, Tensor> known = new LinkedHashMap<>(outputs);
        known.put("length", length);
        known.put("source_ids", source);
        Map<String, Tensor> fixed = new LinkedHashMap<>();
        for (String name : passedOn) {
            fixed.put(name, NamedTensors.get(known, name, ENCODE));
        }
        return new Encoded(new States(fixed), after(outputs, ENCODE));
    }

    @Override
    public Answer step(int[] ids, States fixed, States before) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(fixed.tensors());
        inputs.putAll(before.tensors());
        inputs.put("id", Tensor.ofInts(ids, ids.length));
        Map<String, Tensor> outputs = model.run(STEP, inputs);
        return new Answer(
                NamedTensors.get(outputs, "logits", STEP).rowsOfFloats(),
                NamedTensors.get(outputs, "attention", STEP).rowsOfFloats(),
                after(outputs, STEP));
    }

    private States after(Map<String, Tensor> outputs, String signature) {
        Map<String, Tensor> found = new LinkedHashMap<>();
        for (JsonObject state : states) {
            Tensor tensor = NamedTensors.get(outputs, state.string("output"), signature);
            found.put(state.string("input"), tensor);
        }
        return new States(found);
    }
}
