/**
 * The words of the interface, in English and Chinese.
 *
 * An element with `data-text`, `data-label` or `data-placeholder` holds the name of its words, so
 * that `showWords` can change the language of the whole page at any time.
 */

const ENGLISH = {
  language: "中文",
  languageCode: "zh-Hans",
  privacy: "Runs on this device. What you type stays here.",
  tabs: "Models",
  loading: "Loading the model",
  loadingOf: "Loading the model: {loaded} of {total} MB",
  starting: "Starting the model",
  offline: "Offline",
  worksOffline: "Works without a network from now on.",
  storing: "Storing the page for use without a network",
  install: "Install as an app",
  update: "Reload with the new version",
  milliseconds: "{value} ms",
  examples: "Examples",
  settings: "Settings",
  copy: "Copy",
  copied: "Copied",
  copyByHand: "Selected: copy it with the menu of your device",

  sentimentText: "Text",
  sentimentPlaceholder: "Write or paste a text",
  sentimentEmpty: "The answer appears here as you type.",
  answer: "Answer",
  otherLabels: "{count} less likely labels are not shown",

  prompt: "Beginning",
  promptPlaceholder: "The model goes on from here; it may be empty",
  write: "Write",
  stop: "Stop",
  again: "Another one",
  written: "Text",
  writing: "Writing",
  length: "Length",
  lengthValue: "at most {value} tokens",
  temperature: "Temperature",
  temperatureGreedy: "{value}, always the likeliest",
  condition: "Kind of text",
  seed: "Seed",
  seedPlaceholder: "a new one each time",
  seedUsed: "Seed {seed}",
  keepSeed: "Keep this seed",
  nothingWritten: "The model ended the text at once.",

  source: "Text to translate",
  sourcePlaceholder: "Write or paste a text",
  target: "Translation",
  translating: "Translating",
  translationEmpty: "The translation appears here after a short pause.",
  noTranslation: "The model finds no words for this text.",
  textCut: "The text is longer than the model reads; its end was left out.",
  beam: "Beam",
  beamValue: "{value} translations side by side",
  beamGreedy: "1, the fastest",
  otherTranslations: "Other translations",

  missing: "{file} is missing: the host answers {status}.",
  missingAdvice: "Put all files of the site on the host again, then reload this page.",
  unreachable: "{file} could not be loaded.",
  unreachableAdvice: "Check the connection and that the whole site is on the host, then reload this page.",
  noWebAssembly: "This browser runs no WebAssembly with SIMD, which the model needs.",
  noWebAssemblyAdvice:
    "Use a current version of Safari, Chrome, Edge or Firefox. Where Lockdown Mode or a policy switches WebAssembly off, allow it for this page.",
  noSite: "files.json, the list of files of this site, cannot be read.",
  noSiteAdvice: "Open the folder that the export wrote, not the sources of the page.",
  otherTask: "This page has no view for the task “{task}”.",
  otherTaskAdvice: "Export the page again with the version of rnn-toolkit that made the model.",
  broken: "The model cannot be used: {message}",
  brokenAdvice: "Reload this page; if that does not help, export the model again.",
};

const CHINESE = {
  language: "English",
  languageCode: "en",
  privacy: "模型在本机运行，您输入的内容不会离开这台设备。",
  tabs: "模型",
  loading: "正在加载模型",
  loadingOf: "正在加载模型：{loaded} / {total} MB",
  starting: "正在启动模型",
  offline: "离线",
  worksOffline: "此页面现在可以离线使用。",
  storing: "正在保存页面以便离线使用",
  install: "安装为应用",
  update: "重新加载新版本",
  milliseconds: "{value} 毫秒",
  examples: "示例",
  settings: "设置",
  copy: "复制",
  copied: "已复制",
  copyByHand: "已选中，请用设备菜单复制",

  sentimentText: "文本",
  sentimentPlaceholder: "输入或粘贴一段文本",
  sentimentEmpty: "输入时，结果会显示在这里。",
  answer: "结果",
  otherLabels: "另有 {count} 个可能性较低的标签未显示",

  prompt: "开头",
  promptPlaceholder: "模型从这里续写，也可以留空",
  write: "开始写",
  stop: "停止",
  again: "再写一篇",
  written: "正文",
  writing: "正在写",
  length: "长度",
  lengthValue: "最多 {value} 个词元",
  temperature: "温度",
  temperatureGreedy: "{value}，总取最可能的词元",
  condition: "文本类别",
  seed: "随机种子",
  seedPlaceholder: "每次不同",
  seedUsed: "种子 {seed}",
  keepSeed: "保留此种子",
  nothingWritten: "模型立即结束了文本。",

  source: "原文",
  sourcePlaceholder: "输入或粘贴一段文本",
  target: "译文",
  translating: "正在翻译",
  translationEmpty: "停顿片刻后，译文会显示在这里。",
  noTranslation: "模型没有给出译文。",
  textCut: "原文超过模型能读取的长度，末尾部分未翻译。",
  beam: "束宽",
  beamValue: "同时搜索 {value} 个译文",
  beamGreedy: "1，最快",
  otherTranslations: "其他译文",

  missing: "缺少文件 {file}：服务器返回 {status}。",
  missingAdvice: "请把网站的全部文件重新放到服务器上，再重新加载此页面。",
  unreachable: "无法加载 {file}。",
  unreachableAdvice: "请检查网络连接，并确认整个网站都在服务器上，然后重新加载此页面。",
  noWebAssembly: "此浏览器不支持带 SIMD 的 WebAssembly，而模型需要它。",
  noWebAssemblyAdvice:
    "请使用最新版本的 Safari、Chrome、Edge 或 Firefox；如果锁定模式或管理策略关闭了 WebAssembly，请为此页面开启。",
  noSite: "无法读取本站的文件清单 files.json。",
  noSiteAdvice: "请打开导出命令生成的文件夹，而不是页面的源文件。",
  otherTask: "此页面没有用于任务“{task}”的界面。",
  otherTaskAdvice: "请用生成该模型的 rnn-toolkit 版本重新导出页面。",
  broken: "模型无法使用：{message}",
  brokenAdvice: "请重新加载此页面；如仍无效，请重新导出模型。",
};

const WORDS = { en: ENGLISH, zh: CHINESE };
const KEPT_AS = "language";

let language = firstLanguage();

/** The language of the interface: "en" or "zh". */
export function currentLanguage() {
  return language;
}

/**
 * Words of the interface.
 * @param {keyof typeof ENGLISH} name
 * @param {Record<string, string | number>} [values] for the places in braces
 * @returns {string}
 */
export function words(name, values = {}) {
  return WORDS[language][name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

/** Changes to the other language, for this visit and the next ones. */
export function switchLanguage() {
  language = language === "en" ? "zh" : "en";
  try {
    localStorage.setItem(KEPT_AS, language);
  } catch {
    // Storage may be forbidden: the choice then lasts for this visit.
  }
  showWords(document);
  document.dispatchEvent(new Event("wordschange"));
}

/**
 * Puts the words of the current language where elements name them.
 * @param {ParentNode} root
 */
export function showWords(root) {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  for (const found of root.querySelectorAll("[data-text]")) {
    found.textContent = words(found.dataset.text);
  }
  for (const found of root.querySelectorAll("[data-label]")) {
    found.setAttribute("aria-label", words(found.dataset.label));
  }
  for (const found of root.querySelectorAll("[data-placeholder]")) {
    found.placeholder = words(found.dataset.placeholder);
  }
}

/** The language chosen before, else that of the browser. */
function firstLanguage() {
  let kept = null;
  try {
    kept = localStorage.getItem(KEPT_AS);
  } catch {
    // See switchLanguage.
  }
  if (kept === "en" || kept === "zh") return kept;
  return /^zh\b/i.test(navigator.language) ? "zh" : "en";
}
