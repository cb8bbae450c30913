/** A bundle is damaged, incomplete, too new, or holds something that this client cannot run. */
export class BundleError extends Error {
  name = "BundleError";
}

/** An option is unknown, out of range or contradicts another. */
export class OptionError extends Error {
  name = "OptionError";
}
