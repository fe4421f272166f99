import type { Draft } from "../../app/ports";
import type { Session } from "../../app/session.svelte";
import type { Answers } from "../../engine/definition";
import type { FillExtras } from "../../engine/views";

/** What the phone fills in by itself, and what the order of shuffled choices hangs on. */
export function extrasOf({ identity }: Session, { submission }: Draft, lastSaved: Answers): FillExtras {
  const metadata = identity ? { deviceid: identity.device.id, username: identity.team.code } : {};
  return { lastSaved, metadata, seed: submission };
}
