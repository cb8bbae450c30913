import { OptionError } from "../errors.js";

/**
 * The range of a number.
 *
 * @typedef {object} Range
 * @property {number} least
 * @property {number} [most]
 * @property {boolean} [whole] whether it must be a whole number
 * @property {boolean} [above] whether it must be above `least`
 */

/**
 * All options of a call: those given, and for the rest the defaults.
 *
 * @template {object} Options
 * @param {Record<string, any>} given undefined and null count as not given
 * @param {Options} defaults
 * @param {Record<string, Range>} ranges of the options that are numbers
 * @returns {Options}
 * @throws {OptionError} an option is unknown or out of range
 */
export function checkedOptions(given, defaults, ranges) {
  const found = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) {
      continue;
    }
    if (!(name in defaults)) {
      const known = Object.keys(defaults).join(", ");
      throw new OptionError(`There is no option "${name}"; choose from ${known}.`);
    }
    if (name in ranges && !within(value, ranges[name])) {
      throw new OptionError(`${name} must be ${inWords(ranges[name])}, not ${value}.`);
    }
    Object.assign(found, { [name]: value });
  }
  return found;
}

/**
 * @param {unknown} value
 * @param {Range} range
 */
function within(value, { least, most = Infinity, whole = false, above = false }) {
  return (
    typeof value === "number" &&
    (whole ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    (above ? value > least : value >= least) &&
    value <= most
  );
}

/** @param {Range} range */
function inWords({ least, most, whole = false, above = false }) {
  const upper = most === undefined ? "" : ` and at most ${most}`;
  return `a ${whole ? "whole " : ""}number ${above ? "above" : "of at least"} ${least}${upper}`;
}
