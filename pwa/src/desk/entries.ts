/** The pages of the desk in the order of the rail; their keys are 1, 2, 3 … */
import { m } from "../i18n/paraglide/messages";
import type { IconName } from "../ui/icons";
import { type Address, noFilters } from "./address";
import type { DeskSession } from "./session.svelte";

export interface Entry {
  address: Address;
  /** Pages that belong to it. */
  pages: readonly Address["page"][];
  icon: IconName;
  label: () => string;
  key: string;
}

/** What this person may open. The server decides; this only leaves dead entries out. */
export function entriesFor(session: Pick<DeskSession, "readsReports" | "exports">): Entry[] {
  const entries: (Entry & { shown: boolean })[] = [
    {
      address: { page: "overview" },
      pages: ["overview"],
      icon: "today",
      label: m.desk_overview,
      key: "1",
      shown: true,
    },
    {
      address: { page: "regions" },
      pages: ["regions", "region"],
      icon: "pin",
      label: m.desk_regions,
      key: "2",
      shown: true,
    },
    {
      address: { page: "reports", filters: noFilters },
      pages: ["reports"],
      icon: "list",
      label: m.desk_reports,
      key: "3",
      shown: session.readsReports,
    },
    {
      address: { page: "exports", region: "all", form: "" },
      pages: ["exports"],
      icon: "share",
      label: m.desk_exports,
      key: "4",
      shown: session.exports,
    },
    {
      address: { page: "checklists" },
      pages: ["checklists", "new-checklist", "checklist"],
      icon: "file",
      label: m.desk_checklists,
      key: "5",
      shown: true,
    },
    {
      address: { page: "queries" },
      pages: ["queries"],
      icon: "news",
      label: m.desk_queries,
      key: "6",
      shown: session.readsReports,
    },
  ];
  return entries.filter(({ shown }) => shown);
}
