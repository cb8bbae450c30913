package io.github.rnntoolkit;

import io.github.rnntoolkit.text.TokenizerPipeline;
import java.io.IOException;

/**
 * A bundle, opened: the one thing an app begins with.
 *
 * <p>A bundle answers one call at a time; give each thread its own, or take turns.
 */
public final class Bundle implements AutoCloseable {
    private final Manifest manifest;
    private final BundleReader reader;
    private final ModelRuntime model;

    private Bundle(Manifest manifest, BundleReader reader, ModelRuntime model) {
        this.manifest = manifest;
        this.reader = reader;
        this.model = model;
    }

    /**
     * Opens a bundle.
     *
     * @param reader where its files are
     * @param opener opens the model files in a runtime
     * @return the bundle; close it when it is no longer used
     * @throws BundleException the bundle is damaged, incomplete, or too new for this client
     */
    public static Bundle load(BundleReader reader, RuntimeOpener opener) {
        Manifest manifest = Manifest.read(reader);
        try {
            return new Bundle(manifest, reader, opener.open(manifest, reader));
        } catch (IOException error) {
            throw new BundleException(
                    "The model of the bundle cannot be read (" + error.getMessage()
                            + "). Copy all files of the bundle.", error);
        }
    }

    /**
     * What the bundle holds.
     *
     * @return its manifest
     */
    public Manifest manifest() {
        return manifest;
    }

    /**
     * What the bundle is for.
     *
     * @return "sentiment", "generation" or "translation"
     */
    public String task() {
        return manifest.task;
    }

    /**
     * The answers of a sentiment bundle.
     *
     * @return a classifier
     * @throws BundleException the bundle is of another task, or a file is damaged or missing
     */
    public Classifier classifier() {
        mustBe("sentiment");
        return Classifier.of(this);
    }

    /**
     * The answers of a generation bundle.
     *
     * @return a writer of texts
     * @throws BundleException the bundle is of another task, or a file is damaged or missing
     */
    public TextGenerator generator() {
        mustBe("generation");
        return TextGenerator.of(this);
    }

    /**
     * The answers of a translation bundle.
     *
     * @return a translator
     * @throws BundleException the bundle is of another task, or a file is damaged or missing
     */
    public Translator translator() {
        mustBe("translation");
        return Translator.of(this);
    }

    /** Frees the model. */
    @Override
    public void close() {
        model.close();
    }

    ModelRuntime model() {
        return model;
    }

    TokenizerPipeline tokenizer(String name) {
        return new TokenizerPipeline(name, Manifest.file(reader, name));
    }

    private void mustBe(String task) {
        if (!manifest.task.equals(task)) {
            throw new BundleException(
                    "This is a " + manifest.task + " bundle, not one for " + task
                            + ". Load another bundle, or ask this one for its own task.");
        }
    }
}
