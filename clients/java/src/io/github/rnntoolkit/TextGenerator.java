package io.github.rnntoolkit;

import io.github.rnntoolkit.decoding.BeamSearch;
import io.github.rnntoolkit.decoding.Ended;
import io.github.rnntoolkit.decoding.GrowingText;
import io.github.rnntoolkit.decoding.Hypothesis;
import io.github.rnntoolkit.decoding.Rules;
import io.github.rnntoolkit.decoding.Sampler;
import io.github.rnntoolkit.decoding.SamplingSettings;
import io.github.rnntoolkit.decoding.StepModel;
import io.github.rnntoolkit.decoding.StopStrings;
import io.github.rnntoolkit.json.JsonObject;
import io.github.rnntoolkit.text.GenerationTokenizer;
import io.github.rnntoolkit.text.PlainText;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Prompts in, texts out. */
public final class TextGenerator {
    // A decoder looks back no further than this many ids to join a new one.
    private static final int JOINING_IDS = 16;

    private final GenerationTokenizer tokenizer;
    private final StepModel model;
    private final GenerationContext context;
    private final JsonObject defaults;
    private final int vocabularySize;
    private final Integer endId;
    private final int[] never;

    private TextGenerator(Bundle bundle) {
        JsonObject values = bundle.manifest().values;
        JsonObject spec = values.object("tokenizer");
        context = new GenerationContext(values);
        tokenizer = new GenerationTokenizer(
                bundle.tokenizer(spec.string("file")),
                spec.string("joins"),
                spec.flag("byte_level"),
                context.conditionIds());
        model = new BundleSteps(bundle.model(), values.objects("states"));
        defaults = values.object("decoding");
        vocabularySize = values.integer("vocabulary_size");
        JsonObject stop = values.object("stop");
        endId = stop.has("end_id") ? (Integer) stop.integer("end_id") : null;
        never = stop.integers("never");
    }

    static TextGenerator of(Bundle bundle) {
        return new TextGenerator(bundle);
    }

    /** Is told the text while it is made. */
    public interface Listener {
        /**
         * More of the text.
         *
         * @param piece whole characters that will not change any more
         */
        void piece(String piece);
    }

    /**
     * Goes on with a prompt.
     *
     * @param prompt what the text begins with; may be empty
     * @param options how to write
     * @return one text; the best one of a beam search
     * @throws OptionException options contradict each other
     */
    public GeneratedText generate(String prompt, GenerationOptions options) {
        return write(prompt, options).get(0);
    }

    /**
     * Goes on with a prompt and tells the new text piece by piece.
     *
     * @param prompt what the text begins with; may be empty
     * @param options how to write; a beam search gives its text in one piece
     * @param listener told each piece; joined they are the text
     * @return the whole text
     * @throws OptionException options contradict each other
     */
    public GeneratedText stream(String prompt, GenerationOptions options, Listener listener) {
        if (options.beam == null || options.beam == 1) {
            return sample(prompt, options, listener);
        }
        GeneratedText best = generate(prompt, options);
        listener.piece(best.text);
        return best;
    }

    /**
     * What generate does, with all answers of a beam search.
     *
     * @param prompt what the text begins with; may be empty
     * @param options how to write
     * @return one text, or the nBest answers, best first
     * @throws OptionException options contradict each other
     */
    public List<GeneratedText> write(String prompt, GenerationOptions options) {
        if (options.beam == null || options.beam == 1) {
            return Collections.singletonList(sample(prompt, options, piece -> { }));
        }
        int[] before = context(prompt, options.condition);
        int length = number("length", options.length);
        options.check(length);
        StopStrings stops = new StopStrings(options.stop);
        BeamSearch search = new BeamSearch(
                rules(options, before),
                options.beam,
                length,
                options.nBest == null ? 1 : options.nBest,
                options.lengthPenalty == null ? 0 : options.lengthPenalty);
        List<GeneratedText> answers = new ArrayList<>();
        for (Hypothesis found : search.search(
                model, before, ids -> stops.find(tokenizer.decode(ids)) >= 0)) {
            GrowingText text = growing(prompt, before, stops);
            for (int id : found.ids) {
                text.add(id);
            }
            text.finish();
            Ended ended = text.stopped() ? Ended.STOP_STRING : found.ended;
            answers.add(new GeneratedText(
                    prompt, text.text(), found.ids, ended, found.logProbability, found.score,
                    null));
        }
        return answers;
    }

    /**
     * The ids that the model reads before the new ones.
     *
     * @param prompt what the text begins with; may be empty
     * @param condition the label that steers the text; null for the first
     * @return at least one id
     * @throws OptionException there is no such label
     */
    public int[] context(String prompt, String condition) {
        return context.before(tokenizer.encode(prompt), condition);
    }

    /**
     * The tokenizer of the bundle.
     *
     * @return the tokenizer
     */
    public GenerationTokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * The model, for those who decode themselves.
     *
     * @return its steps
     */
    public StepModel model() {
        return model;
    }

    private GeneratedText sample(String prompt, GenerationOptions options, Listener listener) {
        int[] before = context(prompt, options.condition);
        int length = number("length", options.length);
        options.check(length);
        SamplingSettings settings = new SamplingSettings(
                length,
                real("temperature", options.temperature),
                number("top_k", options.topK),
                real("top_p", options.topP),
                real("min_p", options.minP),
                real("typical", options.typical));
        long seed = options.seed == null
                ? new SecureRandom().nextInt(Integer.MAX_VALUE) : options.seed;
        GrowingText text = growing(prompt, before, new StopStrings(options.stop));
        Sampler sampler = new Sampler(settings, rules(options, before), seed, options.sample);
        Ended ended = sampler.write(model, before, id -> {
            text.add(id);
            tell(listener, text.news(false));
            return text.stopped();
        });
        text.finish();
        tell(listener, text.news(true));
        double logProbability = sampler.logProbability();
        return new GeneratedText(
                prompt,
                text.text(),
                sampler.written(),
                text.stopped() ? Ended.STOP_STRING : ended,
                logProbability,
                logProbability,
                seed);
    }

    private static void tell(Listener listener, String piece) {
        if (!piece.isEmpty()) {
            listener.piece(piece);
        }
    }

    private Rules rules(GenerationOptions options, int[] before) {
        return new Rules(
                vocabularySize,
                never,
                endId,
                options.minLength == null ? 0 : options.minLength,
                before,
                number("no_repeat_ngram", options.noRepeatNgram),
                real("repetition_penalty", options.repetitionPenalty));
    }

    private GrowingText growing(String prompt, int[] before, StopStrings stops) {
        // After a space of the prompt's own, no token needs another one.
        int joining = PlainText.endsWithSpace(prompt) ? 0 : Math.min(before.length, JOINING_IDS);
        int[] last = Arrays.copyOfRange(before, before.length - joining, before.length);
        return new GrowingText(tokenizer::decode, stops, last);
    }

    private int number(String name, Integer given) {
        return given == null ? defaults.integer(name) : given;
    }

    private double real(String name, Double given) {
        return given == null ? defaults.number(name) : given;
    }
}
