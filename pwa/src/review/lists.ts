/** Asking for lists of reports. */
import { noFilters, type ReportFilters } from "../desk/address";
import { api, type Line, read } from "../desk/api";
import type { Page } from "../desk/paged.svelte";
import { inOrder } from "../i18n/texts";

/** One page of reports, last changed first, older than number `before`; with the mission's number it is of. */
export async function reportPage(
  filters: ReportFilters,
  limit: number,
  before?: number,
): Promise<Page<Line> & { n: number }> {
  const { status, ...narrowed } = filters;
  // A word of the address: the server knows which there are.
  const state = status ? { status: status as Line["status"] & "received" } : {};
  const query = { ...narrowed, ...state, limit, ...(before === undefined ? {} : { before }) };
  const page = await read(api.GET("/api/v1/submissions", { params: { query } }));
  return { items: page.submissions, before: page.before, n: page.n };
}

export { noFilters };

/** The report `by` places after (or before) the open one; from nothing open, the first. */
export function stepped(lines: readonly Line[], open: string | undefined, by: 1 | -1): Line | undefined {
  const at = lines.findIndex(({ id }) => id === open);
  return at < 0 ? lines[0] : lines[at + by];
}

/** Where a report is from, in few words: region's short code and place. */
export function placeOf({ region, place }: Pick<Line, "region" | "place">): string {
  return [region.split("-").at(-1), inOrder(place)].filter(Boolean).join(" · ");
}
