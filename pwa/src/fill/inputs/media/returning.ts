/** What was recorded or photographed before the app was locked or ended, on its way to the question it is for. */
import type { WaitingCapture } from "../../../attachments/captures";
import { slugOf } from "../../../wire/problem";
import type { Filling } from "../../draft/filling.svelte";

/** What no other try makes good: the bytes are not what the question asks for. */
const hopeless = new Set(["not-an-image", "cut-image", "too-large", "empty-file"]);

/** Answers its question with it. Rejects as `Attachments.add` does; it waits on, unless the bytes themselves are wrong. */
export async function attachCapture(filling: Filling, waiting: WaitingCapture): Promise<void> {
  const { captures } = filling.session.field;
  try {
    const { file, keeping } = await captures.file(waiting);
    await filling.attach(waiting.path, file, keeping);
    // Only a draft that names it on the disk lets the sealed pieces go.
    await filling.kept.settle();
  } catch (failure) {
    if (hopeless.has(slugOf(failure))) await captures.drop(waiting.id);
    throw failure;
  }
  await captures.drop(waiting.id);
}

export interface Returned {
  /** Questions that have it as their answer now. */
  attached: string[];
  /** Those whose question is answered by another file already, or gone: for a person to decide. */
  offered: WaitingCapture[];
  /** Why one of them could not be attached, as a slug. */
  problem?: string;
}

/** Attaches what waits for a draft that was just opened. */
export async function takeReturned(filling: Filling, waiting: readonly WaitingCapture[]): Promise<Returned> {
  const returned: Returned = { attached: [], offered: [] };
  for (const one of waiting) {
    if (filling.answers()[one.path] !== undefined || !filling.asks(one.path)) returned.offered.push(one);
    else {
      try {
        await attachCapture(filling, one);
        returned.attached.push(one.path);
      } catch (failure) {
        returned.problem = slugOf(failure);
      }
    }
  }
  return returned;
}
