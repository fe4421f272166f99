/**
 * The photos of a report together. A question takes one; further ones are rows with captions (decision 0010), so a second
 * page of a protocol finds its way there from the question that took the first.
 */
import type { RepeatView } from "../../../engine/fill";
import type { Filling } from "../../draft/filling.svelte";
import { labelOf, type Say } from "../../draft/review";
import { isOfPhotos, mostPhotos } from "../../draft/rows";
import type { Spot, Step } from "../../draft/steps";
import { askedIn, type Shows } from "../../draft/visible";

/** A photo in a list of all of them. */
export interface ListedPhoto extends Spot {
  sha256: string;
  label: string;
  /** What is written beside it in its row; "" where nothing is. */
  caption: string;
  /** Nothing of it may stand in a list; that it is there may. */
  isSealed: boolean;
}

/** Every photo among what is shown, in the order of the checklist. */
export function listedPhotos(steps: readonly Step[], shows: Shows, text: Say): ListedPhoto[] {
  return steps.flatMap(({ index, nodes }) => {
    const asked = [...askedIn(nodes, shows)];
    const texts = asked.filter(
      ({ view: { question, value } }) => question.type === "text" && !question.sealed && value,
    );
    return asked.flatMap((one) => {
      const { question, value, path } = one.view;
      if (question.type !== "photo" || typeof value !== "string") return [];
      const row = path.slice(0, path.lastIndexOf("/") + 1);
      const beside = row && texts.find(({ view }) => view.path.startsWith(row));
      return {
        path,
        section: index,
        sha256: value,
        label: labelOf(one, text),
        caption: beside ? String(beside.view.value) : "",
        isSealed: question.sealed === true,
      };
    });
  });
}

/** The list of photos that stands in the checklist by itself and grows by hand. */
function furtherPhotos({ sections, shows }: Filling): { section: number; node: RepeatView } | undefined {
  for (const { index, nodes } of sections) {
    const node = nodes.find((one): one is RepeatView => "repeat" in one && isOfPhotos(one.repeat) && shows(one));
    if (node && node.count === undefined) return { section: index, node };
  }
  return undefined;
}

/** Whether there is a place for a further photo of this question: it has none of its own, and the list takes one more. */
export function takesFurther(filling: Filling, path: string): boolean {
  if (filling.readonly || path.includes("/")) return false;
  const further = furtherPhotos(filling);
  return further !== undefined && further.node.rows.length < mostPhotos;
}

/** Adds a row for a further photo of a question, its caption begun with what that asks; returns where its photo is asked. */
export function addFurther(filling: Filling, path: string): Spot | undefined {
  const further = furtherPhotos(filling);
  const first = filling.view(path);
  if (!(further && first && takesFurther(filling, path))) return undefined;
  const { section, node } = further;
  const { questions } = node.repeat;
  const photo = questions.find(({ type }) => type === "photo");
  const caption = questions.find(({ type, sealed, calculation }) => type === "text" && !sealed && !calculation);
  const row = `${node.path}/${filling.addRow(node.path)}`;
  if (caption) filling.answer(`${row}/${caption.id}`, filling.text(first.question.label, path), "answer");
  return photo && { section, path: `${row}/${photo.id}` };
}
