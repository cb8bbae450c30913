package io.github.rnntoolkit;

import java.io.IOException;

/** Opens the model files of a bundle. */
public interface RuntimeOpener {
    /**
     * Opens the files that the signatures of a manifest name.
     *
     * @param manifest names the format, and for each signature its file and tensors
     * @param reader where the files are
     * @return the opened model
     * @throws IOException a file cannot be read
     */
    ModelRuntime open(Manifest manifest, BundleReader reader) throws IOException;
}
