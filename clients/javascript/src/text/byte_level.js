const encoder = new TextEncoder();
// A byte-order mark is text like any other.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What stands for each byte: a printable character for itself (Radford et al., 2019). */
const CHARACTERS = byteCharacters();
const BYTES = new Map(CHARACTERS.map((character, byte) => [character, byte]));

function byteCharacters() {
  /** @type {string[]} */
  const found = [];
  let spare = 256;
  for (let byte = 0; byte < 256; byte += 1) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    found.push(String.fromCharCode(printable ? byte : spare++));
  }
  return found;
}

/**
 * The bytes of a text in UTF-8, each as the character that stands for it.
 *
 * @param {string} text
 */
export function toByteCharacters(text) {
  let found = "";
  for (const byte of encoder.encode(text)) {
    found += CHARACTERS[byte];
  }
  return found;
}

/**
 * The text of tokens whose characters stand for bytes; broken bytes become U+FFFD.
 *
 * @param {readonly string[]} tokens
 */
export function fromByteCharacters(tokens) {
  /** @type {number[]} */
  const bytes = [];
  for (const token of tokens) {
    const own = [...token].map((character) => BYTES.get(character));
    // A token with any other character stands for itself.
    bytes.push(
      ...(own.includes(undefined) ? encoder.encode(token) : /** @type {number[]} */ (own)),
    );
  }
  return decoder.decode(Uint8Array.from(bytes));
}
