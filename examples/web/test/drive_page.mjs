// Uses the page as a person does, in Chromium at the size of a phone, and prints what it sees as
// JSON: node drive_page.mjs SCENARIO CONFIG.json
//
// The config is {"site": folder, "chromium": program, "modules": folder with node_modules, ...};
// what else a scenario needs stands at its function.

import { readFile } from "node:fs/promises";

import { answers } from "./answers.mjs";
import { failures } from "./failures.mjs";
import { looks } from "./looks.mjs";
import { newVersion, offline } from "./offline.mjs";
import { speed } from "./speed.mjs";

const SCENARIOS = { answers, failures, looks, newVersion, offline, speed };

const [scenario, file] = process.argv.slice(2);
const config = JSON.parse(await readFile(file, "utf8"));
console.log(JSON.stringify(await SCENARIOS[scenario](config)));
