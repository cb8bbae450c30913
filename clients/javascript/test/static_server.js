import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * Serves folders on this machine alone.
 *
 * @param {Record<string, string>} folders by the first part of the address
 * @returns {Promise<{address: string, close: () => Promise<void>}>}
 */
export async function serve(folders) {
  const server = createServer(async (request, response) => {
    const [, first, ...rest] = new URL(request.url ?? "/", "http://127.0.0.1").pathname.split("/");
    const name = normalize(rest.join("/"));
    try {
      if (!(first in folders) || name.startsWith("..")) {
        throw new Error("outside the folders");
      }
      const content = await readFile(join(folders[first], name));
      const type = TYPES[extname(name)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const found = server.address();
  const port = typeof found === "object" && found !== null ? found.port : 0;
  return {
    address: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
