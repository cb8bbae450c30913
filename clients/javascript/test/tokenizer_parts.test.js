import assert from "node:assert/strict";
import { test } from "node:test";

import { BundleError, OptionError } from "../src/index.js";
import { fromByteCharacters, toByteCharacters } from "../src/text/byte_level.js";
import { BytePairEncoding } from "../src/text/byte_pair_encoding.js";
import { makeModel } from "../src/text/models.js";
import { makeNormalizer } from "../src/text/normalizer.js";
import { plainLine, prepared } from "../src/text/plain_text.js";
import { makePreTokenizer } from "../src/text/pre_tokenizer.js";
import { translated } from "../src/text/regular_expression.js";
import { readerOf } from "./checks/tokenizing.js";
import { foldersIn, jsonOf, testWithVectors } from "./vectors.js";

const MEGABYTE = 1_000_000;
const SECONDS_EACH = 20; // a slow machine; what takes quadratic time takes hours

/**
 * @param {string} pattern
 * @param {string} text
 */
const found = (pattern, text) => text.match(translated(pattern)) ?? [];

test("regular expressions mean what they mean in Oniguruma", () => {
  assert.deepEqual(found("[\\&\\~\\-\\]\\[\\^\\\\]", "a&~-][^\\"), [
    "&",
    "~",
    "-",
    "]",
    "[",
    "^",
    "\\",
  ]);
  assert.deepEqual(found(".", "\r\n\u2028"), ["\r", "\u2028"]);
  assert.deepEqual(found("[\\s\\S]", "\n😀"), ["\n", "😀"]);
  assert.deepEqual(found("[!-/{|}]+", "a{b}|"), ["{", "}|"]);
  assert.deepEqual(found("(?:ab)+(?!c)|a(?=b)", "abab abc"), ["abab", "a"]);
  assert.deepEqual(found("\\.\\~[^a]", "x.~b"), [".~b"]);
});

test("what engines read differently is refused", () => {
  const patterns = ["\\w", "\\p{L}", "[\\d]", "^a", "a$", "(?i)a", "(?<=a)b", "[a[b]]", "[a&&b]"];
  for (const pattern of [...patterns, "[]a]", "[^]", "[a", "a++", "(", "\\"]) {
    assert.throws(() => translated(pattern), BundleError, pattern);
  }
});

test("text is tidied as in Python", () => {
  assert.equal(plainLine(" \x1fe\u0301\u00a0\u2009b\x85\ufeff"), "\u00e9 b \ufeff");
  assert.equal(prepared("a\r\nb\rc\ud800\u{1f600}\udc00"), "a\nb\nc\ufffd\u{1f600}\ufffd");
});

test("a replacement is literal, and Strip takes white space of Unicode alone", () => {
  const dollars = makeNormalizer({ type: "Replace", pattern: { String: "a" }, content: "$&$1" });
  assert.equal(dollars("banana"), "b$&$1n$&$1n$&$1");
  const strip = makeNormalizer({ type: "Strip", strip_left: true, strip_right: false });
  assert.equal(strip("\x85\u3000 a "), "a ");
  assert.equal(strip("\ufeffa"), "\ufeffa");
  assert.equal(strip("\x1fa"), "\x1fa");
  assert.equal(makeNormalizer({ type: "Lowercase" })("ΑΣ"), "ας".replace("ς", "σ"));
});

test("every way to split keeps what it should", () => {
  /**
   * @param {string} behavior
   * @param {boolean} invert
   */
  const cut = (behavior, invert) =>
    makePreTokenizer({ type: "Split", pattern: { Regex: "[0-9]+" }, behavior, invert })("a12b3");
  assert.deepEqual(cut("Isolated", false), ["a", "12", "b", "3"]);
  assert.deepEqual(cut("Isolated", true), ["a", "12", "b", "3"]);
  assert.deepEqual(cut("Removed", false), ["a", "b"]);
  assert.deepEqual(cut("Removed", true), ["12", "3"]);
  assert.deepEqual(makePreTokenizer(null)(""), []);
  const gpt2 = makePreTokenizer({ type: "ByteLevel", add_prefix_space: false, use_regex: true });
  assert.deepEqual(gpt2("We'll  pay 20é!"), ["We", "'ll", "Ġ", "Ġpay", "Ġ20", "Ã©", "!"]);
});

test("byte pairs are merged by rank, then from the left", () => {
  const vocabulary = new Map(["a", "b", "ab", "aa", "aab"].map((token, id) => [token, id]));
  /** @param {readonly (string | [string, string])[]} merges */
  const encode = (merges) => {
    /** @type {number[]} */
    const ids = [];
    new BytePairEncoding({ merges, unk_token: null }, vocabulary).append("aaab", ids);
    return ids;
  };
  assert.deepEqual(
    encode([
      ["a", "a"],
      ["a", "b"],
    ]),
    [3, 2],
  );
  assert.deepEqual(encode(["a b", "a a", "a ab"]), [3, 2]);
  assert.deepEqual(encode(["a b", "a ab"]), [0, 4]);
  assert.deepEqual(encode([]), [0, 0, 0, 1]);
});

test("word pieces are the longest, and a word is too long by its code points", () => {
  const vocabulary = new Map(["?", "😀", "##😀", "##😀b", "##b"].map((token, id) => [token, id]));
  const options = { unk_token: "?", continuing_subword_prefix: "##", max_input_chars_per_word: 4 };
  const model = makeModel({ type: "WordPiece", ...options }, vocabulary);
  /** @param {string} piece */
  const idsOf = (piece) => {
    /** @type {number[]} */
    const ids = [];
    model.append(piece, ids);
    return ids;
  };
  assert.deepEqual(idsOf("😀😀bb"), [1, 3, 4]);
  assert.deepEqual(idsOf("😀😀😀😀"), [1, 2, 2, 2]);
  assert.deepEqual(idsOf("😀😀😀😀b"), [0]);
  assert.deepEqual(idsOf("😀c"), [0]);
  assert.deepEqual(idsOf("b"), [0]);
});

test("bytes become the text that they were, a byte-order mark included", () => {
  assert.equal(fromByteCharacters([toByteCharacters("\ufeffa\u00a0😀")]), "\ufeffa\u00a0😀");
  const [first, second, third] = toByteCharacters("漢");
  assert.equal(fromByteCharacters([first, second]), "\ufffd");
  assert.equal(fromByteCharacters([third, first, "a"]), "\ufffd\ufffda");
  assert.equal(fromByteCharacters(["漢"]), "漢");
});

testWithVectors("a megabyte of anything is read in a few seconds", (context) => {
  let slowest = 0;
  for (const name of foldersIn("fuzz")) {
    const description = jsonOf("fuzz", name, "tokenizer.json");
    const tokenizer = readerOf(description, jsonOf("fuzz", name, "spec.json"));
    for (const part of ["a", "'a", "<", "😀"]) {
      const text = part.repeat(MEGABYTE / part.length);
      const began = performance.now();
      tokenizer.encode(text);
      const seconds = (performance.now() - began) / 1000;
      assert.ok(seconds < SECONDS_EACH, `${name}: ${JSON.stringify(part)} took ${seconds} s`);
      slowest = Math.max(slowest, seconds);
    }
  }
  context.diagnostic(`the slowest took ${slowest.toFixed(1)} s`);
});

testWithVectors("a word that no regular expression can hold is refused", () => {
  const description = jsonOf("fuzz", "generation-word", "tokenizer.json");
  const tokenizer = readerOf(description, jsonOf("fuzz", "generation-word", "spec.json"));
  const text = "'a".repeat(4 * MEGABYTE);
  assert.throws(() => tokenizer.encode(text), OptionError);
});
