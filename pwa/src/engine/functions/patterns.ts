/**
 * The regular expressions of `regex()`, matched whole and in time linear in the text. The twin of
 * `backend/steppe/checklists/expressions/patterns.py`, which says why the browser's own engine is not used and reports faults at
 * publishing. Here a pattern outside the language simply matches nothing.
 */

type Ranges = readonly (readonly [number, number])[];
type Node =
  | { kind: "set"; ranges: Ranges; negated: boolean }
  | { kind: "all"; parts: Node[] }
  | { kind: "any"; parts: Node[] }
  | { kind: "times"; part: Node; least: number; most: number }
  | { kind: "start" }
  | { kind: "stop" };
interface Step {
  kind: "set" | "fork" | "jump" | "start" | "stop" | "end";
  ranges: Ranges;
  negated: boolean;
  first: number;
  second: number;
}

const LARGEST = 2000;
const DEEPEST = 50;
const NO_LIMIT = -1;
const CLASSES: Record<string, Ranges> = {
  d: [[48, 57]],
  w: [
    [48, 57],
    [65, 90],
    [95, 95],
    [97, 122],
  ],
  s: [
    [9, 13],
    [32, 32],
  ],
};
const CONTROLS: Record<string, number> = { n: 10, r: 13, t: 9 };
const LINE_ENDS: Ranges = [
  [10, 10],
  [13, 13],
];

class PatternError extends Error {}

const programs = new Map<string, readonly Step[] | null>();

function programOf(pattern: string): readonly Step[] | null {
  let program = programs.get(pattern);
  if (program === undefined) {
    program = compiled(pattern);
    programs.set(pattern, program);
  }
  return program;
}

/** How many steps the program of a pattern has: times the length of a text, what a match costs at most. */
export function stepsOf(pattern: string): number {
  return programOf(pattern)?.length ?? 0;
}

/** Whether the whole text matches the pattern. */
export function matches(text: string, pattern: string): boolean {
  const program = programOf(pattern);
  if (program === null) return false;
  const characters = Array.from(text);
  const last = characters.length;
  let places = follow(program, [0], true, last === 0);
  for (let index = 0; index < last; index += 1) {
    const code = characters[index]?.codePointAt(0) ?? 0;
    const ahead: number[] = [];
    for (const place of places) if (consumes(program[place], code)) ahead.push(place + 1);
    if (ahead.length === 0) return false;
    places = follow(program, ahead, false, index + 1 === last);
  }
  for (const place of places) if (program[place]?.kind === "end") return true;
  return false;
}

function compiled(pattern: string): readonly Step[] | null {
  try {
    const reader = new Reader(Array.from(pattern));
    const node = reader.alternatives(0);
    if (!reader.isAtEnd()) return null;
    const program: Step[] = [];
    emit(node, program);
    program.push(step("end"));
    return program;
  } catch (error) {
    if (error instanceof PatternError) return null;
    throw error;
  }
}

function step(kind: Step["kind"], first = 0, ranges: Ranges = [], negated = false): Step {
  return { kind, ranges, negated, first, second: 0 };
}

function consumes(at: Step | undefined, code: number): boolean {
  return at?.kind === "set" && at.ranges.some(([low, high]) => low <= code && code <= high) !== at.negated;
}

function follow(program: readonly Step[], places: number[], atStart: boolean, atEnd: boolean): Set<number> {
  const seen = new Set<number>();
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    if (seen.has(place)) continue;
    seen.add(place);
    const at = program[place];
    if (at?.kind === "jump") places.push(at.first);
    else if (at?.kind === "fork") places.push(at.first, at.second);
    else if ((at?.kind === "start" && atStart) || (at?.kind === "stop" && atEnd)) places.push(place + 1);
  }
  return seen;
}

function emit(node: Node, program: Step[]): void {
  if (program.length > LARGEST) throw new PatternError();
  if (node.kind === "set") program.push(step("set", 0, node.ranges, node.negated));
  else if (node.kind === "start" || node.kind === "stop") program.push(step(node.kind));
  else if (node.kind === "times") emitTimes(node, program);
  else if (node.kind === "any") emitAlternatives(node.parts, program);
  else {
    if (node.parts.length === 0) program.push(step("jump", program.length + 1));
    for (const part of node.parts) emit(part, program);
  }
}

function emitAlternatives(parts: readonly Node[], program: Step[]): void {
  const jumps: Step[] = [];
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1) {
      emit(part, program);
      break;
    }
    const fork = step("fork", program.length + 1);
    program.push(fork);
    emit(part, program);
    const jump = step("jump");
    jumps.push(jump);
    program.push(jump);
    fork.second = program.length;
  }
  for (const jump of jumps) jump.first = program.length;
}

function emitTimes(node: { part: Node; least: number; most: number }, program: Step[]): void {
  for (let count = 0; count < node.least; count += 1) emit(node.part, program);
  if (node.most === NO_LIMIT) {
    const start = program.length;
    const fork = step("fork", start + 1);
    program.push(fork);
    emit(node.part, program);
    program.push(step("jump", start));
    fork.second = program.length;
    return;
  }
  const forks: Step[] = [];
  for (let count = node.least; count < node.most; count += 1) {
    const fork = step("fork", program.length + 1);
    forks.push(fork);
    program.push(fork);
    emit(node.part, program);
  }
  for (const fork of forks) fork.second = program.length;
}

class Reader {
  private at = 0;
  private readonly pattern: readonly string[];

  constructor(pattern: readonly string[]) {
    this.pattern = pattern;
  }

  isAtEnd(): boolean {
    return this.at >= this.pattern.length;
  }

  private next(ahead = 0): string {
    return this.pattern[this.at + ahead] ?? "";
  }

  alternatives(depth: number): Node {
    if (depth > DEEPEST) throw new PatternError();
    const parts = [this.sequence(depth)];
    while (this.next() === "|") {
      this.at += 1;
      parts.push(this.sequence(depth));
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "any", parts };
  }

  private sequence(depth: number): Node {
    const parts: Node[] = [];
    while (!["", "|", ")"].includes(this.next())) parts.push(this.repeated(this.atom(depth)));
    return { kind: "all", parts };
  }

  private repeated(node: Node): Node {
    const limits = this.limits();
    if (limits === null) return node;
    if (node.kind === "start" || node.kind === "stop") throw new PatternError();
    if (this.next() === "?") this.at += 1;
    if (["*", "+", "?"].includes(this.next()) || this.limits() !== null) throw new PatternError();
    return { kind: "times", part: node, least: limits[0], most: limits[1] };
  }

  private limits(): [number, number] | null {
    const sign = this.next();
    if (sign === "*" || sign === "+" || sign === "?") {
      this.at += 1;
      return [sign === "+" ? 1 : 0, sign === "?" ? 1 : NO_LIMIT];
    }
    if (sign !== "{") return null;
    const closing = this.pattern.indexOf("}", this.at);
    const match = /^([0-9]{1,3})(,)?([0-9]{1,3})?$/.exec(
      closing > 0 ? this.pattern.slice(this.at + 1, closing).join("") : "",
    );
    if (match === null || (match[2] === undefined && match[3] !== undefined)) throw new PatternError();
    const least = Number(match[1]);
    const most = match[3] !== undefined ? Number(match[3]) : match[2] !== undefined ? NO_LIMIT : least;
    if (most !== NO_LIMIT && most < least) throw new PatternError();
    this.at = closing + 1;
    return [least, most];
  }

  private atom(depth: number): Node {
    const character = this.next();
    this.at += 1;
    if (character === "(") return this.group(depth);
    if (character === "[") return this.set();
    if (character === ".") return { kind: "set", ranges: LINE_ENDS, negated: true };
    if (character === "^") return { kind: "start" };
    if (character === "$") return { kind: "stop" };
    if (character === "\\") return { kind: "set", ...this.escape() };
    if ("*+?{}])|".includes(character)) throw new PatternError();
    return { kind: "set", ranges: single(character), negated: false };
  }

  private group(depth: number): Node {
    if (this.next() === "?") {
      if (this.next(1) !== ":") throw new PatternError();
      this.at += 2;
    }
    const node = this.alternatives(depth + 1);
    if (this.next() !== ")") throw new PatternError();
    this.at += 1;
    return node;
  }

  private escape(): { ranges: Ranges; negated: boolean } {
    const letter = this.next();
    this.at += 1;
    const known = CLASSES[letter.toLowerCase()];
    if (known !== undefined) return { ranges: known, negated: letter !== letter.toLowerCase() };
    const control = CONTROLS[letter];
    if (control !== undefined) return { ranges: [[control, control]], negated: false };
    if (!/^[!-/:-@[-`{-~ ]$/.test(letter)) throw new PatternError();
    return { ranges: single(letter), negated: false };
  }

  private set(): Node {
    const negated = this.next() === "^";
    if (negated) this.at += 1;
    const ranges: (readonly [number, number])[] = [];
    while (this.next() !== "]") {
      const low = this.member();
      if (this.next() === "-" && this.next(1) !== "]" && this.next(1) !== "") {
        this.at += 1;
        const high = this.member();
        const from = low.ranges[0]?.[0] ?? 0;
        const to = high.ranges[0]?.[1] ?? 0;
        if (!low.isSingle || !high.isSingle || to < from) throw new PatternError();
        ranges.push([from, to]);
      } else {
        ranges.push(...low.ranges);
      }
    }
    this.at += 1;
    if (ranges.length === 0) throw new PatternError();
    return { kind: "set", ranges, negated };
  }

  private member(): { ranges: Ranges; isSingle: boolean } {
    const character = this.next();
    this.at += 1;
    if (character === "" || character === "[") throw new PatternError();
    if (character !== "\\") return { ranges: single(character), isSingle: true };
    const letter = this.next();
    const { ranges, negated } = this.escape();
    if (negated) throw new PatternError();
    return { ranges, isSingle: CLASSES[letter] === undefined };
  }
}

function single(character: string): Ranges {
  const code = character.codePointAt(0) ?? 0;
  return [[code, code]];
}
