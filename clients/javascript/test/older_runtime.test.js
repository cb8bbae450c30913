import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";

import { jsonOf, pathOf, testWithVectors } from "./vectors.js";

/** The oldest ONNX Runtime that bundles promise to run in: of July 2022, before opset 18. */
function oldestRuntime() {
  // It takes Node for a browser where there is `fetch`, and then finds no files.
  Reflect.deleteProperty(globalThis, "fetch");
  const runtime = createRequire(import.meta.url)("onnxruntime-web-2022");
  runtime.env.wasm.numThreads = 1;
  return runtime;
}

testWithVectors("ONNX Runtime 1.12 opens every model, and classifies alike", async (context) => {
  const runtime = oldestRuntime();
  let opened = 0;
  let largest = 0;
  for (const name of readdirSync(pathOf("bundles"))) {
    const manifest = jsonOf("bundles", name, "manifest.json");
    const files = new Set(Object.values(manifest.signatures).map(({ file }) => file));
    for (const file of files) {
      const content = new Uint8Array(readFileSync(pathOf("bundles", name, file)));
      const session = await runtime.InferenceSession.create(content);
      opened += 1;
      if (manifest.task !== "sentiment") continue;
      const rows = readFileSync(pathOf("bundles", name, "golden.jsonl"), "utf-8").trim();
      for (const row of rows.split("\n").map((line) => JSON.parse(line))) {
        const ids = new runtime.Tensor("int32", Int32Array.from(row.ids), [1, row.ids.length]);
        const { data } = (await session.run({ ids })).probabilities;
        for (const [place, wanted] of row.probabilities.entries()) {
          largest = Math.max(largest, Math.abs(data[place] - wanted));
        }
      }
    }
  }
  assert.ok(opened >= 19, `${opened} models opened`);
  assert.ok(largest <= 1e-5, `a probability differs by ${largest}`);
  context.diagnostic(`${opened} models opened, largest difference ${largest.toExponential(1)}`);
});
