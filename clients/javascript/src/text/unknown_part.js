import { BundleError } from "../errors.js";

/**
 * The error about a part of tokenizer.json that this client does not read.
 *
 * @param {string} part such as "normalizer"
 * @param {unknown} found its name or value
 * @param {string} known what is read
 * @returns {BundleError}
 */
export function unknownPart(part, found, known) {
  const shown = typeof found === "string" ? found : (JSON.stringify(found) ?? "nothing");
  return new BundleError(
    `tokenizer.json has the ${part} ${shown.slice(0, 80)}, which this client does not read; ` +
      `it reads ${known}.`,
  );
}
