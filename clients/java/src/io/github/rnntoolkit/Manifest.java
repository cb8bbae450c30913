package io.github.rnntoolkit;

import io.github.rnntoolkit.json.JsonObject;
import io.github.rnntoolkit.json.JsonReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** manifest.json: what a bundle holds and how to call it. */
public final class Manifest {
    /** The name of the file. */
    public static final String NAME = "manifest.json";

    private static final int NEWEST = 2;
    private static final List<String> TASKS =
            Collections.unmodifiableList(Arrays.asList("sentiment", "generation", "translation"));

    /** "sentiment", "generation" or "translation". */
    public final String task;
    /** The kind of model file, such as "tflite" or "onnx". */
    public final String format;
    /** The functions of the model files, by name. */
    public final Map<String, Signature> signatures;
    /** All values of the file. */
    public final JsonObject values;

    private Manifest(JsonObject values) {
        int version = values.integer("format_version");
        task = values.string("task");
        if (version > NEWEST || version < 1 || !TASKS.contains(task)) {
            throw new BundleException(
                    NAME + " has format version " + version + " and the task \"" + task
                            + "\"; this client reads up to version " + NEWEST + " and the tasks "
                            + String.join(", ", TASKS) + ". Use a newer client.");
        }
        this.values = values;
        format = values.string("format");
        Map<String, Signature> found = new LinkedHashMap<>();
        JsonObject given = values.object("signatures");
        for (String name : given.names()) {
            JsonObject signature = given.object(name);
            // Version 1 named one file for the whole bundle.
            String file = version == 1 ? values.string("model_file") : signature.string("file");
            found.put(name, new Signature(file, signature));
        }
        signatures = Collections.unmodifiableMap(found);
    }

    /**
     * Reads the manifest of a bundle.
     *
     * @param reader where the files of the bundle are
     * @return the manifest
     * @throws BundleException there is none, it is damaged, or it is too new for this client
     */
    public static Manifest read(BundleReader reader) {
        return new Manifest(JsonObject.of(NAME, JsonReader.read(NAME, file(reader, NAME))));
    }

    /**
     * The file of a signature.
     *
     * @param signature its name
     * @return its file, relative to the bundle
     * @throws BundleException the bundle has no such signature
     */
    public String file(String signature) {
        Signature found = signatures.get(signature);
        if (found == null) {
            throw new BundleException(
                    NAME + " has no signature \"" + signature + "\". Export the model again.");
        }
        return found.file;
    }

    /** One file of a bundle; BundleException where it is missing. */
    static byte[] file(BundleReader reader, String name) {
        try {
            return reader.read(name);
        } catch (IOException error) {
            throw new BundleException(
                    "The bundle has no readable file " + name + " (" + error.getMessage()
                            + "). Copy all files of the bundle.", error);
        }
    }
}
