/** One photo over a link that is cut again and again: what that costs beside its bytes. */
import { pushOutbox } from "../src/sync/push";
import { backoff } from "../src/sync/schedule";
import type { CutPhone } from "./cutPhone";

export interface PhotoFigures {
  /** Of the photo, encrypted as it is sent. */
  bytes: number;
  /** What passed the link for it, up and down, with all headers. */
  wire: number;
  cuts: number;
  rounds: number;
}

const mostRounds = 200;

/** Cuts the link after every equal share of the photo, closed and reset by turns, until it was cut so often. */
export async function cutPhoto(
  phone: CutPhone,
  { bytes, cuts }: { bytes: number; cuts: number },
): Promise<PhotoFigures> {
  const { database } = phone.phone.parts;
  await phone.finish(bytes);
  const { link } = phone;
  const share = Math.floor(bytes / (cuts + 1));
  const before = link.cuts;
  const push = () => pushOutbox({ database, fetch: phone.fetch }, false);
  link.arm();
  for (let rounds = 1, wire = 0; rounds <= mostRounds; rounds++) {
    const cut = link.cuts - before;
    link.arm(cut < cuts ? { direction: "up", at: share, how: cut % 2 ? "reset" : "closed" } : undefined);
    const { left } = await push();
    wire += link.passed.up + link.passed.down;
    // What was on the way when the line broke is counted by the server in the time that the phone leaves it.
    await new Promise((resolve) => setTimeout(resolve, 1000 * backoff(1)));
    if (left === 0) return { bytes, wire, cuts: link.cuts - before, rounds };
  }
  throw new Error(`the photo did not go in ${mostRounds} rounds`);
}
