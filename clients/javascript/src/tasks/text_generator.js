import { openModel, readJson } from "../bundle_files.js";
import { beamSearch } from "../decoding/beam_search.js";
import { generationOptions } from "../decoding/generation_options.js";
import { GrowingText, StopStrings } from "../decoding/growing_text.js";
import { Rules } from "../decoding/rules.js";
import { drawing, sample } from "../decoding/sampling.js";
import { OptionError } from "../errors.js";
import { GenerationTokenizer } from "../text/generation_tokenizer.js";
import { isSpace } from "../text/plain_text.js";
import { bundleLanguageModel } from "./bundle_language_model.js";

// A decoder looks back no further than this many ids to join a new one.
const JOINING_IDS = 16;
const SEEDS = 2 ** 31;

/**
 * One text that a model wrote.
 *
 * @typedef {object} Written
 * @property {string} text the new text, without the stop string
 * @property {string} fullText prompt and new text
 * @property {readonly number[]} ids the new ids, without the end mark; those of a stop string
 *   are among them
 * @property {import("../decoding/language_model.js").Ended} ended why the text ended
 * @property {number} logProbability natural logarithm of the probability that the model itself,
 *   without options, gives to what it wrote, an end mark included
 * @property {number} score by which a beam search ranks; elsewhere the log-probability
 * @property {number | null} seed gives the same text again; null for a beam search
 */

/**
 * The text of `generate`: the best one, and with `candidates` all that a beam search was asked
 * for, best first (the text alone where it was drawn).
 *
 * @typedef {Written & {candidates: Written[]}} Generated
 */

/** A bundle of the task "generation": goes on with a prompt. */
export class TextGenerator {
  /** @type {"generation"} */
  task = "generation";

  /**
   * @param {import("../manifest.js").LanguageModelManifest} manifest
   * @param {GenerationTokenizer} tokenizer
   * @param {import("../onnx_runtime.js").Model} model
   */
  constructor(manifest, tokenizer, model) {
    this.manifest = manifest;
    this.tokenizer = tokenizer;
    this.model = model;
    this.languageModel = bundleLanguageModel(model, manifest);
  }

  /**
   * Opens a bundle; `loadBundle` calls it.
   *
   * @param {import("../readers.js").Reader} reader
   * @param {import("../onnx_runtime.js").Runtime} runtime
   * @param {import("../manifest.js").LanguageModelManifest} manifest
   * @throws {import("../errors.js").BundleError} a file is missing or damaged
   */
  static async open(reader, runtime, manifest) {
    const { file, kind, conditions } = manifest.tokenizer;
    const tokenizer = new GenerationTokenizer(await readJson(reader, manifest, file), {
      kind,
      conditions: Object.keys(conditions).length,
    });
    const model = await openModel(reader, runtime, manifest, ["prefill", "step"]);
    return new TextGenerator(manifest, tokenizer, model);
  }

  /**
   * Goes on with a prompt.
   *
   * @param {string} [prompt] what the text begins with; may be empty
   * @param {import("../decoding/generation_options.js").GenerationOptions} [options]
   * @returns {Promise<Generated>}
   * @throws {OptionError} an option is unknown, out of range or contradicts another
   */
  async generate(prompt = "", options = {}) {
    const request = this.request(prompt, options);
    if (request.options.beam > 1) {
      const candidates = await this.search(request);
      return { ...candidates[0], candidates };
    }
    const text = this.growing(request);
    const ids = [];
    let logProbability = 0;
    /** @type {import("../decoding/language_model.js").Ended} */
    let ended = "length";
    for await (const drawn of this.draw(request, text)) {
      logProbability += drawn.logProbability;
      ended = drawn.ended ?? ended;
      if (drawn.ended !== "end mark") {
        ids.push(drawn.id);
      }
    }
    text.finish();
    const written = this.written(request, text, { ids, ended, logProbability }, request.seed);
    return { ...written, candidates: [written] };
  }

  /**
   * Goes on with a prompt and gives the new text as it is made.
   *
   * To stop early, leave the loop.
   *
   * @param {string} [prompt] see `generate`
   * @param {import("../decoding/generation_options.js").GenerationOptions} [options]
   * @returns {AsyncGenerator<string, void, void>} pieces of whole characters; joined they are
   *   the text of `generate`
   * @throws {OptionError} an option is unknown, out of range or contradicts another
   */
  stream(prompt = "", options = {}) {
    const request = this.request(prompt, options); // errors come at once, not with the first piece
    return request.options.beam > 1 ? this.searchAtOnce(request) : this.drawInPieces(request);
  }

  /** Releases the model; the bundle cannot be used afterwards. */
  async close() {
    await this.model.close();
  }

  /**
   * The ids that the model reads before the new ones; at least one.
   *
   * @param {string} prompt
   * @param {string | null} [condition] label; the first one where there are any
   * @returns {number[]}
   * @throws {OptionError} the model does not know the label
   */
  context(prompt, condition = null) {
    const { before, empty } = this.manifest.prompt;
    const opening = [...before];
    if (condition !== null) {
      opening[opening.length - 1] = this.conditionId(condition);
    }
    const found = [...opening, ...this.tokenizer.encode(prompt)];
    return found.length > 0 ? found : [...empty];
  }

  /** @param {string} label */
  conditionId(label) {
    const known = this.manifest.tokenizer.conditions;
    if (Object.keys(known).length === 0) {
      throw new OptionError("This model was trained without a condition; leave it out.");
    }
    if (!Object.hasOwn(known, label)) {
      const shown = Object.keys(known).slice(0, 20).join(", ");
      throw new OptionError(`There is no condition "${label}"; choose from ${shown}.`);
    }
    return known[label];
  }

  /**
   * A prompt and options, made ready.
   *
   * @param {string} prompt
   * @param {import("../decoding/generation_options.js").GenerationOptions} given
   */
  request(prompt, given) {
    if (typeof prompt !== "string") {
      throw new OptionError(`The prompt must be a string, not ${typeof prompt}.`);
    }
    const { decoding, stop, vocabulary_size: vocabularySize } = this.manifest;
    const options = generationOptions(given, decoding);
    const context = this.context(prompt, options.condition);
    const rules = new Rules({
      vocabularySize,
      never: stop.never,
      endId: stop.end_id,
      minLength: options.minLength,
      prompt: context,
      noRepeatNgram: options.noRepeatNgram,
      repetitionPenalty: options.repetitionPenalty,
    });
    const seed = options.seed ?? Math.floor(Math.random() * SEEDS);
    return { prompt, context, options, rules, seed };
  }

  /**
   * A text without new ids yet.
   *
   * @param {ReturnType<TextGenerator["request"]>} request
   */
  growing({ prompt, context, options }) {
    // After a space of the prompt's own, no token needs another one.
    const spaced = prompt !== "" && isSpace(prompt[prompt.length - 1]);
    const before = spaced ? [] : context.slice(-JOINING_IDS);
    return new GrowingText((ids) => this.tokenizer.decode(ids), options.stop, before);
  }

  /**
   * The sampling loop; the text grows with it.
   *
   * @param {ReturnType<TextGenerator["request"]>} request
   * @param {GrowingText} text
   */
  draw({ context, options, rules, seed }, text) {
    return sample(this.languageModel, {
      prompt: context,
      rules,
      choose: drawing(options, seed, options.sampleNumber),
      length: options.length,
      stopped: (id) => {
        text.add(id);
        return text.stopped;
      },
    });
  }

  /** @param {ReturnType<TextGenerator["request"]>} request */
  async *drawInPieces(request) {
    const text = this.growing(request);
    for await (const _ of this.draw(request, text)) {
      const piece = text.news();
      if (piece !== "") {
        yield piece;
      }
    }
    text.finish();
    const rest = text.news(true);
    if (rest !== "") {
      yield rest;
    }
  }

  /** @param {ReturnType<TextGenerator["request"]>} request */
  async *searchAtOnce(request) {
    const [{ text }] = await this.search(request);
    if (text !== "") {
      yield text;
    }
  }

  /**
   * The answers of a beam search, best first.
   *
   * @param {ReturnType<TextGenerator["request"]>} request
   */
  async search(request) {
    const { context, options, rules } = request;
    const stops = new StopStrings(options.stop);
    const found = await beamSearch(this.languageModel, {
      prompt: context,
      rules,
      width: options.beam,
      length: options.length,
      nBest: options.nBest,
      lengthPenalty: options.lengthPenalty,
      stopped: (ids) => options.stop.length > 0 && stops.find(this.tokenizer.decode(ids)) >= 0,
    });
    return found.map((hypothesis) => {
      const text = this.growing(request);
      for (const id of hypothesis.ids) {
        text.add(id);
      }
      text.finish();
      return this.written(request, text, hypothesis, null);
    });
  }

  /**
   * @param {ReturnType<TextGenerator["request"]>} request
   * @param {GrowingText} text
   * @param {{
   *   ids: readonly number[], ended: import("../decoding/language_model.js").Ended,
   *   logProbability: number, score?: number,
   * }} found
   * @param {number | null} seed
   * @returns {Written}
   */
  written({ prompt }, { text, stopped }, { ids, ended, logProbability, score }, seed) {
    return {
      text,
      fullText: prompt + text,
      ids,
      ended: stopped ? "stop string" : ended,
      logProbability,
      score: score ?? logProbability,
      seed,
    };
  }
}
