// Runs the models, away from the page, so that typing never waits for them.

import { Downloads } from "./downloads.js";
import { ProblemError, fetchFile, problemOf } from "./problems.js";

const CLIENT = ["client/index.js", "client/onnx_runtime.js"];
const RUNTIME = {
  module: "runtime/ort.wasm.min.mjs",
  glue: "runtime/ort-wasm-simd-threaded.mjs",
  binary: "runtime/ort-wasm-simd-threaded.wasm",
};

/** What a page may ask of an opened bundle. */
const METHODS = {
  ready: async () => null,
  predict: (bundle, [text]) => bundle.predict(text),
  translate: (bundle, [text, options]) => bundle.translate(text, options),
  async stream(bundle, [prompt, options], give) {
    for await (const piece of bundle.stream(prompt, options)) give(piece);
    return null;
  },
};

/** The work was stopped by the page. */
class Stopped extends Error {}

/** One bundle; it answers one call after another. */
class Served {
  #last = Promise.resolve();
  #running = null;

  /**
   * @param {string} folder relative to the page
   * @param {string[]} paths of its files
   * @param {Record<string, number>} sizes of all files of the site in bytes, by path
   */
  constructor(folder, paths, sizes) {
    this.downloads = new Downloads(sizes, (progress) => postMessage({ folder, progress }));
    this.downloads.begin(paths);
    this.bundle = this.#open(folder);
    this.bundle.catch(() => {}); // every call tells it
  }

  async #open(folder) {
    // A worker inside a browser that forbids WebAssembly knows no such name.
    if (typeof WebAssembly === "undefined") throw new ProblemError({ kind: "noWebAssembly" });
    const [{ loadBundle }, runtime] = await engine(this.downloads);
    const reader = (name) => this.downloads.file(folder + name);
    const bundle = await loadBundle(reader, this.#interruptible(runtime));
    this.downloads.forget();
    return bundle;
  }

  /** The same runtime, which looks before every run whether the work is still wanted. */
  #interruptible(runtime) {
    const open = async (files) => {
      const model = await runtime.open(files);
      const run = async (signature, inputs) => {
        await messagesRead();
        if (stopped.has(this.#running)) throw new Stopped();
        return model.run(signature, inputs);
      };
      return { run, close: () => model.close() };
    };
    return { format: runtime.format, open };
  }

  /** Answers a call when those before it are answered. */
  take({ call, method, parameters }) {
    this.#last = this.#last.then(async () => {
      this.#running = call;
      try {
        const bundle = await this.bundle;
        if (stopped.has(call)) throw new Stopped();
        const began = performance.now();
        const value = await METHODS[method](bundle, parameters, (piece) => postMessage({ call, piece }));
        postMessage({ call, value, milliseconds: performance.now() - began });
      } catch (error) {
        postMessage(error instanceof Stopped ? { call, stopped: true } : { call, problem: problemOf(error) });
      }
      stopped.delete(call);
    });
  }
}

const served = new Map();
const stopped = new Set();
let started = null;

/** The modules that read bundles and run them, and the binary that the runtime needs. */
function engine(downloads) {
  started ??= startEngine(downloads);
  return started;
}

async function startEngine(downloads) {
  downloads.begin(Object.values(RUNTIME));
  const [client, { onnxRuntime }, ort] = await Promise.all([...CLIENT, RUNTIME.module].map(imported));
  const [wasmBinary] = await Promise.all([RUNTIME.binary, RUNTIME.glue].map((path) => downloads.file(path)));
  // A complete address: the runtime would otherwise look beside itself or beside the worker.
  ort.env.wasm.wasmPaths = { mjs: new URL(RUNTIME.glue, self.location.href).href };
  ort.env.wasm.wasmBinary = wasmBinary;
  return [client, onnxRuntime(ort)];
}

/** A module; where one that it imports is missing, a browser does not say which. */
async function imported(path) {
  try {
    return await import(`./${path}`);
  } catch {
    const { files } = await (await fetchFile("files.json")).json();
    for (const file of files.filter((name) => /^(client|runtime)\/.*js$/.test(name))) await fetchFile(file);
    throw new ProblemError({ kind: "unreachable", file: path });
  }
}

const channel = new MessageChannel();
let wake = () => {};
channel.port1.onmessage = () => wake();

/** Lets the messages in that arrived meanwhile, such as one that stops the work. */
function messagesRead() {
  return new Promise((resolve) => {
    const before = wake;
    wake = () => {
      before();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}

self.onmessage = ({ data }) => {
  if (data.stop !== undefined) stopped.add(data.stop);
  else if (data.open) served.set(data.open, new Served(data.open, data.paths, data.sizes));
  else served.get(data.folder).take(data);
};
