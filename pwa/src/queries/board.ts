/** What the board of queries shows of them: a choice, and how each stands with each team. */

import type { Query } from "../desk/api";
import { lateSince } from "./late";

/** `late`: open, and nobody answered by when it was due. */
export type Kind = "open" | "late" | "all";

/** "" stands for any. */
export interface Choice {
  kind: Kind;
  team: string;
  asker: string;
}

/** Whoever asked a query first. */
export const askerOf = (query: Query): string => query.rounds[0]?.asked_by ?? "";

export function chosenQueries(queries: readonly Query[], { kind, team, asker }: Choice, now = Date.now()): Query[] {
  return queries.filter((query) => {
    const isOfKind = kind === "all" || (kind === "late" ? lateSince(query, now) !== undefined : query.state === "open");
    const isOfTeam = team === "" || query.teams.some(({ code }) => code === team);
    return isOfKind && isOfTeam && (asker === "" || askerOf(query) === asker);
  });
}

/** Functions of those who asked, with their names, each once. */
export const askersOf = (queries: readonly Query[]): Map<string, Record<string, string>> =>
  new Map(
    queries.flatMap(({ rounds: [first] }) =>
      first?.asked_by ? [[first.asked_by, first.asked_by_functions] as const] : [],
    ),
  );

export type CellState = Query["state"] | "late";

/** What several teams were asked about nothing they reported: a line each, with how it stands with each team. */
export interface MatrixLine {
  query: Query;
  /** By team code. */
  states: ReadonlyMap<string, CellState>;
}

export function matrixOf(queries: readonly Query[], now = Date.now()): { teams: string[]; lines: MatrixLine[] } {
  const free = queries.filter(({ about, teams }) => !about && teams.length > 1);
  const lines = free.map((query) => {
    const isLate = lateSince(query, now) !== undefined;
    const states = query.teams.map(({ code, state }) => [code, isLate && state === "open" ? "late" : state] as const);
    return { query, states: new Map<string, CellState>(states) };
  });
  return { teams: [...new Set(lines.flatMap(({ states }) => [...states.keys()]))].toSorted(), lines };
}
