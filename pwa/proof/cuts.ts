/**
 * Phones at a real server over links that are cut at every byte: `node proof.js JOB`, JSON on the command line; says in one
 * line of JSON what came of it, and writes the finished reports into a file. `python -m tests.bench.cuts` runs it.
 */
import "fake-indexeddb/auto";
import "./navigator";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { CutPhone, isWhole } from "./cutPhone";
import { cutPhoto } from "./cutPhoto";
import type { Cut, Direction } from "./cuttingLink";

interface Job {
  port: number;
  /** Enrolment codes of phones of one team: a lane each. */
  codes: string[];
  /** Cut at each so manyth byte. */
  every: number;
  /** Minutes after which each kind of contact is cut no more; the places tried until then lie all over it. */
  minutes?: number;
  /** Where the finished reports are written to: `[revision, content hash]` of each. */
  finished: string;
  /** Bytes of one photo that is sent over a link cut so many times; without, every kind of contact is cut at every byte. */
  photo?: { bytes: number; cuts: number };
}

/** What came of cutting one kind of contact. */
interface Figures {
  /** Bytes of an exchange that nobody cut, up and down. */
  bytes: Record<Direction, number>;
  /** Places and ways to cut it; all of them are tried unless the time is over. */
  places: number;
  tried: number;
  /** How often the link was cut indeed: an exchange is some bytes shorter than another. */
  cuts: number;
  /** Most rounds that a phone needed afterwards. */
  rounds: number;
  /** Milliseconds of the longest trial, and which cut it was. */
  slowest: [ms: number, cut: string];
  /** In words; none when every promise was kept. */
  broken: string[];
}

type Trial = (phone: CutPhone, cut: Cut | undefined) => Promise<number>;

/** The pull first: what the others bring would make it longer with each. */
const trials: Record<string, Trial> = {
  pull: (phone, cut) => phone.pull(cut),
  push: (phone, cut) => phone.push(cut),
  upload: (phone, cut) => phone.upload(cut),
};
const mostBroken = 20;
/** From one place to the next one tried: a prime, so that any number of tries is spread over all of them. */
const stride = 7919;

async function cutEverywhere(phones: readonly CutPhone[], trial: Trial, { every, minutes }: Job): Promise<Figures> {
  const [first] = phones as [CutPhone];
  // Each phone learns what comes without a cut.
  for (const phone of phones) await trial(phone, undefined);
  const { bytes } = first;
  const cuts: Cut[] = [];
  for (const direction of ["up", "down"] as const)
    for (let at = 0; at <= bytes[direction]; at += every)
      for (const how of ["closed", "reset"] as const) cuts.push({ direction, at, how });
  const places = cuts.length;
  const until = minutes === undefined ? Infinity : performance.now() + minutes * 60_000;
  const figures: Figures = { bytes, places, tried: 0, cuts: 0, rounds: 0, slowest: [0, ""], broken: [] };
  const before = sum(phones.map(({ link }) => link.cuts));
  const isOver = () => figures.broken.length >= mostBroken || performance.now() > until;
  const work = async (phone: CutPhone) => {
    while (figures.tried < places && !isOver()) {
      const cut = cuts[(figures.tried++ * stride) % places] as Cut;
      const name = `${cut.how} ${cut.direction} at ${cut.at}`;
      const began = performance.now();
      try {
        figures.rounds = Math.max(figures.rounds, await trial(phone, cut));
      } catch (failure) {
        figures.broken.push(`${name}: ${(failure as Error).stack}`);
      }
      const took = Math.round(performance.now() - began);
      if (took > figures.slowest[0]) figures.slowest = [took, name];
    }
  };
  await Promise.all(phones.map(work));
  figures.cuts = sum(phones.map(({ link }) => link.cuts)) - before;
  return figures;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

async function run(job: Job, phones: CutPhone[]): Promise<unknown> {
  const { port, codes, photo } = job;
  // One after the other: each hears of everything that was there before it.
  for (const [at, code] of codes.entries()) phones.push(await CutPhone.enrolled(`P${at}`, port, code));
  const [first] = phones;
  if (photo && first) return cutPhoto(first, photo);
  const figures: Record<string, Figures> = {};
  for (const phone of phones) await phone.preparePull();
  for (const [name, trial] of Object.entries(trials)) figures[name] = await cutEverywhere(phones, trial, job);
  return figures;
}

const job = JSON.parse(process.argv[2] ?? "{}") as Job;
const phones: CutPhone[] = [];
const figures = await run(job, phones);
await writeFile(job.finished, JSON.stringify(phones.flatMap(({ finished }) => finished)));
const failures = sum(phones.map(({ link }) => link.failures));
process.stdout.write(
  `${JSON.stringify({ figures, failures, broken: (await Promise.all(phones.map(isWhole))).flat() })}\n`,
);
process.exit(0);
