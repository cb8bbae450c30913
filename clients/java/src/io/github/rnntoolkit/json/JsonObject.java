package io.github.rnntoolkit.json;

import io.github.rnntoolkit.BundleException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The values of a JSON object by name, each checked to be of the kind that is asked for. */
public final class JsonObject {
    private final String where;
    private final Map<String, Object> values;

    private JsonObject(String where, Map<String, Object> values) {
        this.where = where;
        this.values = values;
    }

    /**
     * An object out of what {@link JsonReader} gave.
     *
     * @param where where the value stands, for error messages, such as "manifest.json"
     * @param value the value
     * @return the object
     * @throws BundleException the value is no object
     */
    @SuppressWarnings("unchecked") // the reader gives no other maps
    public static JsonObject of(String where, Object value) {
        if (!(value instanceof Map)) {
            throw wrong(where, "an object", value);
        }
        return new JsonObject(where, (Map<String, Object>) value);
    }

    /**
     * Where the object stands.
     *
     * @return such as "tokenizer.json: normalizer"
     */
    public String where() {
        return where;
    }

    /**
     * The names in the object.
     *
     * @return in the order of the file
     */
    public Set<String> names() {
        return values.keySet();
    }

    /**
     * Whether a value is there and is not null.
     *
     * @param name of the value
     * @return whether it is
     */
    public boolean has(String name) {
        return values.get(name) != null;
    }

    /**
     * A value of any kind.
     *
     * @param name of the value
     * @return the value; null where there is none
     */
    public Object value(String name) {
        return values.get(name);
    }

    /**
     * A string.
     *
     * @param name of the value
     * @return the string
     * @throws BundleException there is none of this name
     */
    public String string(String name) {
        return as(String.class, name, values.get(name), "a string");
    }

    /**
     * A truth value.
     *
     * @param name of the value
     * @return the value
     * @throws BundleException there is none of this name
     */
    public boolean flag(String name) {
        return as(Boolean.class, name, values.get(name), "true or false");
    }

    /**
     * A truth value, where one may be left out.
     *
     * @param name of the value
     * @param otherwise what holds where it is missing or null
     * @return the value
     * @throws BundleException something else has this name
     */
    public boolean flag(String name, boolean otherwise) {
        return has(name) ? flag(name) : otherwise;
    }

    /**
     * A whole number.
     *
     * @param name of the value
     * @return the number
     * @throws BundleException there is none of this name, or it exceeds 32 bits
     */
    public int integer(String name) {
        return integer(place(name), values.get(name));
    }

    /**
     * A number.
     *
     * @param name of the value
     * @return the number
     * @throws BundleException there is none of this name
     */
    public double number(String name) {
        return as(Number.class, name, values.get(name), "a number").doubleValue();
    }

    /**
     * An object.
     *
     * @param name of the value
     * @return the object
     * @throws BundleException there is none of this name
     */
    public JsonObject object(String name) {
        return of(place(name), values.get(name));
    }

    /**
     * A list of anything.
     *
     * @param name of the value
     * @return the list
     * @throws BundleException there is none of this name
     */
    @SuppressWarnings("unchecked") // the reader gives no other lists
    public List<Object> list(String name) {
        return (List<Object>) as(List.class, name, values.get(name), "a list");
    }

    /**
     * A list of objects.
     *
     * @param name of the value
     * @return the objects
     * @throws BundleException there is no such list
     */
    public List<JsonObject> objects(String name) {
        List<JsonObject> found = new ArrayList<>();
        for (Object each : list(name)) {
            found.add(of(place(name) + "[" + found.size() + "]", each));
        }
        return found;
    }

    /**
     * A list of strings.
     *
     * @param name of the value
     * @return the strings
     * @throws BundleException there is no such list
     */
    public List<String> strings(String name) {
        List<String> found = new ArrayList<>();
        for (Object each : list(name)) {
            found.add(as(String.class, name + "[" + found.size() + "]", each, "a string"));
        }
        return found;
    }

    /**
     * A list of whole numbers.
     *
     * @param name of the value
     * @return the numbers
     * @throws BundleException there is no such list
     */
    public int[] integers(String name) {
        List<Object> given = list(name);
        int[] found = new int[given.size()];
        for (int index = 0; index < found.length; index++) {
            found[index] = integer(place(name) + "[" + index + "]", given.get(index));
        }
        return found;
    }

    /**
     * A list of numbers.
     *
     * @param name of the value
     * @return the numbers
     * @throws BundleException there is no such list
     */
    public double[] numbers(String name) {
        List<Object> given = list(name);
        double[] found = new double[given.size()];
        for (int index = 0; index < found.length; index++) {
            found[index] = as(Number.class, name + "[" + index + "]", given.get(index), "a number")
                    .doubleValue();
        }
        return found;
    }

    private String place(String name) {
        return where + (where.contains(": ") ? "." : ": ") + name;
    }

    private <T> T as(Class<T> kind, String name, Object value, String words) {
        if (!kind.isInstance(value)) {
            throw wrong(place(name), words, value);
        }
        return kind.cast(value);
    }

    private static int integer(String where, Object value) {
        if (!(value instanceof Long) || (Long) value != ((Long) value).intValue()) {
            throw wrong(where, "a whole number of 32 bits", value);
        }
        return ((Long) value).intValue();
    }

    private static BundleException wrong(String where, String expected, Object found) {
        String shown = found == null ? "missing" : String.valueOf(found);
        if (shown.length() > 60) {
            shown = shown.substring(0, 60) + "...";
        }
        return new BundleException(
                where + " must be " + expected + ", but is " + shown
                        + ". Export the model again with a version that fits this client.");
    }
}
