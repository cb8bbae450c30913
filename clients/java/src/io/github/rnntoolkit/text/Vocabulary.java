package io.github.rnntoolkit.text;

import io.github.rnntoolkit.BundleException;
import io.github.rnntoolkit.json.JsonObject;
import java.util.HashMap;
import java.util.Map;

/** The tokens of a tokenizer and their ids. */
final class Vocabulary {
    /** What {@link #id} gives for a token that is not there. */
    static final int NONE = -1;

    private final Map<String, Integer> ids = new HashMap<>();
    private final String[] tokens;

    /** Reads {"token": id, ...}; BundleException unless the ids are 0, 1, 2 ... */
    Vocabulary(JsonObject given) {
        tokens = new String[given.names().size()];
        for (String token : given.names()) {
            int id = given.integer(token);
            if (id < 0 || id >= tokens.length || tokens[id] != null) {
                throw new BundleException(
                        given.where() + " must number its tokens 0 to " + (tokens.length - 1)
                                + ", but has the id " + id + ". Export the model again.");
            }
            tokens[id] = token;
            ids.put(token, id);
        }
    }

    int size() {
        return tokens.length;
    }

    int id(String token) {
        Integer id = ids.get(token);
        return id == null ? NONE : id;
    }

    /** The id of a token that must be there; BundleException where it is not. */
    int requiredId(String token, String where) {
        int id = id(token);
        if (id == NONE) {
            throw new BundleException(
                    where + " names the token \"" + token + "\", which its vocabulary does not "
                            + "have. Export the model again.");
        }
        return id;
    }

    String token(int id) {
        if (id < 0 || id >= tokens.length) {
            throw new BundleException(
                    "There is no id " + id + "; the tokenizer has " + tokens.length + " tokens.");
        }
        return tokens[id];
    }

    int longestToken() {
        int longest = 0;
        for (String token : tokens) {
            longest = Math.max(longest, token.length());
        }
        return longest;
    }

    String[] tokens() {
        return tokens.clone();
    }
}
