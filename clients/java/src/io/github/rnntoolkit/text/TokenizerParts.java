package io.github.rnntoolkit.text;

import io.github.rnntoolkit.BundleException;
import io.github.rnntoolkit.json.JsonObject;
import io.github.rnntoolkit.pattern.TokenPattern;

/** What the parts of a tokenizer.json have in common. */
final class TokenizerParts {
    private TokenizerParts() {}

    /** The pattern of a part: {"String": ...} or {"Regex": ...}. */
    static TokenPattern pattern(JsonObject part) {
        JsonObject pattern = part.object("pattern");
        if (pattern.has("String")) {
            return TokenPattern.literal(pattern.string("String"));
        }
        return TokenPattern.regularExpression(pattern.string("Regex"));
    }

    /** Refuses a part by the name of its type. */
    static BundleException unknown(JsonObject part, String type, String known) {
        return new BundleException(
                part.where() + " is of the type " + type + ", which this client does not know "
                        + "(it knows " + known + "). Use a newer client.");
    }

    /** Refuses a setting that must be off, unless it is null or false. */
    static void mustBeOff(JsonObject part, String... names) {
        for (String name : names) {
            Object value = part.value(name);
            if (value != null && !Boolean.FALSE.equals(value) && !"".equals(value)) {
                throw new BundleException(
                        part.where() + " sets " + name + ", which this client does not know. "
                                + "Use a newer client.");
            }
        }
    }
}
