/** Fetches the mission's places: first the stations of the team's own regions, with which work can begin, then the rest. */

import type { Places } from "../missions/places";
import type { ProvingContact } from "../people/dpop";
import { enrolmentOf } from "../people/enrolment";
import type { Database } from "../vault/database";
import type { RecordVault } from "../vault/vault";
import { answerOf } from "../wire/contact";
import { FieldProblem } from "../wire/problem";
import type { DownloadTask } from "./status";

interface PlacesContext {
  vault: RecordVault;
  database: Database;
  proving: ProvingContact;
}

/** What the feed says of a list; `bytes`: of the whole, packed. */
export interface AnnouncedPlaces {
  version: string;
  bytes: number;
}

/** A part of the list; a server that knows no parts sends the whole, without `only`. */
type PlacesAnswer = Places & { only?: string[] };

/** So many regions come in one answer: what has arrived is kept when the network goes, and the rest comes another time. */
const regionsAtOnce = 4;
/** A team's own regions are about so small a part of a country. For the bar of progress alone. */
const ownPart = 10;

/** What work waits for: nothing, when the phone holds some list. */
export async function ownPlacesTasks(context: PlacesContext, announced: AnnouncedPlaces): Promise<DownloadTask[]> {
  const { vault, proving } = context;
  const list = await vault.get<Places>("places", "list");
  const own = (await enrolmentOf(vault))?.identity.team.regions ?? [];
  // A phone that holds a whole list of an earlier version keeps it until the new one is here as a whole.
  const isPartial = list?.missing !== undefined;
  if (own.length === 0 || (list && !isPartial) || list?.version === announced.version) return [];
  const run = async () => {
    const { only, ...places } = await fetchPlaces(proving, announced, own);
    const missing = [...places.regions.map(({ code }) => code), ""].filter((code) => !only?.includes(code));
    await keep(context, only && missing.length > 0 ? { ...places, missing } : places);
  };
  return [{ what: "places", bytes: announced.bytes / ownPart, run }];
}

/** The regions that the held list still lacks, or the whole list when none of this version is held. */
export async function otherPlacesTasks(context: PlacesContext, announced: AnnouncedPlaces): Promise<DownloadTask[]> {
  const { vault, proving } = context;
  if ((await vault.get<string>("places", "version")) === announced.version) return [];
  const held = await vault.get<Places>("places", "list");
  if (held?.version !== announced.version) {
    const whole = async () => keep(context, await fetchPlaces(proving, announced));
    return [{ what: "places", bytes: announced.bytes, run: whole }];
  }
  const missing = held.missing ?? [];
  const groups = Array.from({ length: Math.ceil(missing.length / regionsAtOnce) }, (_, at) =>
    missing.slice(at * regionsAtOnce, (at + 1) * regionsAtOnce),
  );
  return groups.map((regions) => ({
    what: "places",
    bytes: announced.bytes / groups.length,
    run: async () => {
      const part = await fetchPlaces(proving, announced, regions);
      const list = await vault.get<Places>("places", "list");
      if (list) await keep(context, merged(list, part, regions));
    },
  }));
}

async function fetchPlaces(
  proving: ProvingContact,
  { version, bytes }: AnnouncedPlaces,
  regions?: readonly string[],
): Promise<PlacesAnswer> {
  const part = regions ? `?${new URLSearchParams({ regions: regions.join(",") })}` : "";
  const answer = await answerOf(await proving.get(`/places/${encodeURIComponent(version)}${part}`, bytes));
  if (typeof answer !== "object" || answer === null || !("stations" in answer)) {
    throw new FieldProblem("not-the-server");
  }
  return answer as PlacesAnswer;
}

function merged(list: Places, { only, ...part }: PlacesAnswer, regions: readonly string[]): Places {
  const { missing = [], ...held } = list;
  if (!only) return part;
  const left = missing.filter((code) => !regions.includes(code));
  const stations = { ...held.stations, rows: [...held.stations.rows, ...part.stations.rows] };
  return { ...held, stations, ...(left.length > 0 ? { missing: left } : {}) };
}

/** The version is noted once nothing is missing: until then every round asks for the rest. */
async function keep({ vault, database }: PlacesContext, places: Places): Promise<void> {
  const rows = [await vault.seal("places", "list", places)];
  if (!places.missing) rows.push(await vault.seal("places", "version", places.version));
  await database.write(["places"], async (transaction) => {
    for (const { id, bytes } of rows) await transaction.objectStore("places").put(bytes, id);
  });
}
