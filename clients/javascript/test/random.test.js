import assert from "node:assert/strict";

import { RandomNumbers } from "../src/decoding/random.js";
import { jsonOf, testWithVectors } from "./vectors.js";

testWithVectors("a seed draws the numbers that numpy draws", (context) => {
  const { cases } = jsonOf("random.json");
  let compared = 0;
  for (const { seed, numbers } of cases) {
    const generator = new RandomNumbers(seed);
    for (const wanted of numbers) {
      assert.equal(generator.next(), wanted, `seed ${seed}`);
      compared += 1;
    }
  }
  assert.ok(compared >= 100);
  context.diagnostic(`${compared} numbers compared`);
});
