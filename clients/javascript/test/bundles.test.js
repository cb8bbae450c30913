import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { compareBeams, compareGolden } from "./checks/bundles.js";
import { openedBundle } from "./opened_bundle.js";
import { foldersIn, jsonOf, pathOf, testWithVectors } from "./vectors.js";

testWithVectors("every bundle gives the answers of its golden rows", async (context) => {
  const names = foldersIn("bundles");
  assert.ok(names.length >= 11);
  for (const name of names) {
    const lines = readFileSync(pathOf("bundles", name, "golden.jsonl"), "utf-8")
      .trim()
      .split("\n");
    const bundle = await openedBundle(name);
    const found = await compareGolden(
      bundle,
      lines.map((line) => JSON.parse(line)),
    );
    await bundle.close();
    const difference = found.largest.toExponential(1);
    context.diagnostic(`${name}: ${found.compared} rows, largest difference ${difference}`);
    assert.deepEqual(found.problems, [], name);
  }
});

testWithVectors("beam searches find what they find in Python", async (context) => {
  for (const [name, cases] of Object.entries(jsonOf("beam.json"))) {
    const bundle = await openedBundle(name);
    const found = await compareBeams(bundle, cases);
    await bundle.close();
    context.diagnostic(`${name}: ${found.compared} searches compared`);
    assert.deepEqual(found.problems, [], name);
  }
});
