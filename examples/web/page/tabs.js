import { element } from "./elements.js";

/**
 * One panel for each bundle, and tabs where there are several. A panel is filled when it is
 * first shown.
 *
 * @param {HTMLElement} list the tab list
 * @param {HTMLElement} panels where the panels go
 * @param {string[]} names of the bundles
 * @param {(name: string) => {title: () => string,
 *     fill: (panel: HTMLElement, id: string) => Promise<void>}} describe
 * @returns {{first: Promise<void>}} `first` is done when the first panel is
 */
export function showTabs(list, panels, names, describe) {
  const tabs = names.map((name, place) => makeTab(`bundle-${place}`, describe(name)));
  list.hidden = names.length < 2;
  list.append(...tabs.map(({ button }) => button));
  panels.append(...tabs.map(({ panel }) => panel));
  for (const [place, { button }] of tabs.entries()) {
    button.addEventListener("click", () => select(place));
    button.addEventListener("keydown", (event) => {
      const next = neighbour(event.key, place, tabs.length);
      if (next === null) return;
      event.preventDefault();
      select(next);
      tabs[next].button.focus();
    });
  }
  if (list.hidden) {
    for (const { panel } of tabs) {
      panel.removeAttribute("role");
      panel.removeAttribute("aria-labelledby");
    }
  }
  addEventListener("resize", showSelected);
  const start = names.indexOf(decodeURIComponent(location.hash.slice(1)));
  return { first: select(Math.max(start, 0), false) };

  /** Moves the list sideways only, so that nobody loses the place on the page. */
  function showSelected() {
    const { offsetLeft, offsetWidth } = list.querySelector("[aria-selected='true']");
    list.scrollLeft = offsetLeft - (list.clientWidth - offsetWidth) / 2;
  }

  function select(chosen, remember = true) {
    for (const [place, { button, panel }] of tabs.entries()) {
      button.setAttribute("aria-selected", String(place === chosen));
      button.tabIndex = place === chosen ? 0 : -1;
      panel.hidden = place !== chosen;
    }
    showSelected();
    if (remember) history.replaceState(null, "", `#${encodeURIComponent(names[chosen])}`);
    return tabs[chosen].shown();
  }
}

function makeTab(id, { title, fill }) {
  const panel = element("div", { id, class: "panel", role: "tabpanel", "aria-labelledby": `${id}-tab`, hidden: true });
  const button = element("button", { id: `${id}-tab`, type: "button", role: "tab", "aria-controls": id }, title());
  document.addEventListener("wordschange", () => (button.textContent = title()));
  let filled;
  const shown = () => (filled ??= fill(panel, id));
  return { button, panel, shown };
}

/** The tab to which a key moves; null for another key. */
function neighbour(key, place, count) {
  if (key === "ArrowRight") return (place + 1) % count;
  if (key === "ArrowLeft") return (place + count - 1) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}
