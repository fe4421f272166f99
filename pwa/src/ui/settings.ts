import { locales } from "../i18n/paraglide/runtime.js";

/** How the app looks and when it locks, in localStorage: readable by anybody who holds the phone, so nothing of the mission is in it. */

export interface Settings {
  language: string;
  theme: "system" | "light" | "dark";
  textSize: "normal" | "large";
  autoLockMinutes: number;
  /** How a checklist is laid out: one section per screen unless told. */
  layout?: "sections" | "page";
  /** Somebody has read that the browser may clear old data. */
  isStorageUnderstood?: boolean;
}

const key = "steppe-settings";
/** The message catalogue reads this one by itself (build/messages.js). */
const languageKey = "steppe-language";

/** The auto-lock here counts minutes without a touch; out of sight, `vault/autolock.ts` is stricter. */
const defaults: Omit<Settings, "language"> = { theme: "system", textSize: "normal", autoLockMinutes: 5 };

export function settingsIn(
  storage: Storage,
  languages: readonly string[],
): {
  get(): Settings;
  set(change: Partial<Settings>): void;
} {
  const spoken: readonly string[] = locales;
  const preferred = languages.map((tag) => tag.slice(0, 2)).find((tag) => spoken.includes(tag)) ?? "en";

  const get = (): Settings => ({
    ...defaults,
    ...stored(storage.getItem(key)),
    language: storage.getItem(languageKey) ?? preferred,
  });
  return {
    get,
    set(change) {
      const { language, ...rest } = { ...get(), ...change };
      storage.setItem(languageKey, language);
      storage.setItem(key, JSON.stringify(rest));
    },
  };
}

function stored(json: string | null): Partial<Settings> {
  try {
    return JSON.parse(json ?? "{}") as Partial<Settings>;
  } catch (failure) {
    if (failure instanceof SyntaxError) return {};
    throw failure;
  }
}
