import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const CHROMIUM = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));

/** Why tests in a browser cannot run; false where they can, or where CI is set. */
export function reasonToSkip() {
  if (process.env.CI) {
    return false;
  }
  if (!process.env.RNN_TOOLKIT_VECTORS) {
    return "RNN_TOOLKIT_VECTORS names no folder made by vectors.py";
  }
  return CHROMIUM ? false : "there is no Chromium; the variable CHROMIUM may name one";
}

/** A Chromium without a window, with a profile of its own that goes with it. */
export function openChromium() {
  return puppeteer.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}
