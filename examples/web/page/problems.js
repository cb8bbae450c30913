import { words } from "./words.js";

/**
 * What went wrong, in a form that passes between a page and its worker.
 *
 * @typedef {object} Problem
 * @property {"missing" | "unreachable" | "noWebAssembly" | "noSite" | "otherTask" | "broken"} kind
 * @property {string} [file]
 * @property {number} [status] what the host answered
 * @property {string} [task]
 * @property {string} [message] of the client
 */

/** An error that carries a problem. */
export class ProblemError extends Error {
  name = "ProblemError";

  /** @param {Problem} problem */
  constructor(problem) {
    super(`${problem.kind} ${problem.file ?? problem.message ?? ""}`);
    this.problem = problem;
  }
}

/**
 * The problem behind any error.
 * @param {unknown} error
 * @returns {Problem}
 */
export function problemOf(error) {
  if (error instanceof ProblemError) return error.problem;
  const message = String(error?.message ?? error);
  if (/WebAssembly.*(not defined|not supported)|no.*SIMD/is.test(message)) {
    return { kind: "noWebAssembly" };
  }
  return { kind: "broken", message };
}

/**
 * Fetches a file of the site.
 * @param {string} path relative to the page
 * @param {RequestInit} [options]
 * @returns {Promise<Response>}
 * @throws {ProblemError} the host does not have it or cannot be reached
 */
export async function fetchFile(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ProblemError({ kind: "unreachable", file: path });
  }
  if (!response.ok) {
    throw new ProblemError({ kind: "missing", file: path, status: response.status });
  }
  return response;
}

/**
 * Makes an element tell a person what is wrong and what to do.
 * @param {HTMLElement} region hidden until then, with role "alert"
 * @returns {(error: unknown) => void} shows an error; null takes the message away
 */
export function problemRegion(region) {
  let problem = null;
  const show = () => {
    region.hidden = problem === null;
    if (problem === null) return;
    const what = document.createElement("strong");
    what.textContent = words(problem.kind, problem);
    const todo = document.createElement("p");
    todo.textContent = words(`${problem.kind}Advice`);
    region.replaceChildren(what, todo);
  };
  document.addEventListener("wordschange", show);
  return (error) => {
    problem = error === null ? null : problemOf(error);
    show();
    if (problem) region.scrollIntoView({ block: "nearest" });
  };
}
