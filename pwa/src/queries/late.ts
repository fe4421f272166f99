import type { Query } from "../desk/api";

/** When an answer to the newest round was due, where nobody gave it by then; undefined for what is not late. */
export function lateSince({ state, rounds }: Query, now: number = Date.now()): string | undefined {
  const due = rounds.at(-1)?.due;
  return state === "open" && due && Date.parse(due) < now ? due : undefined;
}
