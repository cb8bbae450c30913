// What can be measured of a page that everybody is to be able to use. The first two functions
// run within the page.

/** Texts whose contrast with what lies behind them is below 4.5 (WCAG 2.1, 1.4.3). */
export function lowContrast() {
  const numbers = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) => {
    const [red, green, blue] = numbers(color).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (start) => {
    for (let found = start; found; found = found.parentElement) {
      const color = getComputedStyle(found).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    const holder = walker.currentNode.parentElement;
    if (text === "" || !holder.checkVisibility()) continue;
    const pair = [luminance(getComputedStyle(holder).color), luminance(behind(holder))];
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < 4.5) low.push(`${text.slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return low;
}

/** Controls that are less than 44 pixels high. */
export function smallTargets() {
  return [...document.querySelectorAll("button, summary, select, input, textarea")]
    .filter((control) => control.checkVisibility() && control.getBoundingClientRect().height < 44)
    .map((control) => control.outerHTML.slice(0, 80));
}

/**
 * Controls that a screen reader could not name.
 * @param {any} page
 */
export async function withoutName(page) {
  const found = [];
  const roles = ["button", "textbox", "slider", "combobox", "tab", "group", "progressbar"];
  const look = ({ role, name, children = [] }) => {
    if (roles.includes(role) && !name) found.push(role);
    children.forEach(look);
  };
  look(await page.accessibility.snapshot());
  return found;
}
