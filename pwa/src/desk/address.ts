/** Addresses of the desk's pages, in the hash: filters can be sent to a colleague and survive a reload. */
import { opaque } from "../ui/route";

export interface ReportFilters {
  region: string;
  checklist: string;
  severity: number;
  q: string;
  /** Whose observers' reports; left out: everybody's. */
  origin?: string;
  /** What they stand at in review; left out: whatever that is. */
  status?: string;
  /** Given to whoever asks, or changed since they read it. */
  mine?: boolean;
  unread?: boolean;
}

export type Address =
  | { page: "overview" | "regions" | "queries" }
  | { page: "region"; region: string; form: string; origin?: string; status?: string }
  | { page: "reports"; filters: ReportFilters; report?: string }
  | { page: "exports"; region: string; form: string }
  | { page: "checklists" | "new-checklist" }
  /** One published version: to be tried out, or (`changes`) beside another, the one before it unless told. */
  | { page: "checklist"; version: string; view: "preview" | "changes"; against: string };

export const noFilters: ReportFilters = { region: "all", checklist: "", severity: 0, q: "" };
const code = /^[\w-]{1,40}$/;

/** What an address asks for; anything unknown is the overview. */
export function parseAddress(hash: string): Address {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [page, part = ""] = path.split("/");
  const asked = new URLSearchParams(query);
  const word = (name: string) => (code.test(asked.get(name) ?? "") ? (asked.get(name) as string) : "");
  const whose = word("origin") ? { origin: word("origin") } : {};
  const state = word("status") ? { status: word("status") } : {};
  switch (page) {
    case "regions":
      return code.test(part)
        ? { page: "region", region: part, form: word("form"), ...whose, ...state }
        : { page: "regions" };
    case "reports": {
      const severity = /^[1-3]$/.test(asked.get("severity") ?? "") ? Number(asked.get("severity")) : 0;
      const own = { ...(asked.has("mine") ? { mine: true } : {}), ...(asked.has("unread") ? { unread: true } : {}) };
      const q = (asked.get("q") ?? "").slice(0, 120);
      const filters = {
        region: word("region") || "all",
        checklist: word("checklist"),
        severity,
        q,
        ...whose,
        ...state,
        ...own,
      };
      return opaque.test(part) ? { page: "reports", filters, report: part } : { page: "reports", filters };
    }
    case "queries":
      return { page: "queries" };
    case "exports":
      return { page: "exports", region: word("region") || "all", form: word("form") };
    case "checklists": {
      if (part === "new") return { page: "new-checklist" };
      if (!opaque.test(part)) return { page: "checklists" };
      const view = path.split("/")[2] === "changes" ? "changes" : "preview";
      const against = asked.get("against") ?? "";
      return { page: "checklist", version: part, view, against: opaque.test(against) ? against : "" };
    }
    default:
      return { page: "overview" };
  }
}

/** The address of a page, ready for `href`. */
export function hrefOf(address: Address): string {
  switch (address.page) {
    case "overview":
      return "#/";
    case "regions":
      return "#/regions";
    case "queries":
      return "#/queries";
    case "region":
      return `#/regions/${address.region}${query({ form: address.form, origin: address.origin ?? "", status: address.status ?? "" })}`;
    case "reports": {
      const { region, checklist, severity, q, origin = "", status = "", mine, unread } = address.filters;
      const asked = {
        region: region === "all" ? "" : region,
        checklist,
        severity: severity ? String(severity) : "",
        q,
        origin,
        status,
        mine: mine ? "1" : "",
        unread: unread ? "1" : "",
      };
      return `#/reports${address.report ? `/${address.report}` : ""}${query(asked)}`;
    }
    case "exports":
      return `#/exports${query({ region: address.region === "all" ? "" : address.region, form: address.form })}`;
    case "checklists":
      return "#/checklists";
    case "new-checklist":
      return "#/checklists/new";
    case "checklist": {
      const { version, view, against } = address;
      return `#/checklists/${version}${view === "changes" ? "/changes" : ""}${query({ against })}`;
    }
  }
}

function query(asked: Record<string, string>): string {
  const filled = Object.entries(asked).filter(([, value]) => value);
  return filled.length ? `?${new URLSearchParams(filled)}` : "";
}
