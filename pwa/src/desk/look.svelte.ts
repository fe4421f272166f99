import { type Locale, language, showIn } from "../i18n/language.svelte";
import { settingsIn } from "../ui/settings";

export type Theme = "system" | "light" | "dark";

/** Language and theme of this browser. */
export class LookSettings {
  theme = $state<Theme>("system");
  readonly #stored = settingsIn(localStorage, navigator.languages);

  constructor() {
    const { theme, language: wanted } = this.#stored.get();
    this.setTheme(theme);
    showIn(wanted);
  }

  get language(): Locale {
    return language();
  }

  setLanguage(code: Locale): void {
    showIn(code);
    this.#stored.set({ language: code });
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.#stored.set({ theme });
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }
}
