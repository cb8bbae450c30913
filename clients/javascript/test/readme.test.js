import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { openChromium, reasonToSkip } from "./chromium.js";
import { serve } from "./static_server.js";
import { pathOf, testWithVectors } from "./vectors.js";

const HERE = fileURLToPath(new URL("..", import.meta.url));
const README = readFileSync(join(HERE, "README.md"), "utf-8");
const ANSWER = /^(negative|neutral|positive) 0\.\d{3}$/;

/**
 * A new folder with what README says to copy.
 *
 * @param {(folder: string) => void | Promise<void>} body
 */
async function withCopies(body) {
  const folder = mkdtempSync(join(tmpdir(), "client-"));
  try {
    cpSync(join(HERE, "src"), join(folder, "client"), { recursive: true });
    cpSync(pathOf("bundles", "sentiment-word"), join(folder, "bundle"), { recursive: true });
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} language */
function example(language) {
  const found = README.match(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s"));
  assert.ok(found, `README has no example in ${language}`);
  return found[1];
}

testWithVectors("the example for Node runs as it stands", () =>
  withCopies((folder) => {
    symlinkSync(join(HERE, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "example.mjs"), example("js"));
    const found = execFileSync(process.execPath, ["example.mjs"], {
      cwd: folder,
      encoding: "utf-8",
    });
    assert.match(found.trim(), ANSWER);
  }),
);

test("the example for browsers runs as it stands", { skip: reasonToSkip() }, () =>
  withCopies(async (folder) => {
    for (const name of [
      "ort.wasm.min.mjs",
      "ort-wasm-simd-threaded.mjs",
      "ort-wasm-simd-threaded.wasm",
    ]) {
      cpSync(
        join(HERE, "node_modules/onnxruntime-web/dist", name),
        join(folder, "onnxruntime-web", name),
      );
    }
    writeFileSync(join(folder, "page.html"), example("html"));
    const server = await serve({ copies: folder });
    const browser = await openChromium();
    try {
      const page = await browser.newPage();
      await page.goto(`${server.address}copies/page.html`);
      await page.waitForFunction('document.querySelector("#answer").textContent !== "..."');
      const found = await page.evaluate('document.querySelector("#answer").textContent');
      assert.match(String(found), ANSWER);
    } finally {
      await browser.close();
      await server.close();
    }
  }),
);

test("README tells how much there is to copy", () => {
  const names = readdirSync(join(HERE, "src"), { recursive: true, encoding: "utf-8" });
  const files = names.filter((name) => name.endsWith(".js"));
  const bytes = files.reduce((sum, name) => sum + statSync(join(HERE, "src", name)).size, 0);
  const [, count, size] = (README.match(/\((\d+) small files, (\d+) kB/) ?? []).map(Number);
  assert.equal(count, files.length);
  assert.ok(Math.abs(size - bytes / 1000) < 5, `${bytes} bytes`);
});
