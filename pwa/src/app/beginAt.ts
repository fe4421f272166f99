import { isRepeat } from "../engine/definition";
import type { Context } from "../engine/functions/dates";
import { type BeginSession, openNew } from "../fill/draft/beginning";
import { areaOf } from "../missions/areas";
import type { PlaceRef, Places } from "../missions/places";
import type { Draft } from "../submissions/draft";

/** A place used before, where the next report is made too. */
export interface Whereabouts {
  place: PlaceRef;
  /** The mission's list, which knows what the place lies in. */
  places: Places | undefined;
}

/**
 * Begins a report at a place: the first questions of its checklist for a station, a district and a region are answered with
 * it and with what it lies in. Rejects as beginning a report does.
 */
export async function beginAt(
  session: BeginSession,
  checklist: string,
  { place, places }: Whereabouts,
  begun: { short?: boolean },
  now: Context,
): Promise<Draft> {
  const definition = await session.field.checklists.definition(checklist);
  const fill = await openNew(session, definition, now);
  const open = new Set<PlaceRef["kind"]>(["station", "district", "region"]);
  for (const node of definition.sections.flatMap(({ nodes }) => nodes)) {
    if (isRepeat(node) || !node.location || !open.delete(node.location)) continue;
    const station = place.kind === "station" ? place.code : undefined;
    const code = node.location === "station" ? station : areaOf(place, node.location, places);
    if (code) fill.set(node.id, code);
  }
  return session.field.drafts.start(checklist, { ...begun, answers: fill.answers() });
}
