import { element } from "./elements.js";
import { examplesFor } from "./examples.js";
import { generationView } from "./generation.js";
import { languageName, languagesOf } from "./languages.js";
import { Models } from "./models.js";
import { keepForOffline } from "./offline.js";
import { ProblemError, fetchFile, problemRegion } from "./problems.js";
import { sentimentView } from "./sentiment.js";
import { showTabs } from "./tabs.js";
import { translationView } from "./translation.js";
import { showWords, switchLanguage, words } from "./words.js";

/**
 * What a view of a task is given.
 *
 * @typedef {object} View
 * @property {string} id begins the id of every element of it
 * @property {string} name of the bundle
 * @property {any} manifest
 * @property {ReturnType<Models["open"]>} bundle
 * @property {(problem: unknown) => void} fail tells a problem
 */

const VIEWS = {
  sentiment: sentimentView,
  generation: generationView,
  translation: translationView,
};
const TO_LOAD = /\.onnx$|tokenizer\.json$/;

const place = (id) => document.getElementById(id);

async function start() {
  place("language").addEventListener("click", switchLanguage);
  place("privacy").dataset.text = "privacy";
  place("language").dataset.text = "language";
  place("tabs").dataset.label = "tabs";
  document.addEventListener("wordschange", () => (place("language").lang = words("languageCode")));
  place("language").lang = words("languageCode");
  showWords(document);
  try {
    const [site] = await Promise.all([readSite(), showName().catch(() => {})]);
    const models = new Models();
    const show = (name) => panelOf(name, site, models);
    const { first } = showTabs(place("tabs"), place("panels"), site.bundles, show);
    await first; // storing the site would slow down the first answer
  } catch (error) {
    problemRegion(place("failure"))(error);
  }
  keepForOffline({
    badge: place("offline"),
    hint: place("hint"),
    install: place("install"),
    update: place("update"),
  });
}

/** The bundles and files of the site. */
async function readSite() {
  try {
    const { bundles, files, sizes } = await (await fetchFile("files.json")).json();
    return { bundles, files, sizes };
  } catch {
    throw new ProblemError({ kind: "noSite" });
  }
}

/** The name under which the page is installed is also its heading. */
async function showName() {
  const { name } = await (await fetchFile("page.webmanifest")).json();
  document.title = name;
  place("name").textContent = name;
}

/**
 * Fills the panel of a bundle and loads it.
 * @returns {{title: () => string, fill: (panel: HTMLElement, id: string) => Promise<void>}}
 */
function panelOf(name, { files, sizes }, models) {
  const folder = `bundles/${name}/`;
  return { title: () => titleOf(name), fill };

  async function fill(panel, id) {
    const region = element("section", { class: "failure", role: "alert", hidden: true });
    const loading = loadingLine();
    panel.append(region, loading.root);
    const fail = problemRegion(region);
    let view = null;
    try {
      const manifest = await (await fetchFile(`${folder}manifest.json`)).json();
      const makeView = VIEWS[manifest.task];
      if (!makeView) throw new ProblemError({ kind: "otherTask", task: manifest.task });
      const toLoad = files.filter((path) => path.startsWith(folder) && TO_LOAD.test(path));
      const bundle = models.open(folder, toLoad, sizes, loading.progress);
      view = makeView({ id, name, manifest, bundle, fail });
      loading.root.before(view.root); // nothing moves when the line goes
      await bundle.ready();
      view.showExamples(await examplesFor({ name, folder, manifest }, files).catch(() => []));
      panel.addEventListener("input", () => fail(null));
      panel.dataset.state = "ready";
    } catch (problem) {
      fail(problem);
      view?.showExamples([]);
      panel.dataset.state = "failed";
    }
    loading.root.remove();
  }
}

/** What a tab is called: the languages of a translation, else the name of the bundle. */
function titleOf(name) {
  const languages = languagesOf(name);
  return languages ? `${languageName(languages.source)} → ${languageName(languages.target)}` : name;
}

/** Tells how much of a model has arrived. */
function loadingLine() {
  const bar = element("progress", { label: "loading" });
  const said = element("span", { text: "loading" });
  const root = element("div", { class: "loading" }, said, bar);
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  const progress = ({ loaded, total }) => {
    delete said.dataset.text;
    bar.max = total;
    bar.value = loaded;
    const values = { loaded: megabytes(loaded), total: megabytes(total) };
    said.textContent = loaded < total ? words("loadingOf", values) : words("starting");
  };
  return { root, progress };
}

start();
