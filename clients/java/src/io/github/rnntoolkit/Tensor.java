package io.github.rnntoolkit;

import java.util.Arrays;
import java.util.List;

/** Numbers with a shape, the last axis running fastest; "float32" or "int32". */
public final class Tensor {
    private final float[] floats;
    private final int[] ints;
    private final int[] shape;

    private Tensor(float[] floats, int[] ints, int[] shape) {
        this.floats = floats;
        this.ints = ints;
        this.shape = shape;
        int given = floats != null ? floats.length : ints.length;
        if (product(shape, 0) != given) {
            throw new BundleException(
                    "A tensor of shape " + Arrays.toString(shape) + " cannot hold " + given
                            + " numbers. Check the adapter that runs the model.");
        }
    }

    /**
     * A tensor of 32-bit floats.
     *
     * @param data as many numbers as the shape asks for; not copied
     * @param shape the sizes of the axes, the batch first
     * @return the tensor
     * @throws BundleException the numbers do not fit the shape
     */
    public static Tensor ofFloats(float[] data, int... shape) {
        return new Tensor(data, null, shape);
    }

    /**
     * A tensor of 32-bit whole numbers.
     *
     * @param data as many numbers as the shape asks for; not copied
     * @param shape the sizes of the axes, the batch first
     * @return the tensor
     * @throws BundleException the numbers do not fit the shape
     */
    public static Tensor ofInts(int[] data, int... shape) {
        return new Tensor(null, data, shape);
    }

    /**
     * Rows of ids made equally long, padded on the right.
     *
     * @param rows ids per text; each has at least one
     * @param padId what fills the shorter rows up
     * @return [rows, time]
     */
    public static Tensor padded(List<int[]> rows, int padId) {
        int longest = 1;
        for (int[] row : rows) {
            longest = Math.max(longest, row.length);
        }
        int[] data = new int[rows.size() * longest];
        Arrays.fill(data, padId);
        for (int row = 0; row < rows.size(); row++) {
            System.arraycopy(rows.get(row), 0, data, row * longest, rows.get(row).length);
        }
        return ofInts(data, rows.size(), longest);
    }

    /**
     * The kind of number.
     *
     * @return "float32" or "int32"
     */
    public String dtype() {
        return floats != null ? "float32" : "int32";
    }

    /**
     * The sizes of the axes.
     *
     * @return a copy; empty for a single number
     */
    public int[] shape() {
        return shape.clone();
    }

    /**
     * The floats themselves, not a copy.
     *
     * @return as many as the shape asks for
     * @throws BundleException the tensor holds whole numbers
     */
    public float[] floats() {
        if (floats == null) {
            throw new BundleException("A float32 tensor was expected, but it holds int32.");
        }
        return floats;
    }

    /**
     * The whole numbers themselves, not a copy.
     *
     * @return as many as the shape asks for
     * @throws BundleException the tensor holds floats
     */
    public int[] ints() {
        if (ints == null) {
            throw new BundleException("An int32 tensor was expected, but it holds float32.");
        }
        return ints;
    }

    /**
     * Chosen rows of the first axis, in that order; a row may be chosen more than once.
     *
     * @param rows their numbers
     * @return a new tensor with as many rows
     */
    public Tensor takeRows(int[] rows) {
        int size = product(shape, 1);
        int[] taken = shape.clone();
        taken[0] = rows.length;
        Object from = floats != null ? floats : ints;
        Object to = floats != null ? new float[rows.length * size] : new int[rows.length * size];
        for (int row = 0; row < rows.length; row++) {
            System.arraycopy(from, rows[row] * size, to, row * size, size);
        }
        return floats != null ? ofFloats((float[]) to, taken) : ofInts((int[]) to, taken);
    }

    /**
     * The rows of a float32 tensor with two axes.
     *
     * @return [rows][columns], copied
     * @throws BundleException the tensor has other axes
     */
    public float[][] rowsOfFloats() {
        if (shape.length != 2) {
            throw new BundleException(
                    "A tensor with two axes was expected, but its shape is "
                            + Arrays.toString(shape) + ".");
        }
        float[][] rows = new float[shape[0]][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = Arrays.copyOfRange(floats(), row * shape[1], (row + 1) * shape[1]);
        }
        return rows;
    }

    private static int product(int[] shape, int from) {
        int product = 1;
        for (int axis = from; axis < shape.length; axis++) {
            product = Math.multiplyExact(product, shape[axis]);
        }
        return product;
    }
}
