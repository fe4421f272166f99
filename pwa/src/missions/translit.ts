/**
 * One search key for a name written in Kazakh Cyrillic, Russian or any Latin romanisation: "Қызылорда", "Кызылорда",
 * "Kyzylorda" and "qyzylorda" all become "kizilorda". The same rules as backend/steppe/missions/translit.py;
 * tests/vectors/translit.json is run by both.
 *
 * The key prefers the longer spelling (ж → "zh", х → "kh"), so that what is typed letter by letter stays the
 * beginning of what will be found. It is for finding, never for showing.
 */

const LETTERS = new Map(
  Object.entries({
    ...{ а: "a", ә: "a", б: "b", в: "v", г: "g", ғ: "g", д: "d", е: "e", ё: "e", ж: "zh", з: "z", и: "i", й: "i" },
    ...{ к: "k", қ: "k", л: "l", м: "m", н: "n", ң: "n", о: "o", ө: "o", п: "p", р: "r", с: "s", т: "t", у: "u" },
    ...{ ұ: "u", ү: "u", ф: "f", х: "kh", һ: "kh", ц: "ts", ч: "ch", ш: "sh", щ: "sh", ъ: "", ы: "i", і: "i" },
    ...{ ь: "", э: "e", ю: "iu", я: "ia" },
    ...{ c: "ts", h: "kh", j: "zh", q: "k", w: "u", x: "ks", y: "i" },
    ...{ ç: "ch", č: "ch", ş: "sh", š: "sh", ž: "zh", ı: "i", ə: "a" },
  }),
);
const PAIRS = new Map(Object.entries({ ch: "ch", gh: "g", kh: "kh", sh: "sh", zh: "zh" }));
const PLAIN = /[a-z0-9]/;
const SILENT = /['’‘ʼʻ`´ʹʺ"]|\p{M}/u;
const NO_NAME = /^(\p{L})\1{2,}$/iu;
const NUMERAL = /^(?:[iі]+|[xх]+)$/iu;
/** Spellings that differ between romanisations, settled on the folded word: Щ shch/sh, Дж dzh/zh, Ң ng/n, Е ye/e, Ё yo/e. */
const SETTLED = [
  ["shch", "sh"],
  ["dzh", "zh"],
  ["ng", "n"],
  ["ie", "e"],
  ["io", "e"],
] as const;

/** The search key of `text`: words of a–z and 0–9 separated by single spaces. Folding a key changes nothing. */
export function fold(text: string): string {
  return foldWords(text).join(" ");
}

/**
 * The words of what somebody types to find a name. What no name could be is kept as it was typed, which no key holds: one
 * letter three times or more, unless it is a Roman numeral, would fold to a single letter and find every name with it, and
 * what has neither letter nor digit of ours would fold to nothing and find everything.
 */
export function foldQuery(typed: string): string[] {
  const words = typed
    .split(" ")
    .flatMap((piece) => (NO_NAME.test(piece) && !NUMERAL.test(piece) ? piece : foldWords(piece)));
  return words.length > 0 || typed.trim() === "" ? words : [typed.trim()];
}

/**
 * The words of the key. `known` remembers what each piece between spaces folded to: thousands of names repeat a few
 * hundred pieces, and looking them up is ten times faster.
 */
export function foldWords(text: string, known?: Map<string, string[]>): string[] {
  return text.split(" ").flatMap((piece) => {
    const before = known?.get(piece);
    if (before !== undefined) return before;
    const keys = splitWords(piece)
      .map(foldWord)
      .filter((key) => key !== "");
    known?.set(piece, keys);
    return keys;
  });
}

/** Letters and digits stay, without marks no table knows; apostrophes vanish; everything else parts words. */
function splitWords(text: string): string[] {
  let kept = "";
  for (const char of text.toLowerCase().normalize("NFC")) {
    if (LETTERS.has(char)) kept += char;
    else if (!SILENT.test(char)) kept += base(char) || " ";
  }
  return kept.split(" ").filter((word) => word !== "");
}

/** The plain a–z or 0–9 under a letter's marks ("ö" → "o"); "" for what is neither. */
function base(char: string): string {
  const first = char.normalize("NFD").charAt(0);
  return PLAIN.test(first) ? first : "";
}

function foldWord(word: string): string {
  let out = "";
  const chars = [...word];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? "";
    const pair = PAIRS.get(char + (chars[i + 1] ?? ""));
    if (pair === undefined) {
      out += LETTERS.get(char) ?? char;
    } else {
      out += pair;
      i++;
    }
  }
  return settle(out);
}

/** Applies the settled spellings and drops doubled letters until nothing changes. */
function settle(folded: string): string {
  let word = folded;
  for (;;) {
    const before = word;
    word = word.replace(/([a-z])\1+/g, "$1");
    for (const [spelling, settled] of SETTLED) word = word.replaceAll(spelling, settled);
    if (word === before) return word;
  }
}
