/** Flags: negative indicators and soft checks that fired. The twin of `backend/steppe/checklists/evaluation/flags.py`. */

import { type Answer, type Answers, type Definition, NO_OPINION } from "./definition";
import { Engine } from "./engine";
import type { Entry } from "./form";
import type { Context } from "./functions/dates";
import { numberOfText, textOfAnswer } from "./functions/values";
import { choiceNamed, isChosen } from "./offered";

/**
 * One thing a reader should look at. `severity` is 1 to 3, or 0 for a soft check to which the form gives none.
 * `answer` is the choice or number that made a negative indicator; soft checks have none.
 */
export interface Flag {
  readonly path: string;
  readonly question: string;
  readonly kind: "negative" | "soft" | "unevaluated";
  readonly severity: 0 | 1 | 2 | 3;
  readonly answer?: string;
}

/** The flags of a filled checklist: questions in document order, rows in their order, negatives before soft. */
export function flags(definition: Definition, answers: Answers, context: Context): Flag[] {
  return flagsOf(new Engine(definition, answers, context));
}

/** The flags of answers already evaluated. */
export function flagsOf(engine: Engine): Flag[] {
  const found: Flag[] = [];
  for (const entry of engine.index.entries.values()) {
    const { soft, negative, constraint } = entry.question;
    const mayBeFixed = entry.uncorrectable || entry.question.read_only_when !== undefined;
    if (soft === undefined && negative === undefined && !(mayBeFixed && constraint)) continue;
    for (const prefix of engine.held.prefixes(entry.chain)) found.push(...flagsAt(engine, entry, prefix));
  }
  return [...found, ...unevaluated(engine)];
}

/** What could not be evaluated, one flag a question whatever its rows; of a section, at what it asks first. */
function unevaluated(engine: Engine): Flag[] {
  const { entries, repeats, sections } = engine.index;
  const first = new Map<string, string>();
  for (const [path, id] of [...engine.unevaluated, ...engine.unfit]) if (!first.has(id)) first.set(id, path);
  const found = [...first].flatMap(([id, path]): Flag[] => {
    const inside = repeats.get(id)?.entries ?? sections.get(id)?.entries;
    const question = entries.has(id) ? id : inside?.[0]?.question.id;
    return question === undefined ? [] : [{ path, question, kind: "unevaluated", severity: 1 }];
  });
  const order = [...entries.keys()];
  return found.sort((one, other) => order.indexOf(one.question) - order.indexOf(other.question));
}

/** The flags of the answer of a question in one row (`""` outside all). */
export function flagsAt(engine: Engine, entry: Entry, prefix: string): Flag[] {
  const { question } = entry;
  const path = prefix + question.id;
  const answer = engine.values.get(path);
  if (answer === undefined) return [];
  const found = negatives(engine, entry, path, answer);
  const isGiven = entry.uncorrectable || (question.read_only_when && engine.isReadOnly(entry, prefix));
  const checks = [question.soft, isGiven ? question.constraint : undefined];
  if (checks.some((check) => check && !engine.holdsAt(entry, prefix, check, answer))) {
    found.push({ path, question: question.id, kind: "soft", severity: question.negative?.fail ?? 0 });
  }
  return found;
}

function negatives(engine: Engine, { question }: Entry, path: string, answer: Answer): Flag[] {
  const { negative } = question;
  if (negative === undefined) return [];
  const flag = (severity: 1 | 2 | 3, said: string): Flag => ({
    path,
    question: question.id,
    kind: "negative",
    severity,
    answer: said,
  });
  if (isChosen(question)) {
    return (typeof answer === "object" ? answer : [textOfAnswer(answer)]).flatMap((name) => {
      if (choiceNamed(engine.definition, question, name) === undefined) return [];
      const severity = negative[name] ?? (NO_OPINION.has(name) ? undefined : negative.any);
      return severity === undefined ? [] : [flag(severity, name)];
    });
  }
  const above = negative[">0"];
  const text = textOfAnswer(answer);
  return above !== undefined && numberOfText(text, engine.context) > 0 ? [flag(above, text)] : [];
}
