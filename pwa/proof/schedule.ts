/** One schedule: some dozens of events that a seed draws, then a world without faults, then the promises. */
import { IDBFactory } from "fake-indexeddb";
import { Draws, Random, type Script } from "./draws";
import { Journal } from "./journal";
import { type Death, delivered, type Fate, fates, Network, type Packet, respond } from "./network";
import { carry, finishDrafts, writeReport } from "./operations";
import { type Disk, ProofPhone, type Rows } from "./phone";
import { done, order } from "./pipe";
import { brokenPromises } from "./promises";
import { beginWorld, calm, clock } from "./world";

/** Phones as they lie ready for every schedule, enrolled at a server that is kept as it was then. */
export interface Ready {
  disks: Map<string, [team: string, disk: Disk]>;
  checklist: string;
}

/**
 * What most schedules have not, and a bug may need to show itself: phones that are killed, backups that
 * are restored.
 */
export type Focus = "kills" | "backups";

export interface Outcome {
  /** Empty: every promise was kept. */
  broken: string[];
  trace: string[];
  script: Script;
  requests: number;
}

const minute = 60_000;
/** How many events a schedule has: most faults need few, and short schedules are many; some need a long story. */
const lengths = [8, 12, 12, 16, 16, 24, 24, 36, 80] as const;
/** Which phones are in it: mostly not all of those that lie ready. */
const fleets = ["A", "AB", "AB", "AC", "ABC"] as const;
const roundsUntilQuiet = 12;

/** What a person at headquarters does, who may find the machine in trouble. */
const byPerson = async (what: string, given: Record<string, unknown>) => (await order({ what, given })).header;
const isDone = async (what: string, given: Record<string, unknown>) => (await byPerson(what, given)).is_done === true;
const asPerson = async <T>(what: string, given: Record<string, unknown>) =>
  (await byPerson(what, given)).answer as T | null | undefined;

/** A request in words that are the same whatever keys were made. */
const asked = ({ name, method, path }: Packet): string =>
  `${name} ${method} ${path.slice("/api/v1".length).replace(/[0-9a-f]{64}|[0-9a-f-]{36}/g, "…")}`;

export class Schedule {
  readonly phones: ProofPhone[] = [];
  readonly trace: string[] = [];
  readonly journal = new Journal();
  readonly network = new Network();
  readonly #ready: Ready;
  readonly #say = (line: string) => void this.trace.push(line);
  #fates: (readonly [string, Fate])[] = [];
  #severity = 0;
  #dies = false;
  #kills = false;
  #restores = false;
  #isCopied = false;
  #isEverSafe = false;
  #isBackup = false;
  #troubles = false;
  #revokes = false;
  #loses = false;
  #forgets = false;
  #moves = false;
  #rotates = false;
  #requests = 0;
  /** Up to which of the network's news a phone has heard of everything, once all faults have ended. */
  readonly #heard = new Map<ProofPhone, number>();
  /** What lay in a phone's database once, to which it may be set back. */
  readonly #remembered = new Map<ProofPhone, Rows>();

  readonly #focus: Focus | undefined;

  /** `focus`: what happens in it for certain. */
  constructor(ready: Ready, focus?: Focus) {
    this.#ready = ready;
    this.#focus = focus;
  }

  /** `script`: draws to use in the place of the seed's. */
  async run(seed: number, script?: Script): Promise<Outcome> {
    const drawn: number[][] = [];
    const drawsOf = (event: number) => {
      const draws = new Draws(script?.[event] ?? new Random(Math.imul(seed, 0x9e3779b1) + event));
      drawn.push(draws.drawn);
      return draws;
    };
    beginWorld(seed);
    const first = drawsOf(0);
    const drawnLength = first.pick(lengths);
    await this.#begin(first.pick(fleets));
    this.#setUp(first);
    await this.#open(first);
    const events = script?.length ?? drawnLength;
    for (let event = 1; event < events; event++) {
      await this.#event(drawsOf(event));
      await this.#calm();
    }
    await this.#heal();
    const broken = await brokenPromises(this.phones, this.journal, this.network);
    return { broken, trace: this.trace, script: drawn, requests: this.#requests };
  }

  async #begin(fleet: string): Promise<void> {
    globalThis.indexedDB = new IDBFactory();
    await done("begin");
    for (const [name, [team, disk]] of this.#ready.disks) {
      if (!fleet.includes(name)) continue;
      const phone = new ProofPhone(name, team, this.network, this.#say);
      this.phones.push(phone);
      this.journal.join(name, team);
      await phone.writeDisk(disk);
      await phone.start();
    }
  }

  /** Which faults there are and how many: a schedule with few of them reaches further than one with all. */
  #setUp(draws: Draws): void {
    this.#severity = [0, 10, 30, 60][draws.below(4)] ?? 0;
    this.#fates = Object.entries(fates).filter(() => draws.chance(40));
    this.#kills = draws.chance(50);
    this.#dies = draws.chance(40);
    this.#restores = draws.chance(40);
    this.#troubles = draws.chance(25);
    this.#revokes = draws.chance(20);
    this.#loses = draws.chance(10);
    this.#rotates = draws.chance(20);
    this.#forgets = draws.chance(20);
    this.#moves = draws.chance(20);
    this.#kills ||= this.#focus === "kills";
    this.#restores ||= this.#focus === "backups";
    this.#say(`faults: ${this.#severity} % of ${this.#fates.map(([name]) => name).join(", ") || "none"}`);
  }

  /** As a morning begins: most have something to report, and some send it at once. */
  async #open(draws: Draws): Promise<void> {
    for (const phone of this.phones) {
      if (draws.chance(70)) writeReport(phone, this.journal, this.#ready.checklist, draws);
      await this.#calm();
      if (draws.chance(50)) phone.round();
      await this.#calm();
    }
  }

  async #event(draws: Draws): Promise<void> {
    clock.now += [1, 1000, 20_000, 10 * minute][draws.below(4)] ?? 1;
    await this.#drawn(draws).call(this, draws);
  }

  #drawn(draws: Draws): (draws: Draws) => unknown {
    const events: [weight: number, (draws: Draws) => unknown][] = [
      [45, this.#step],
      [12, this.#round],
      [12, this.#write],
      [4, this.#worker],
      [6, this.#carry],
      [4, this.#late],
      [3, this.#publish],
      [2, this.#setClock],
      [2, this.#enrol],
      [this.#kills ? 10 : 0, this.#kill],
      [this.#kills ? 12 : 0, this.#restart],
      [this.#dies ? 4 : 0, this.#server],
      [this.#restores ? 8 : 0, this.#copy],
      [this.#restores && this.#isCopied ? 8 : 0, this.#putBack],
      [this.#troubles ? 5 : 0, this.#trouble],
      [this.#revokes ? 3 : 0, this.#revoke],
      [this.#loses ? 2 : 0, this.#loseStorage],
      [this.#rotates ? 4 : 0, this.#rotate],
      [this.#forgets ? 5 : 0, this.#loseDatabase],
      [this.#moves ? 4 : 0, this.#move],
      [1, this.#retire],
    ];
    const all = events.flatMap(([weight, event]) => Array.from({ length: weight }, () => event));
    return all[draws.below(all.length)] ?? this.#step;
  }

  /** Something becomes of one of the requests on their way. */
  async #step(draws: Draws): Promise<void> {
    const packet = this.network.take(draws.below(this.network.waiting.length));
    if (!packet) return;
    this.#requests++;
    const what = asked(packet);
    if (this.#dies && draws.chance(12)) {
      this.#say(`${what}: ${await this.#dying(packet, draws)}`);
      return;
    }
    const isFaulty = this.#fates.length > 0 && draws.chance(this.#severity);
    const [, fate] = (isFaulty && this.#fates[draws.below(this.#fates.length)]) || ["", delivered];
    this.#say(`${what}: ${await fate(this.network, packet, draws)}`);
  }

  /** The server dies over a request, at one of the steps that last, or when its answer has just left. */
  async #dying(packet: Packet, draws: Draws): Promise<string> {
    const step = draws.below(4);
    if (step === 0) {
      respond(packet, await this.network.bring(packet));
      await done("drop");
      return "the server dies after its answer";
    }
    const die: Death = { step, after: draws.chance(50) };
    respond(packet, await this.network.bring(packet, { die }));
    return `the server dies at its step ${step}, ${die.after ? "after" : "before"} it`;
  }

  async #late(draws: Draws): Promise<void> {
    const [packet] = this.network.late.splice(draws.below(this.network.late.length), 1);
    if (!packet) return;
    this.#requests++;
    const answer = await this.network.bring(packet);
    this.#say(`${asked(packet)}: arrives late (${answer?.status ?? "away"})`);
  }

  #round(draws: Draws): void {
    const phone = this.#living(draws);
    if (phone && phone.life.running < 2) phone.round();
  }

  #worker(draws: Draws): void {
    const phone = this.#living(draws);
    if (phone && phone.life.running < 3) phone.push();
  }

  #write(draws: Draws): void {
    const phone = this.#living(draws);
    if (phone && phone.code === undefined) writeReport(phone, this.journal, this.#ready.checklist, draws);
  }

  async #carry(draws: Draws): Promise<void> {
    const to = this.#living(draws);
    const from = this.phones[draws.below(this.phones.length)];
    if (from && to && from !== to) await carry(from, to, draws);
  }

  async #publish(): Promise<void> {
    await done("publish");
  }

  #setClock(draws: Draws): void {
    const phone = this.#living(draws);
    if (!phone) return;
    phone.ahead =
      [0, -3 * minute, 90 * minute, -400 * 24 * 60 * minute, 60_000 * 24 * 60 * minute][draws.below(5)] ?? 0;
    this.#say(`${phone.name}'s clock is set to ${phone.ahead} ms ahead`);
  }

  async #enrol(draws: Draws): Promise<void> {
    const unenrolled = this.phones.find(({ code }) => code !== undefined);
    if (unenrolled) {
      if (unenrolled.life.running > 0 || unenrolled.isDead) return;
      if (unenrolled.isCodeLost) await this.#giveCode(unenrolled);
      if (unenrolled.code) unenrolled.enrol(unenrolled.code);
      return;
    }
    if (this.phones.some(({ name }) => name === "D")) return;
    const team = draws.pick(["LTO01", "LTO02"]);
    const code = await asPerson<string>("code", { team, person: null });
    if (!code) return;
    const phone = new ProofPhone("D", team, this.network, this.#say);
    phone.code = code;
    this.phones.push(phone);
    this.journal.join("D", team);
    await phone.start();
    phone.enrol(phone.code);
  }

  #kill(draws: Draws): void {
    const phone = this.#living(draws);
    if (!phone) return;
    const step = draws.below(8);
    if (step === 0) phone.kill();
    else phone.life.arm(step, draws.chance(50));
    this.#say(`${phone.name} is killed ${step === 0 ? "now" : `at its write ${step} from now`}`);
  }

  async #restart(draws: Draws): Promise<void> {
    const dead = this.phones.filter(({ isDead }) => isDead);
    const phone = dead[draws.below(dead.length)];
    if (!phone) return;
    if (this.#forgets && draws.chance(30)) {
      this.journal.loseDatabase(phone.name);
      this.#say(`${phone.name}'s database went with its app`);
      await phone.loseDatabase(undefined);
      return;
    }
    await phone.start();
    this.#say(`${phone.name} starts again`);
  }

  async #server(draws: Draws): Promise<void> {
    const isUp = draws.chance(50);
    await done(isUp ? "drop" : "start");
    this.#say(isUp ? "the server dies" : "the server starts");
  }

  /** A new code for whoever has the phone, if headquarters can give one now. */
  async #giveCode(phone: ProofPhone): Promise<void> {
    const code = await asPerson<string>("code", { team: phone.team, person: phone.person ?? null });
    if (!code) return;
    phone.code = code;
    phone.isCodeLost = false;
  }

  async #copy(draws: Draws): Promise<void> {
    const isSafe = draws.chance(60);
    const isBackup = draws.chance(50) || this.#focus === "backups";
    if (!(await isDone(isBackup ? "back up" : "copy", { is_safe: isSafe }))) return;
    this.#isCopied = true;
    this.#isBackup = isBackup;
    this.#isEverSafe ||= isSafe;
    const where = isSafe ? "on another machine" : "on the same machine";
    this.#say(`${isBackup ? "a backup" : "a copy"} is made, and lies ${where}`);
  }

  async #putBack(draws: Draws): Promise<void> {
    // Bytes of which a phone was told that they are safe are in every copy made since: they are never all gone.
    const bytes = draws.pick(this.#isEverSafe ? ["stay", "of the copy"] : ["stay", "of the copy", "gone"]);
    // Nobody puts anything back twice in a second.
    clock.now += 5_000;
    await asPerson("put back", { bytes_of: bytes });
    if (this.#isBackup) this.journal.restores++;
    if ([...this.journal.teams.values()].some(({ size }) => size > 1)) this.journal.isMoveForgotten = true;
    const how = this.#isBackup ? "the backup is restored by command" : `the copy is put back by hand, photos: ${bytes}`;
    this.#say(how);
  }

  async #trouble(draws: Draws): Promise<void> {
    const database = draws.pick([null, "away", "full", "at the end"]);
    const store = draws.pick([null, null, "full"]);
    await order({ what: "trouble", database, store });
    this.#say(`the server's database: ${database ?? "well"}, its store of bytes: ${store ?? "well"}`);
  }

  async #revoke(draws: Draws): Promise<void> {
    const device = (await this.#living(draws)?.identity())?.device.id;
    if (!device) return;
    this.journal.hasRevoked = true;
    await asPerson("revoke", { device });
    this.#say("a phone is refused");
  }

  async #loseStorage(draws: Draws): Promise<void> {
    const phone = this.#living(draws);
    const identity = await phone?.identity();
    if (!phone || !identity) return;
    this.journal.lose(phone.name, identity.device.id);
    phone.person = identity.person.id;
    await phone.loseStorage();
    this.#say(`${phone.name}'s storage goes`);
  }

  /** Of any phone, also one whose app was killed: then it may go where it is hurt most. */
  async #loseDatabase(draws: Draws): Promise<void> {
    const phone = this.phones[draws.below(this.phones.length)];
    const isSetBack = draws.chance(40);
    if (!phone || phone.code !== undefined) return;
    const rows = this.#remembered.get(phone);
    if (isSetBack && !rows) {
      this.#remembered.set(phone, await phone.readRows());
      return;
    }
    this.journal.loseDatabase(phone.name);
    this.#say(`${phone.name}'s database ${isSetBack ? "is set back" : "goes"}`);
    await phone.loseDatabase(isSetBack ? rows : undefined);
    this.#remembered.delete(phone);
  }

  /** The person with the phone becomes one of the other team. */
  async #move(draws: Draws): Promise<void> {
    const phone = this.#living(draws);
    const identity = await phone?.identity();
    if (!phone || !identity) return;
    const team = phone.team === "LTO01" ? "LTO02" : "LTO01";
    const moved = await asPerson<string[]>("move", { person: identity.person.id, team });
    if (!moved) return;
    for (const other of this.phones) {
      if (!moved.includes((await other.deviceOnDisk()) ?? "")) continue;
      other.team = team;
      this.journal.join(other.name, team);
    }
    this.#say(`${phone.name}'s observer is one of ${team}`);
  }

  async #rotate(draws: Draws): Promise<void> {
    const purpose = draws.pick(["receipt", "transport"]);
    if (await isDone("rotate", { purpose })) this.#say(`a new ${purpose} key is in force`);
  }

  async #retire(): Promise<void> {
    await done("retire");
    this.#say("the checklist is retired");
  }

  #living(draws: Draws): ProofPhone | undefined {
    const living = this.phones.filter(({ isDead }) => !isDead);
    return living[draws.below(living.length)];
  }

  async #calm(): Promise<void> {
    await calm(() => this.phones.every(({ life }) => life.isWaiting));
    this.network.inOrder();
  }

  /** Everything works and everybody tries, until nothing waits any more; what was late arrives before that. */
  async #heal(): Promise<void> {
    this.#say("all faults end");
    this.#fates = [];
    this.#dies = false;
    await order({ what: "trouble", database: null, store: null });
    await done("start");
    const never = new Draws([]);
    while (this.network.late.length > 0) await this.#late(never);
    await this.#drain(never);
    for (const phone of this.phones) {
      if (phone.isDead || phone.life.running > 0) await phone.start();
      else phone.life.arm(0, false);
      if (phone.code === undefined) finishDrafts(phone, this.journal);
      await this.#calm();
    }
    for (let round = 0; round < roundsUntilQuiet; round++) {
      clock.now += 10 * minute;
      const waiting: ProofPhone[] = [];
      for (const phone of this.phones) if (await this.#hasToTry(phone)) waiting.push(phone);
      if (waiting.length === 0) return;
      for (const phone of waiting) {
        const heard = this.network.news;
        await this.#try(phone);
        await this.#drain(never);
        if (phone.code === undefined && (await this.#hasDrafts(phone))) finishDrafts(phone, this.journal);
        await this.#drain(never);
        // What it brings in a round comes beside what it asks for: it may hear of that in the next one only.
        this.#heard.set(phone, heard);
      }
    }
  }

  /** Until nothing of its waits, it says of nothing that it is wrong, and it has heard of what others brought. */
  async #hasToTry(phone: ProofPhone): Promise<boolean> {
    if (phone.code !== undefined || phone.parts.rounds.status.problem) return true;
    if (this.#heard.get(phone) !== this.network.news || (await this.#hasDrafts(phone))) return true;
    return this.#waits(phone);
  }

  async #hasDrafts({ disk }: ProofPhone): Promise<boolean> {
    return (await disk.read(["drafts"], (t) => t.objectStore("drafts").count())) > 0;
  }

  async #try(phone: ProofPhone): Promise<void> {
    // Enrolled after the copy was made that was put back: a new code makes it known again.
    if (phone.isCodeLost || phone.parts.rounds.status.problem === "device-revoked") {
      phone.person ??= (await phone.identity())?.person.id;
      await this.#giveCode(phone);
    }
    if (phone.code !== undefined) phone.enrol(phone.code);
    else phone.round();
  }

  /** Until every request has its answer. */
  async #drain(never: Draws): Promise<void> {
    await this.#calm();
    while (this.network.waiting.length > 0) {
      await this.#step(never);
      await this.#calm();
    }
  }

  async #waits({ disk }: ProofPhone): Promise<boolean> {
    const counts = await disk.read(["outbox", "parcels"], (t) =>
      Promise.all([t.objectStore("outbox").count(), t.objectStore("parcels").count()]),
    );
    return counts.some((count) => count > 0);
  }
}
