/** How Argon2id gets from the worker's file to a page that imported it: the bundler keeps no exports of a worker. */
import type { argon2 } from "./argon2";

type Argon2 = typeof argon2;

const place = Symbol.for("steppe.argon2");
const scope = globalThis as { [place]?: Argon2 };

/** Called by the worker's file where it is not a worker. */
export function leaveArgon2(work: Argon2): void {
  scope[place] = work;
}

/** Imports the file at this address, ours, and takes what it left. Rejects when it left nothing. */
export async function fetchArgon2(address: string): Promise<Argon2> {
  await import(/* @vite-ignore */ address);
  const work = scope[place];
  if (!work) throw new TypeError(`${address} left no Argon2id`);
  return work;
}
