/** What a draft begins with beside its own answers. */

import type { Answers, Definition } from "../../engine/definition";
import { type Fill, openFill } from "../../engine/fill";
import type { Context } from "../../engine/functions/dates";
import type { FillExtras } from "../../engine/views";
import type { PlaceRef } from "../../missions/places";
import type { Draft } from "../../submissions/draft";
import { lastVisitArea, stationQuestion } from "../../submissions/lastVisit";
import type { FillField, FillSession } from "./session";

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
  if (draft.correction || Object.keys(draft.answers).length > 0 || stationQuestion(definition) === undefined)
    return undefined;
  return lastVisitArea(await field.ledger.list(), definition.kind, places ?? (await field.places.load()));
}

/** What the phone fills in by itself, and what the order of shuffled choices hangs on. */
export function extrasOf({ identity }: FillSession, { submission, earlier }: Draft, lastSaved: Answers): FillExtras {
  return { lastSaved, metadata: metadataOf(identity), seed: earlier ?? submission };
}

const metadataOf = (identity: FillSession["identity"]): Record<string, string> =>
  identity ? { deviceid: identity.device.id, username: identity.team.code } : {};

/** Where reports are begun, and whose phone it is. */
export interface BeginSession extends Pick<FillSession, "identity"> {
  readonly field: Pick<FillField, "checklists" | "drafts">;
}

/**
 * A new report as the phone begins it, for whoever has more answers to begin with: a draft that has any is not begun again
 * when it is opened.
 */
export async function openNew({ field, identity }: BeginSession, definition: Definition, now: Context): Promise<Fill> {
  const lastSaved = await field.drafts.carried(definition.id);
  return openFill(definition, {}, now, { lastSaved, metadata: metadataOf(identity) });
}
