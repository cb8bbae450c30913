// Never run: what a TypeScript user writes must compile, and what is wrong must not.
import * as ort from "onnxruntime-web";

import { loadBundle } from "../src/index.js";
import { onnxRuntime } from "../src/onnx_runtime.js";
import { fromUrl } from "../src/readers.js";

export async function answers(text: string): Promise<string> {
  const bundle = await loadBundle(fromUrl("bundle/"), onnxRuntime(ort));
  switch (bundle.task) {
    case "sentiment": {
      const { label, probabilities } = await bundle.predict(text);
      return `${label} ${probabilities[label].toFixed(2)} of ${bundle.manifest.labels.length}`;
    }
    case "generation": {
      // @ts-expect-error options have the names of this client
      await bundle.generate(text, { top_k: 3 });
      for await (const piece of bundle.stream(text, { topK: 3, stop: "." })) {
        return piece.toUpperCase();
      }
      // @ts-expect-error a generator does not translate
      return bundle.translate(text);
    }
    case "translation": {
      const { candidates } = await bundle.translate(text, { beam: 4, nBest: 2 });
      return candidates.map((candidate) => candidate.text).join();
    }
  }
}
