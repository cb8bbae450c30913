import { ProblemError } from "./problems.js";

/**
 * The models of the site, in a worker of their own.
 */
export class Models {
  #worker = new Worker(new URL("model_worker.js", import.meta.url), { type: "module" });
  #calls = new Map();
  #progress = new Map();
  #count = 0;
  #lost = null;

  constructor() {
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#lost = new ProblemError({ kind: "unreachable", file: "model_worker.js" });
      for (const { reject } of this.#calls.values()) reject(this.#lost);
    };
  }

  /**
   * Begins to load a bundle.
   * @param {string} folder relative to the page, with a slash at the end
   * @param {string[]} paths of the files to load
   * @param {Record<string, number>} sizes of all files of the site in bytes, by path
   * @param {(progress: {loaded: number, total: number}) => void} report called as bytes arrive
   * @returns {Bundle}
   */
  open(folder, paths, sizes, report) {
    this.#progress.set(folder, report);
    this.#worker.postMessage({ open: folder, paths, sizes });
    return new Bundle((method, parameters, options) => this.#ask(folder, method, parameters, options));
  }

  #ask(folder, method, parameters, { signal, give } = {}) {
    if (this.#lost) return Promise.reject(this.#lost);
    const call = ++this.#count;
    const stop = () => this.#worker.postMessage({ stop: call });
    signal?.addEventListener("abort", stop, { once: true });
    const answer = new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve, reject, give });
      this.#worker.postMessage({ folder, call, method, parameters });
    });
    return answer.finally(() => {
      this.#calls.delete(call);
      signal?.removeEventListener("abort", stop);
    });
  }

  #receive({ folder, progress, call, piece, problem, ...answer }) {
    if (progress) this.#progress.get(folder)(progress);
    const waiting = this.#calls.get(call);
    if (!waiting) return;
    if (piece !== undefined) waiting.give(piece);
    else if (problem) waiting.reject(new ProblemError(problem));
    else waiting.resolve(answer);
  }
}

/**
 * A bundle that a worker runs. Questions may be asked before it is loaded.
 *
 * An answer is `{value, milliseconds, stopped}`: what the client gives, how long it took, and
 * whether `signal` stopped it, in which case there is no value.
 */
class Bundle {
  #ask;

  constructor(ask) {
    this.#ask = ask;
  }

  /** Answers once the model is ready. */
  ready() {
    return this.#ask("ready", []);
  }

  /**
   * Classifies a text.
   * @param {string} text
   * @param {AbortSignal} signal
   */
  predict(text, signal) {
    return this.#ask("predict", [text], { signal });
  }

  /**
   * Translates a text.
   * @param {string} text
   * @param {object} options of the client
   * @param {AbortSignal} signal
   */
  translate(text, options, signal) {
    return this.#ask("translate", [text, options], { signal });
  }

  /**
   * Writes a text.
   * @param {string} prompt
   * @param {object} options of the client
   * @param {(piece: string) => void} give called with each piece as it is made
   * @param {AbortSignal} signal
   */
  stream(prompt, options, give, signal) {
    return this.#ask("stream", [prompt, options], { give, signal });
  }
}
