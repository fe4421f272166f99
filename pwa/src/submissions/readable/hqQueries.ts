/** What headquarters asks this team (protocol.md §12), as it lies in the vault. Only with the vault open. */

import { enrolmentOf } from "../../people/enrolment";
import type { RecordVault } from "../../vault/vault";

/** What the mission signed of a round; verified before it is kept. */
export interface QueryStatement {
  query: string;
  round: number;
  team: string;
  text: string;
  theme: string;
  priority: "today" | "this_week";
  asked_at: string;
  due?: string;
  about?: { submission: string; path?: string };
  answers?: string;
}

/** A query as the feed told it last. */
export interface QueryData {
  statement: string;
  state: "open" | "answered" | "resolved" | "withdrawn";
  /** Out of the statement; absent where the mission has not signed it. */
  said?: QueryStatement;
  /** When each round came to this phone, ISO UTC by its own clock. */
  arrived?: Record<number, string>;
}

/** A reply that was made on this phone. */
export interface OwnReply {
  revision: string;
}

/** Where it lies in the feed: what was said to an earlier round answers no other. */
export const replyRow = (query: string, round: number): string => `reply/${query}/${round}`;

/** What a reply names: a round of a query, and the words in which the mission signed it. */
export interface QueryRound {
  id: string;
  round: number;
  statement: string;
}

/** The newest round of a query to this team. */
export interface HqQuery extends QueryRound, Omit<QueryStatement, "query"> {
  state: "open" | "answered";
  arrivedAt: string;
  /** The reply that was made on this phone, as the outbox calls it. */
  reply?: string;
  /** Of the report it is about, as the feed tells it: its code and checklist version. */
  report?: { code: string; checklist: string };
}

/** What this phone's team is asked. */
export async function queriesHere(vault: RecordVault): Promise<HqQuery[]> {
  const enrolment = await enrolmentOf(vault);
  return enrolment ? hqQueries(vault, enrolment.identity.team.code) : [];
}

/** Those that are neither resolved nor withdrawn, of this team: the most urgent first. */
export async function hqQueries(vault: RecordVault, team: string): Promise<HqQuery[]> {
  const rows = await vault.all<{ data: QueryData }>("feed", "query/");
  const replies = await vault.all<OwnReply>("feed", "reply/");
  const open = rows.flatMap(({ id: row, value: { data } }) => {
    const { said, state, statement } = data;
    if (said?.team !== team || state === "resolved" || state === "withdrawn") return [];
    const id = row.slice("query/".length);
    const reply = replies.find(({ id: own }) => own === replyRow(id, said.round));
    const own = reply ? { reply: reply.value.revision } : {};
    return [{ ...said, id, statement, state, arrivedAt: data.arrived?.[said.round] ?? "", ...own }];
  });
  const named = await Promise.all(
    open.map(async (query) => {
      const report = query.about && (await reportOf(vault, query.about.submission));
      return report ? { ...query, report } : query;
    }),
  );
  return named.toSorted((a, b) => rank(a) - rank(b) || (a.due ?? "9").localeCompare(b.due ?? "9"));
}

/** What waits for this phone before what was said, what is for today before the rest. */
const rank = ({ reply, state, priority }: HqQuery): number =>
  (reply || state === "answered" ? 2 : 0) + (priority === "today" ? 0 : 1);

async function reportOf(vault: RecordVault, submission: string): Promise<HqQuery["report"]> {
  const row = await vault.get<{ data: { code: string; checklist_version: string } }>(
    "feed",
    `submission/${submission}`,
  );
  return row && { code: row.data.code, checklist: row.data.checklist_version };
}
