import type { Answers } from "../../engine/definition";
import type { FillExtras } from "../../engine/views";
import type { Draft } from "../../submissions/draft";
import type { FillSession } from "./session";

/** What the phone fills in by itself, and what the order of shuffled choices hangs on. */
export function extrasOf({ identity }: FillSession, { submission, earlier }: Draft, lastSaved: Answers): FillExtras {
  const metadata = identity ? { deviceid: identity.device.id, username: identity.team.code } : {};
  return { lastSaved, metadata, seed: earlier ?? submission };
}
