/** What a draft begins with beside its own answers. */

import type { Answers, Definition } from "../../engine/definition";
import type { FillExtras } from "../../engine/views";
import type { PlaceRef } from "../../missions/places";
import type { Draft } from "../../submissions/draft";
import { lastVisitArea, stationQuestion } from "../../submissions/lastVisit";
import type { FillSession } from "./session";

export interface Beginning {
  /** What the form carries over from its report last finished here. */
  carried?: Answers;
  /** Where the last visit was; only for a draft without answers. */
  area?: PlaceRef | undefined;
}

/** What this phone knows for a draft of this form. */
export async function beginningOf(session: FillSession, draft: Draft, definition: Definition): Promise<Beginning> {
  const carried = await session.field.drafts.carried(draft.form);
  return { carried, area: await likelyArea(session, draft, definition) };
}

/** Where a visit is likely to be; undefined for a draft that has answers, and for what is no visit to a station. */
async function likelyArea({ field, places }: FillSession, draft: Draft, definition: Definition) {
  if (Object.keys(draft.answers).length > 0 || stationQuestion(definition) === undefined) return undefined;
  return lastVisitArea(await field.ledger.list(), definition.kind, places ?? (await field.places.load()));
}

/** What the phone fills in by itself, and what the order of shuffled choices hangs on. */
export function extrasOf({ identity }: FillSession, { submission, earlier }: Draft, lastSaved: Answers): FillExtras {
  const metadata = identity ? { deviceid: identity.device.id, username: identity.team.code } : {};
  return { lastSaved, metadata, seed: earlier ?? submission };
}
