import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".jsonl": "application/octet-stream",
  ".webmanifest": "application/manifest+json",
  ".wasm": "application/wasm",
  ".png": "image/png",
};

/**
 * A static host on this machine, at a subfolder, which can lose files, change and go away.
 *
 * @param {string} folder what it serves
 * @returns {Promise<{address: string, serve: (folder: string) => void,
 *     lose: (paths: string[]) => void, stop: () => Promise<void>}>} `serve` changes the folder,
 *     `lose` answers 404 for paths
 */
export async function staticServer(folder) {
  const mount = "/some/folder/";
  let lost = new Set();
  let root = folder;
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://host").pathname);
    const name = path.slice(mount.length) || "index.html";
    try {
      if (!path.startsWith(mount) || name.includes("..") || lost.has(name)) throw new Error("no");
      const content = await readFile(join(root, name));
      response.writeHead(200, { "Content-Type": TYPES[extname(name)] ?? "application/octet-stream" });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}${mount}`,
    serve: (other) => (root = other),
    lose: (paths) => (lost = new Set(paths)),
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
