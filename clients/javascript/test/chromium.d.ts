import puppeteer from "puppeteer-core";
/** Why tests in a browser cannot run; false where they can, or where CI is set. */
export declare function reasonToSkip(): "RNN_TOOLKIT_VECTORS names no folder made by vectors.py" | "there is no Chromium; the variable CHROMIUM may name one" | false;
/** A Chromium without a window, with a profile of its own that goes with it. */
export declare function openChromium(): Promise<puppeteer.Browser>;
