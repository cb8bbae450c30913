package io.github.rnntoolkit.text;

import java.util.Arrays;

/** The two tokenizers of a translation: source texts to ids, and target ids to text. */
public final class SideTokenizers {
    private static final int[] NOTHING = {};

    private final TokenizerPipeline source;
    private final GenerationTokenizer target;
    private final boolean shared;
    private final boolean leadingSpace;
    private final int maximumLength;

    /**
     * The tokenizers of a bundle.
     *
     * @param source of the source texts
     * @param target of the translations
     * @param shared whether both sides have one vocabulary
     * @param leadingSpace whether a source text gets a space before it, so that its first word
     *     looks like every other (only where the vocabulary is shared)
     * @param maximumLength source ids that are read; what follows is cut off
     */
    public SideTokenizers(
            TokenizerPipeline source,
            GenerationTokenizer target,
            boolean shared,
            boolean leadingSpace,
            int maximumLength) {
        this.source = source;
        this.target = target;
        this.shared = shared;
        this.leadingSpace = leadingSpace;
        this.maximumLength = maximumLength;
    }

    /** What the model reads of a source text. */
    public static final class Source {
        /** The ids; none for a text that holds nothing. */
        public final int[] ids;
        /** Whether the text was longer than the model reads. */
        public final boolean cut;

        private Source(int[] ids, boolean cut) {
            this.ids = ids;
            this.cut = cut;
        }
    }

    /**
     * The ids of a source text, tidied to one line as the training texts were.
     *
     * @param text any text
     * @return its ids
     */
    public Source encodeSource(String text) {
        String line = PlainText.plainLine(text);
        String opened = leadingSpace ? " " + line : line;
        int[] ids = source.encode(shared ? PlainText.prepared(opened) : opened);
        if (line.isEmpty() || ids.length == 0) {
            return new Source(NOTHING, false);
        }
        boolean cut = ids.length > maximumLength;
        return new Source(cut ? Arrays.copyOf(ids, maximumLength) : ids, cut);
    }

    /**
     * The text of target ids; special ids give nothing.
     *
     * @param ids of the target
     * @param complete whether an end mark ended them; otherwise half a character at the end is
     *     dropped
     * @return the text without white space at its ends
     */
    public String decodeTarget(int[] ids, boolean complete) {
        String text = target.decode(ids);
        return PlainText.strip(complete ? text : PlainText.withoutHalfCharacterAtEnd(text));
    }

    /**
     * The tokenizer of the target.
     *
     * @return the tokenizer
     */
    public GenerationTokenizer target() {
        return target;
    }
}
