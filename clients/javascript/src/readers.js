import { BundleError } from "./errors.js";

/**
 * Gives the content of a file of a bundle.
 *
 * Anything will do that keeps to this: a folder, a web address, an archive in memory.
 *
 * @callback Reader
 * @param {string} name relative to the bundle, such as "manifest.json"
 * @returns {Promise<Uint8Array>} rejected where the file cannot be had
 */

/**
 * Reads the files of a bundle from the web.
 *
 * @param {string | URL} base the address of the folder; in a page it may be relative to it
 * @returns {Reader}
 */
export function fromUrl(base) {
  const folder = String(base).replace(/\/*$/, "/");
  return async (name) => {
    const address = folder + name;
    const response = await fetch(address).catch(() => null);
    if (!response?.ok) {
      const why = response ? `status ${response.status}` : "no answer";
      throw new BundleError(`${address} cannot be fetched (${why}); put the whole bundle there.`);
    }
    return new Uint8Array(await response.arrayBuffer());
  };
}
