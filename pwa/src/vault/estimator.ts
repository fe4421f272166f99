/**
 * How many guesses a passphrase takes, by zxcvbn's reckoning: words, names, dates, rows of keys, repeats and sequences are
 * cheap, the rest is tried letter by letter. Loaded only where a passphrase is chosen.
 */

import commonWords from "virtual:common-words";
import { type MatchExtended, MatcherBaseClass, type OptionsGraphEntry, ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs } from "@zxcvbn-ts/language-common";
import { kazakhWords, missionWords, russianWords } from "./localWords";

/** Where a word that no list here holds stands among the words of its language, as a careful guess. */
const rarerWord = 30_000;

const cyrillicRows = ["ёйцукенгшщзхъ", " фывапролджэ", " ячсмитьбю"];
const latinRows = ["`qwertyuiop[]", " asdfghjkl;'", " zxcvbnm,."];

/** Which keys touch which, on rows that stand each half a key further right: left, above, above right, right, below, below left. */
function graphOf(rows: readonly string[]): OptionsGraphEntry {
  const at = (row: number, column: number): string | null => {
    const key = rows[row]?.[column]?.trim();
    return key ? key + key.toUpperCase() : null;
  };
  const graph: OptionsGraphEntry = {};
  rows.forEach((keys, row) => {
    for (let column = 0; column < keys.length; column += 1) {
      const around = [
        at(row, column - 1),
        at(row - 1, column),
        at(row - 1, column + 1),
        at(row, column + 1),
        at(row + 1, column),
        at(row + 1, column - 1),
      ];
      for (const key of at(row, column) ?? "") graph[key] = around;
    }
  });
  return graph;
}

/** What comes out when somebody types words of one keyboard while the other is switched on: `gfhjkm` for `пароль`. */
function retyped(words: readonly string[], from: readonly string[], to: readonly string[]): string[] {
  const keys = new Map([...from.join("")].map((key, at) => [key, [...to.join("")][at] ?? key]));
  return words.map((word) => [...word].map((letter) => keys.get(letter) ?? letter).join(""));
}

const listed = (words: string): string[] => words.split(/\s+/).filter((word) => word !== "");
/** The two signs stand for no sound of their own and part consonants as vowels do. */
const vowels = /[aeiouyаеёиоуыэюяәіөүұъь]/i;

/** Finds runs of letters that could be words of any language here: never five consonants in a row. */
class RarerWords extends MatcherBaseClass {
  override match({ password }: { password: string }): MatchExtended[] {
    return [...password.matchAll(/\p{L}{4,}/gu)]
      .filter(([word]) => vowels.test(word) && !word.split(vowels).some((consonants) => consonants.length > 4))
      .map(({ 0: token, index }) => ({ pattern: "rarerWord", token, i: index, j: index + token.length - 1 }));
  }
}

function makeEstimator(): ZxcvbnFactory {
  const russian = listed(russianWords);
  const kazakh = listed(kazakhWords);
  const english = listed(commonWords.english);
  const passwords = listed(commonWords.passwords);
  return new ZxcvbnFactory(
    {
      dictionary: {
        mission: listed(missionWords),
        passwords,
        english,
        names: listed(commonWords.names),
        russian,
        kazakh,
        russianOnLatinKeys: retyped([...listed(missionWords), ...russian], cyrillicRows, latinRows),
        englishOnCyrillicKeys: retyped([...passwords, ...english], latinRows, cyrillicRows),
      },
      graphs: {
        qwerty: adjacencyGraphs.qwerty,
        keypad: adjacencyGraphs.keypad,
        keypadMac: adjacencyGraphs.keypadMac,
        cyrillic: graphOf(cyrillicRows),
      },
    },
    {
      rarerWord: {
        Matching: RarerWords,
        scoring: () => rarerWord,
        feedback: () => ({ warning: null, suggestions: [] }),
      },
    },
  );
}

let estimator: ZxcvbnFactory | undefined;

/** About how many passphrases are tried before this one. */
export function guessesFor(passphrase: string): number {
  estimator ??= makeEstimator();
  return estimator.check(passphrase.normalize("NFC")).guesses;
}
