/**
 * How the message catalogue (messages/*.json) becomes typed functions in src/i18n/paraglide.
 * `npm run messages` runs it before builds, type checks and tests; only `vite dev` watches and recompiles by itself.
 */
import { compile } from "@inlang/paraglide-js";

/** @type {import("@inlang/paraglide-js").CompilerOptions} */
export const messageOptions = {
  project: "./project.inlang",
  outdir: "./src/i18n/paraglide",
  // The person's choice on this device, else the browser's language, else English. No cookie: the server never learns it.
  strategy: ["localStorage", "preferredLanguage", "baseLocale"],
  localStorageKey: "steppe-language",
  emitTsDeclarations: true,
  emitGitIgnore: false,
};

if (process.argv[1] === import.meta.filename) await compile(messageOptions);
