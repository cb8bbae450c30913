import assert from "node:assert/strict";
import { existsSync } from "node:fs";

import { GenerationTokenizer } from "../src/text/generation_tokenizer.js";
import { compareIds, compareTexts, readerOf } from "./checks/tokenizing.js";
import { foldersIn, jsonOf, numbersOf, pathOf, testWithVectors } from "./vectors.js";

testWithVectors("random strings have the ids that they have in Python", (context) => {
  const strings = jsonOf("fuzz", "strings.json");
  const names = foldersIn("fuzz");
  assert.ok(names.length >= 8 && strings.length > 0);
  for (const name of names) {
    const tokenizer = readerOf(
      jsonOf("fuzz", name, "tokenizer.json"),
      jsonOf("fuzz", name, "spec.json"),
    );
    const began = performance.now();
    const found = compareIds(tokenizer, strings, numbersOf("fuzz", name, "ids.bin"));
    const milliseconds = Math.round(performance.now() - began);
    context.diagnostic(`${name}: ${found.compared} strings compared in ${milliseconds} ms`);
    assert.deepEqual(found.problems, [], name);
  }
});

testWithVectors("random ids have the texts that they have in Python", (context) => {
  const names = foldersIn("fuzz").filter((name) => existsSync(pathOf("fuzz", name, "decode.json")));
  assert.ok(names.length >= 4);
  for (const name of names) {
    const tokenizer = readerOf(
      jsonOf("fuzz", name, "tokenizer.json"),
      jsonOf("fuzz", name, "spec.json"),
    );
    assert.ok(tokenizer instanceof GenerationTokenizer);
    const found = compareTexts(tokenizer, jsonOf("fuzz", name, "decode.json"));
    context.diagnostic(`${name}: ${found.compared} texts compared`);
    assert.deepEqual(found.problems, [], name);
  }
});
