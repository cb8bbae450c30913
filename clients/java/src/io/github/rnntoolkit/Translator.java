package io.github.rnntoolkit;

import io.github.rnntoolkit.decoding.Ended;
import io.github.rnntoolkit.decoding.EncoderDecoder;
import io.github.rnntoolkit.decoding.Hypothesis;
import io.github.rnntoolkit.decoding.TranslationSearch;
import io.github.rnntoolkit.json.JsonObject;
import io.github.rnntoolkit.text.GenerationTokenizer;
import io.github.rnntoolkit.text.SideTokenizers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Texts in, translations out.
 *
 * <p>The unknown id is never written: Python can put a source word in its place for targets of
 * whole words (replace_unknown), which this client does not do.
 */
public final class Translator {
    private final SideTokenizers tokenizers;
    private final EncoderDecoder model;
    private final JsonObject defaults;
    private final int vocabularySize;
    private final int beginId;
    private final int endId;
    private final int[] never;

    private Translator(Bundle bundle) {
        JsonObject values = bundle.manifest().values;
        JsonObject source = values.object("source_tokenizer");
        JsonObject target = values.object("tokenizer");
        tokenizers = new SideTokenizers(
                bundle.tokenizer(source.string("file")),
                new GenerationTokenizer(
                        bundle.tokenizer(target.string("file")), "", target.flag("byte_level")),
                values.flag("shared_vocabulary"),
                source.flag("leading_space"),
                source.integer("maximum_length"));
        model = new BundleEncoderDecoder(
                bundle.model(), values.objects("states"), values.strings("passed_on"));
        defaults = values.object("decoding");
        vocabularySize = values.integer("vocabulary_size");
        beginId = target.integer("begin_id");
        endId = target.integer("end_id");
        never = values.integers("never");
    }

    static Translator of(Bundle bundle) {
        return new Translator(bundle);
    }

    /**
     * Translates as the bundle's manifest says.
     *
     * @param text any text; it is read as one line, and an empty one has an empty translation
     * @return the best translation
     */
    public Translation translate(String text) {
        return translate(text, new TranslationOptions());
    }

    /**
     * Translates.
     *
     * @param text any text; it is read as one line, and an empty one has an empty translation
     * @param options how to search
     * @return the translations, best first
     * @throws OptionException options contradict each other
     */
    public Translation translate(String text, TranslationOptions options) {
        TranslationSearch search = new TranslationSearch(
                options.settings(defaults), vocabularySize, beginId, endId, never);
        SideTokenizers.Source source = tokenizers.encodeSource(text);
        if (source.ids.length == 0) {
            Translation.Candidate nothing =
                    new Translation.Candidate("", source.ids, 0, 0, Ended.END_MARK);
            return new Translation(Collections.singletonList(nothing), false);
        }
        int bound = options.bound(defaults, source.ids.length);
        List<Translation.Candidate> candidates = new ArrayList<>();
        for (Hypothesis found : search.search(model, source.ids, bound)) {
            String target = tokenizers.decodeTarget(found.ids, found.ended == Ended.END_MARK);
            candidates.add(new Translation.Candidate(
                    target, found.ids, found.score, found.logProbability, found.ended));
        }
        return new Translation(candidates, source.cut);
    }

    /**
     * The tokenizers of both sides.
     *
     * @return the tokenizers
     */
    public SideTokenizers tokenizers() {
        return tokenizers;
    }

    /**
     * The model, for those who decode themselves.
     *
     * @return its steps
     */
    public EncoderDecoder model() {
        return model;
    }
}
