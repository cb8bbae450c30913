package io.github.rnntoolkit;

import java.io.IOException;

/** Reads the files of a bundle, wherever they are: a folder, an app's assets, an archive. */
public interface BundleReader {
    /**
     * The content of one file.
     *
     * @param name relative to the bundle, with forward slashes, such as "manifest.json"
     * @return all its bytes
     * @throws IOException there is no such file, or it cannot be read
     */
    byte[] read(String name) throws IOException;
}
