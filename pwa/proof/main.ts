/** The phones' process of the proof: takes jobs from its input, runs their schedules, says what came of them. */
import "fake-indexeddb/auto";
import "./navigator";
import { Draws, readScript, type Script, scriptText } from "./draws";
import { delivered, Network } from "./network";
import { ProofPhone } from "./phone";
import { done, listen, order, tell } from "./pipe";
import { type Focus, type Outcome, type Ready, Schedule } from "./schedule";
import { shortened } from "./shorten";
import { beginWorld, calm, takeOver } from "./world";

/** What is asked for; without a script, schedules of the seeds from `seed` on, until one breaks a promise. */
interface Job {
  seed: number;
  schedules: number;
  /** Sown into phones or server. */
  bug: string | null;
  script?: string;
  focus?: Focus;
  /** Tell what happened in the last schedule although no promise was broken. */
  isTold?: boolean;
  /** How many runs may be spent on making a script short. */
  shorten: number;
}

declare global {
  /** The bug that is awake in the phones. */
  var sownBug: string | null;
}

takeOver();

/** Phones of two teams, enrolled and with everything a mission sends. */
async function makeReady(): Promise<Ready> {
  beginWorld(1);
  const network = new Network();
  const disks: Ready["disks"] = new Map();
  let checklist = "";
  for (const [name, team] of [
    ["A", "LTO01"],
    ["B", "LTO01"],
    ["C", "LTO02"],
  ] as const) {
    const phone = new ProofPhone(name, team, network, () => undefined);
    await phone.start();
    phone.enrol(await done<string>("code", { given: { team, person: null } }));
    const settled = () => calm(() => phone.life.isWaiting);
    for (await settled(); network.waiting.length > 0; await settled()) await deliverAll(network);
    const [held] = await phone.parts.vault.all<unknown>("checklists");
    if (!held)
      throw new Error(`${name} got no checklist: ${JSON.stringify(phone.parts.rounds.status)} ${phone.faults}`);
    checklist = held.id;
    disks.set(name, [team, await phone.readDisk()]);
  }
  await done("keep");
  return { disks, checklist };
}

async function deliverAll(network: Network): Promise<void> {
  for (const packet of network.waiting.splice(0)) await delivered(network, packet, new Draws([]));
}

async function run(ready: Ready, job: Job): Promise<unknown> {
  globalThis.sownBug = job.bug;
  await order({ what: "bug", bug: job.bug });
  let requests = 0;
  const play = async (seed: number, script?: Script) => {
    const outcome = await new Schedule(ready, job.focus).run(seed, script);
    requests += outcome.requests;
    return outcome;
  };
  let last: Outcome | undefined;
  for (let at = 0; at < job.schedules; at++) {
    const seed = job.seed + at;
    const outcome = await play(seed, job.script === undefined ? undefined : readScript(job.script));
    last = outcome;
    if (outcome.broken.length === 0) continue;
    const short = await shortened(outcome, (script) => play(seed, script), job.shorten);
    const { broken, trace } = short;
    return { schedules: at + 1, requests, seed, broken, trace, script: scriptText(short.script) };
  }
  return { schedules: job.schedules, requests, broken: [], ...(job.isTold ? { trace: last?.trace } : {}) };
}

let ready: Promise<Ready> | undefined;

listen(({ job }) => {
  ready ??= makeReady();
  ready
    .then((phones) => run(phones, job as Job))
    .then(
      (result) => tell({ done: result }),
      (failure: Error) =>
        tell({ done: { schedules: 0, requests: 0, broken: [`the proof itself failed: ${failure.stack}`] } }),
    );
});
