/** What was recorded or photographed and is no answer yet, on its way to the question it is for. */
import type { WaitingCapture } from "../../../attachments/captures";
import { slugOf } from "../../../wire/problem";
import type { Filling } from "../../draft/filling.svelte";

/** What no other try makes good: the bytes are not what the question asks for. */
const hopeless = new Set(["not-an-image", "cut-image", "empty-file"]);

/**
 * Answers its question with it; whether that is the beginning only. Rejects as `Attachments.add` does; it waits on, unless
 * the bytes themselves are wrong.
 */
export async function attachCapture(filling: Filling, waiting: WaitingCapture): Promise<boolean> {
  const { captures } = filling.session.field;
  let isPart = false;
  try {
    const captured = await captures.file(waiting);
    const { file, keeping } = captured;
    isPart = captured.isPart;
    await filling.media.attach(waiting.path, file, keeping);
    // Only a draft that names it on the disk lets the sealed pieces go.
    await filling.kept.settle();
  } catch (failure) {
    if (hopeless.has(slugOf(failure))) await captures.drop(waiting.id);
    throw failure;
  }
  await captures.drop(waiting.id);
  return isPart;
}

export interface Returned {
  /** Questions that have it as their answer now. */
  attached: string[];
  /** Of these, those of which only the beginning could be kept. */
  parts: string[];
  /** Why one of them could not be attached, as a slug. */
  problem?: string;
}

/** Attaches what waits for a draft. What its question has another file for already, or is not asked, is for a person to decide. */
export async function takeReturned(filling: Filling, waiting: readonly WaitingCapture[]): Promise<Returned> {
  const returned: Returned = { attached: [], parts: [] };
  for (const one of waiting) {
    if (filling.answers()[one.path] !== undefined || !filling.asks(one.path)) continue;
    try {
      if (await attachCapture(filling, one)) returned.parts.push(one.path);
      returned.attached.push(one.path);
    } catch (failure) {
      returned.problem = slugOf(failure);
    }
  }
  await filling.media.lookForCaptures();
  return returned;
}
