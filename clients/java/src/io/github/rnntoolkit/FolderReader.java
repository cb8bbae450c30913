package io.github.rnntoolkit;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;

/** Reads a bundle from a folder. */
public final class FolderReader implements BundleReader {
    private final File folder;

    /**
     * A reader of one folder.
     *
     * @param folder what `rnn-toolkit export` wrote
     */
    public FolderReader(File folder) {
        this.folder = folder;
    }

    @Override
    public byte[] read(String name) throws IOException {
        return Files.readAllBytes(new File(folder, name).toPath());
    }
}
