package io.github.rnntoolkit.text;

import java.util.Arrays;

/** A growing list of ids, without an object for each. */
final class IdList {
    private int[] ids = new int[64];
    private int size;

    void add(int id) {
        room(1);
        ids[size++] = id;
    }

    void addAll(int[] more) {
        room(more.length);
        System.arraycopy(more, 0, ids, size, more.length);
        size += more.length;
    }

    int size() {
        return size;
    }

    /** Takes back all ids behind the first ones. */
    void cutTo(int length) {
        size = length;
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }

    private void room(int more) {
        if (size + more > ids.length) {
            ids = Arrays.copyOf(ids, Math.max(2 * ids.length, size + more));
        }
    }
}
