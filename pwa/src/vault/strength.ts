/** How long a passphrase would hold against somebody who has the phone and time, in words an observer can use. */

export type Strength = "too-short" | "guessable" | "fair" | "strong";

/** Digits only: a PIN. Argon2id makes each guess cost half a second, so eight random digits hold for years. */
const shortestPin = 8;
const shortestPassphrase = 10;

const wellKnown =
  /pass|parol|парол|құпия|qwert|йцук|asdf|steppe|observ|osce|odihr|обсе|бдипч|admin|kazakh|казах|қазақ|election|выбор|сайлау/i;

/** Characters that add something: runs like `1111`, `1234`, `abcd` and their reverses count as one. */
function informative(text: string): number {
  let count = 0;
  let last = Number.NaN;
  let step = Number.NaN;
  for (const character of text.toLowerCase()) {
    const code = character.codePointAt(0) ?? 0;
    const now = code - last;
    if (!(now === step && Math.abs(now) <= 1)) count += 1;
    step = now;
    last = code;
  }
  return count;
}

function looksLikeDate(digits: string): boolean {
  return (
    /^(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(19|20)\d\d$/.test(digits) ||
    /^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/.test(digits)
  );
}

export function strengthOf(passphrase: string): Strength {
  const text = passphrase.normalize("NFC").trim();
  const isPin = /^\d+$/.test(text);
  if (text.length < (isPin ? shortestPin : shortestPassphrase)) return "too-short";
  const useful = informative(text);
  const different = new Set(text.toLowerCase()).size;
  if (isPin) {
    if (looksLikeDate(text) || different < 4 || useful < 6) return "guessable";
    return useful >= 10 ? "strong" : "fair";
  }
  const words = text.split(/[\s\-_.,]+/).filter((word) => word.length >= 3);
  const repeated = new Set(words.map((word) => word.toLowerCase())).size < words.length;
  if (different < 5 || useful < 8 || repeated) return "guessable";
  if (wellKnown.test(text) && useful < 16) return "guessable";
  return words.length >= 4 || useful >= 16 ? "strong" : "fair";
}

/** Whether the vault may be made with it: a guessable one is warned about, a short one is not taken. */
export function isAcceptable(strength: Strength): boolean {
  return strength !== "too-short";
}
