import { languagesOf } from "./languages.js";

const BUILT_IN = {
  sentiment: {
    latin: [
      "A wonderful film, I could watch it again and again.",
      "Not good, not bad – just boring!",
      "I walked out after an hour. What a waste of time.",
    ],
    han: ["非常好看，强烈推荐！", "服务太差，再也不来了。", "味道一般，价格偏贵。"],
  },
  generation: { latin: ["The ", "My love", "What is"], han: ["春风", "明月", "山中"] },
};
const TO_TRANSLATE = {
  en: ["A man is sleeping on a couch.", "I don't know where he lives.", "Two dogs play in the snow."],
  de: ["Ein Mann schläft auf einem Sofa.", "Zwei Hunde spielen im Schnee."],
  fr: ["Un homme dort sur un canapé.", "Deux chiens jouent dans la neige."],
  zh: ["我不知道他住在哪里。", "两只狗在雪地里玩。"],
};
const SHARE_OF_HAN = 0.05;

/**
 * Texts to try a bundle with: those of examples.json in its folder, else built-in ones in a
 * script that its vocabulary holds.
 *
 * @param {object} bundle
 * @param {string} bundle.name
 * @param {string} bundle.folder relative to the page
 * @param {any} bundle.manifest
 * @param {string[]} files all files of the site
 * @returns {Promise<string[]>}
 */
export async function examplesFor({ name, folder, manifest }, files) {
  const own = `${folder}examples.json`;
  if (files.includes(own)) return (await fetch(own)).json();
  if (manifest.task === "translation") return TO_TRANSLATE[languagesOf(name)?.source] ?? [];
  if (manifest.task === "sentiment" && !judges(manifest.labels)) return [];
  const tokenizer = await (await fetch(folder + manifest.tokenizer.file)).json();
  return BUILT_IN[manifest.task]?.[scriptOf(tokenizer.model.vocab)] ?? [];
}

/** Whether labels say how much somebody likes something, of which the built-in texts speak. */
function judges(labels) {
  return labels.some((label) => /^(neg|pos|bad|good|[01]$|负|正|差|好)/i.test(label));
}

/** "han" where a good part of the tokens is Chinese; a token of bytes shows its first byte. */
function scriptOf(vocabulary) {
  const tokens = Object.keys(vocabulary);
  const chinese = tokens.filter((token) => /\p{Script=Han}/u.test(token) || /^Ġ?[ä-é].{2}/u.test(token));
  return chinese.length > SHARE_OF_HAN * tokens.length ? "han" : "latin";
}
