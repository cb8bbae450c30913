import { ProblemError, fetchFile } from "./problems.js";

/**
 * Files on their way to this device, each fetched once and counted byte by byte.
 */
export class Downloads {
  #sizes;
  #files = new Map();
  #loaded = new Map();
  #report;

  /**
   * @param {Record<string, number>} sizes of the files in bytes, by path
   * @param {(progress: {loaded: number, total: number}) => void} report called as bytes arrive
   */
  constructor(sizes, report) {
    this.#sizes = sizes;
    this.#report = report;
  }

  /**
   * Begins to fetch files, all at once.
   * @param {string[]} paths
   */
  begin(paths) {
    for (const path of paths) {
      this.file(path).catch(() => {}); // who asks for it is told
    }
  }

  /**
   * The content of a file.
   * @param {string} path
   * @returns {Promise<Uint8Array>}
   * @throws {ProblemError} it cannot be had
   */
  file(path) {
    if (!this.#files.has(path)) {
      this.#loaded.set(path, 0);
      this.#files.set(path, this.#fetch(path));
    }
    return this.#files.get(path);
  }

  /** Lets go of the contents, which are in use or of no more use. */
  forget() {
    this.#files.clear();
    this.#loaded.clear();
  }

  async #fetch(path) {
    const { body } = await fetchFile(path);
    const reader = body.getReader();
    const parts = [];
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        parts.push(part.value);
        this.#loaded.set(path, this.#loaded.get(path) + part.value.length);
        this.#tell();
      }
    } catch {
      throw new ProblemError({ kind: "unreachable", file: path });
    }
    return joined(parts);
  }

  #tell() {
    let loaded = 0;
    let total = 0;
    for (const [path, bytes] of this.#loaded) {
      loaded += bytes;
      total += Math.max(bytes, this.#sizes[path] ?? 0);
    }
    this.#report({ loaded, total });
  }
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}
