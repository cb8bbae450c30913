package io.github.rnntoolkit;

import io.github.rnntoolkit.json.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a language model reads before it writes. */
final class GenerationContext {
    private final int[] before;
    private final int[] empty;
    private final Map<String, Integer> conditions = new LinkedHashMap<>();

    /** Reads "prompt" and the conditions of a manifest. */
    GenerationContext(JsonObject manifest) {
        JsonObject prompt = manifest.object("prompt");
        before = prompt.integers("before");
        empty = prompt.integers("empty");
        JsonObject labels = manifest.object("tokenizer").object("conditions");
        for (String label : labels.names()) {
            conditions.put(label, labels.integer(label));
        }
    }

    int[] conditionIds() {
        int[] ids = new int[conditions.size()];
        int used = 0;
        for (int id : conditions.values()) {
            ids[used++] = id;
        }
        return ids;
    }

    /** The ids before the new ones: begin, a label where there are some, the prompt. */
    int[] before(int[] prompt, String condition) {
        int[] first = before.clone();
        if (condition != null) {
            first[first.length - 1] = id(condition);
        }
        int[] rest = first.length == 0 && prompt.length == 0 ? empty : prompt;
        int[] all = Arrays.copyOf(first, first.length + rest.length);
        System.arraycopy(rest, 0, all, first.length, rest.length);
        return all;
    }

    private int id(String condition) {
        if (conditions.isEmpty()) {
            throw new OptionException(
                    "This model was trained without a condition. Leave it out.");
        }
        Integer id = conditions.get(condition);
        if (id == null) {
            throw new OptionException(
                    "There is no condition \"" + condition + "\". Choose from: "
                            + String.join(", ", conditions.keySet()) + ".");
        }
        return id;
    }
}
