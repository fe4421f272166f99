import { baseLocale, getLocale, isLocale, type Locale, locales, overwriteGetLocale } from "./paraglide/runtime.js";

export type { Locale };

/** Languages the app's own texts exist in, each under the name its speakers use. */
export const languages: readonly { code: Locale; name: string }[] = [
  { code: "en", name: "English" },
  { code: "ru", name: "Русский" },
  { code: "kk", name: "Қазақша" },
].filter((language): language is { code: Locale; name: string } =>
  (locales as readonly string[]).includes(language.code),
);

let current = $state<Locale>(getLocale());

// Messages read the language through a rune: changing it redraws every text without a reload, which would lock the vault.
overwriteGetLocale(() => current);

/** One of the app's own texts in each of its languages: what is written down now may be read in another later. */
export const inEveryLanguage = (message: (inputs?: object, options?: { locale?: Locale }) => string) =>
  Object.fromEntries(languages.map(({ code }) => [code, message({}, { locale: code })]));

export function language(): Locale {
  return current;
}

/** Shows the app in another language at once; an unknown one becomes English. */
export function showIn(code: string): void {
  current = isLocale(code) ? code : baseLocale;
  document.documentElement.lang = current;
}
