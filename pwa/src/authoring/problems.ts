/** What is wrong with a form, as a report for reading and for sending to whoever wrote it. */
import type { CellProblem } from "../desk/api";

export interface SheetProblems {
  sheet: string;
  found: CellProblem[];
}

/** Problems under their sheets, both in the order they came in: the server sorts by place. */
export function bySheet(problems: readonly CellProblem[]): SheetProblems[] {
  const sheets = new Map<string, CellProblem[]>();
  for (const problem of problems) {
    const held = sheets.get(problem.sheet);
    if (held) held.push(problem);
    else sheets.set(problem.sheet, [problem]);
  }
  return [...sheets].map(([sheet, found]) => ({ sheet, found }));
}

/** One line per problem, as the command line prints it. In English: the spreadsheet's own words are. */
export function reportText(problems: readonly CellProblem[]): string {
  return problems.map(lineOf).join("\n");
}

function lineOf({ sheet, row, column, position, message, suggestion, severity }: CellProblem): string {
  const place = [
    `sheet ${sheet}`,
    row && `row ${row}`,
    column && `column ${column}`,
    position && `character ${position}`,
  ].filter(Boolean);
  const told = [message, suggestion].filter(Boolean).join(" ");
  return `${severity === "warning" ? "warning: " : ""}${place.join(", ")}: ${told}`;
}
