import { m } from "../i18n/paraglide/messages";

const states: Record<string, () => string> = {
  open: m.desk_query_open,
  late: m.desk_query_late,
  answered: m.desk_query_answered,
  resolved: m.desk_query_resolved,
  withdrawn: m.desk_query_withdrawn,
};

/** How a query stands, with one of its teams or all of them. */
export const queryStateText = (state: string): string => states[state]?.() ?? state;
