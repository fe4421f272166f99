/**
 * What ODK takes as styling in labels, hints, choices and messages: emphasis, headings, links, escapes and a handful of
 * HTML tags (docs/checklists.md §9). Text becomes lines of runs that screens draw as elements of their own: no markup of
 * a form ever reaches the page as markup. The same reading, of the words alone, is `checklists/marks.py`;
 * `tests/vectors/marks.json` holds both to it.
 *
 * No library: ODK's is no CommonMark (marks end with their line, a line break is one, `${a_b}` and blanks such as
 * `____` are no emphasis, tags are few and their styles fewer), and what would have to be switched off or checked again
 * is more than what is read here.
 */

export type Family = "serif" | "sans-serif" | "monospace" | "cursive" | "fantasy";

/** Words that look alike. */
export interface Style {
  readonly strong?: true;
  readonly emphasis?: true;
  readonly underline?: true;
  readonly struck?: true;
  readonly size?: "small" | "big";
  readonly script?: "sub" | "sup";
  /** A name, `#rrggbb` or `rgb(…)`; whether such a colour exists is for the browser to say. */
  readonly color?: string;
  readonly family?: Family;
}

export interface Run extends Style {
  /** As written, values such as `${name}` still to be put in. */
  readonly text: string;
}

export interface Line {
  readonly heading?: 1 | 2 | 3 | 4 | 5 | 6;
  readonly align?: "center" | "end";
  readonly runs: readonly Run[];
}

/** Whether a text may hold marks at all; most do not. */
const MAY_BE_MARKED = /[*_#<&[\\]/;

const ATTRIBUTE = String.raw`\s+[a-zA-Z-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[“”„][^“”„<>]*[“”]|[^\s"'<>=“”„][^\s"'<>=]*)`;
const TOKEN = new RegExp(
  [
    String.raw`(?<output>\$\{[^{}]*\})`,
    String.raw`\\(?<escaped>[\\*_#[\]<>&])`,
    String.raw`\[(?<label>[^[\]\n]*)\]\((?<address>[^()\s<>]+)\)`,
    String.raw`<(?<close>/?)(?<tag>[a-zA-Z][a-zA-Z0-9]*)(?<attributes>(?:${ATTRIBUTE})*)\s*/?>`,
    "&(?<entity>amp|lt|gt|quot|apos|nbsp|#[0-9]{1,6});",
    String.raw`(?<run>\*+|_+)`,
    String.raw`(?<text>[^\\$[<&*_\r\n]+|[\s\S])`,
  ].join("|"),
  "gu",
);
const HEADING = /^[ \t]*(#{1,6})[ \t]+/;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };
const WORD_BEFORE = /[\p{L}\p{N}]$/u;
const WORD_AFTER = /^[\p{L}\p{N}]/u;

const TAGS: Readonly<Record<string, Style>> = {
  b: { strong: true },
  strong: { strong: true },
  i: { emphasis: true },
  em: { emphasis: true },
  u: { underline: true },
  s: { struck: true },
  strike: { struck: true },
  del: { struck: true },
  small: { size: "small" },
  big: { size: "big" },
  sub: { script: "sub" },
  sup: { script: "sup" },
  tt: { family: "monospace" },
  code: { family: "monospace" },
  span: {},
  font: {},
  a: {},
};
const BLOCKS: ReadonlySet<string> = new Set("p div center h1 h2 h3 h4 h5 h6 ul ol li blockquote".split(" "));
const FAMILIES: ReadonlySet<string> = new Set<Family>(["serif", "sans-serif", "monospace", "cursive", "fantasy"]);
const COLOR = /^(?:#[0-9a-f]{3,8}|[a-z]{3,24}|rgba?\([\d\s,.%]+\))$/i;
/** Tags in tags; deeper ones change nothing. */
const DEEPEST = 20;

/** The text as lines of runs. */
export function linesOf(text: string): readonly Line[] {
  const lines = new Lines();
  for (const [at, source] of text.split(/\r?\n/).entries()) {
    if (at > 0) lines.end();
    const heading = HEADING.exec(source);
    if (heading) lines.heading(heading[1]?.length ?? 1);
    const written = heading ? source.slice(heading[0].length) : source;
    for (const piece of piecesOf(written)) lines.add(piece);
  }
  return lines.trimmed();
}

/** The words alone, for lists, headings of lists, names for a screen reader. */
export function plainText(text: string): string {
  if (!MAY_BE_MARKED.test(text)) return text;
  return linesOf(text)
    .map(({ runs }) => runs.map((run) => run.text).join(""))
    .join("\n");
}

/** Whether a text looks other than as its plain words. */
export function isMarked(lines: readonly Line[]): boolean {
  return lines.some(
    ({ heading, align, runs }) =>
      heading !== undefined || align !== undefined || runs.some((run) => Object.keys(run).length > 1),
  );
}

/** Words, a tag, or where emphasis begins and ends; an opening or closing mark that found no other is words. */
interface Piece {
  text?: string;
  tag?: { name: string; isEnd: boolean; attributes: string };
  begins?: Mark[];
  ends?: Mark[];
}

type Mark = "strong" | "emphasis";

/** What 1, 2 and 3 stars or underscores mean. */
const MARKS: readonly Mark[][] = [[], ["emphasis"], ["strong"], ["strong", "emphasis"]];

function piecesOf(source: string): Piece[] {
  const pieces: Piece[] = [];
  const openers = new Openers();
  for (const match of source.matchAll(TOKEN)) {
    const { output, escaped, label, address, close, tag, attributes = "", entity, run, text } = match.groups ?? {};
    if (address !== undefined) pieces.push(...linkPieces(label ?? "", address));
    else if (tag !== undefined && isKnown(tag)) {
      pieces.push({ tag: { name: tag.toLowerCase(), isEnd: close === "/", attributes } });
    } else if (entity !== undefined) pieces.push({ text: characterOf(entity) });
    else if (run !== undefined) {
      const after = match.index + run.length;
      openers.take(
        run,
        pieces,
        source.slice(Math.max(0, match.index - 2), match.index),
        source.slice(after, after + 2),
      );
    } else pieces.push({ text: output ?? escaped ?? text ?? match[0] });
  }
  return pieces;
}

/**
 * The words of a link, and where it leads: nothing in a form is opened by a touch, since the network would learn which
 * checklist this phone has open. Whoever wants the page copies its address.
 */
function linkPieces(label: string, address: string): Piece[] {
  const words = label.trim();
  return words === "" || words === address ? [{ text: address }] : [...piecesOf(words), { text: ` (${address})` }];
}

function isKnown(tag: string): boolean {
  const name = tag.toLowerCase();
  return name in TAGS || BLOCKS.has(name) || name === "br" || name === "hr";
}

function characterOf(entity: string): string {
  const code = entity.startsWith("#") ? Number(entity.slice(1)) : 0;
  if (!entity.startsWith("#")) return ENTITIES[entity] ?? "";
  return code >= 32 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    ? String.fromCodePoint(code)
    : `&${entity};`;
}

/** Marks of one line that wait for their end, by what they are, so that a line of ten thousand stars costs no more than its length. */
class Openers {
  readonly #waiting = new Map<string, number[]>();

  /** A run of stars or underscores between the characters `before` and `after` it. */
  take(run: string, pieces: Piece[], before: string, after: string): void {
    const char = run.charAt(0);
    const isWordly = char === "_";
    const mayEnd = /\S$/.test(before) && !(isWordly && WORD_AFTER.test(after));
    const mayBegin = /^\S/.test(after) && !(isWordly && WORD_BEFORE.test(before));
    const isTimes = /\d$/.test(before) && /^\d/.test(after);
    if (run.length > 3 || isTimes || (!mayEnd && !mayBegin)) {
      pieces.push({ text: run });
      return;
    }
    const ends: Mark[] = [];
    let left = run.length;
    while (mayEnd && left > 0) {
      const length = this.#last(char, left);
      if (length === 0) break;
      const at = this.#waiting.get(char + length)?.at(-1) ?? 0;
      pieces[at] = { begins: MARKS[length] ?? [] };
      ends.push(...(MARKS[length] ?? []));
      this.#forget(at);
      left -= length;
    }
    if (ends.length > 0) pieces.push({ ends });
    if (left === 0) return;
    if (mayBegin) this.#wait(char + left, pieces.length);
    pieces.push({ text: char.repeat(left) });
  }

  /** How long the mark is that began last, of those no longer than `most`; 0 for none. */
  #last(char: string, most: number): number {
    let [found, place] = [0, -1];
    for (let length = 1; length <= most; length += 1) {
      const at = this.#waiting.get(char + length)?.at(-1);
      if (at !== undefined && at > place) [found, place] = [length, at];
    }
    return found;
  }

  #wait(mark: string, at: number): void {
    const places = this.#waiting.get(mark);
    if (places) places.push(at);
    else this.#waiting.set(mark, [at]);
  }

  /** What began at or after `at` and has not ended is words. */
  #forget(at: number): void {
    for (const places of this.#waiting.values()) while ((places.at(-1) ?? -1) >= at) places.pop();
  }
}

interface OpenTag {
  readonly name: string;
  readonly style: Style;
  readonly align?: "center" | "end";
  readonly heading?: NonNullable<Line["heading"]>;
  /** Where a link leads, told after its words. */
  readonly address?: string;
}

interface OpenLine {
  heading?: NonNullable<Line["heading"]>;
  align?: NonNullable<Line["align"]>;
  runs: Run[];
}

/** Lines as they are put together. */
class Lines {
  #last: OpenLine = { runs: [] };
  readonly #lines = [this.#last];
  readonly #counts: Record<Mark, number> = { strong: 0, emphasis: 0 };
  #open: OpenTag[] = [];
  #isBroken = false;

  add({ text, tag, begins = [], ends = [] }: Piece): void {
    for (const mark of begins) this.#counts[mark] += 1;
    for (const mark of ends) this.#counts[mark] -= 1;
    if (tag) this.#tag(tag);
    if (text) this.#write(text);
  }

  heading(level: number): void {
    this.#settle();
    this.#last.heading = level as NonNullable<Line["heading"]>;
  }

  end(): void {
    this.#isBroken = false;
    this.#begin();
  }

  /** Without empty lines at the beginning and the end. */
  trimmed(): readonly Line[] {
    const isEmpty = ({ runs }: Line) => runs.every(({ text }) => text.trim() === "");
    const first = this.#lines.findIndex((line) => !isEmpty(line));
    return first < 0 ? [] : this.#lines.slice(first, this.#lines.findLastIndex((line) => !isEmpty(line)) + 1);
  }

  #begin(): void {
    this.#last = { runs: [] };
    this.#lines.push(this.#last);
  }

  /** A block begins on a line of its own, as soon as there is something to stand on it. */
  #settle(): void {
    if (this.#isBroken && this.#last.runs.length > 0) this.#begin();
    this.#isBroken = false;
  }

  #write(text: string): void {
    this.#settle();
    const { strong, emphasis } = this.#counts;
    const style: Style = Object.assign({}, ...this.#open.map((tag) => tag.style));
    const run: Run = { text, ...style, ...(strong > 0 && { strong: true }), ...(emphasis > 0 && { emphasis: true }) };
    const line = this.#last;
    for (const { align, heading } of this.#open) {
      if (align) line.align = align;
      if (heading) line.heading = heading;
    }
    const before = line.runs.at(-1);
    if (before && isAlike(before, run)) line.runs[line.runs.length - 1] = { ...before, text: before.text + text };
    else line.runs.push(run);
  }

  #tag({ name, isEnd, attributes }: NonNullable<Piece["tag"]>): void {
    if (name === "br") this.end();
    else if (name === "hr" || BLOCKS.has(name)) this.#isBroken = true;
    if (name === "br" || name === "hr") return;
    if (isEnd) this.#close(name);
    else if (this.#open.length < DEEPEST) this.#open.push(openTag(name, attributes));
    if (name === "li" && !isEnd) this.#write("• ");
  }

  #close(name: string): void {
    const at = this.#open.findLastIndex((tag) => tag.name === name);
    if (at < 0) return;
    const address = this.#open[at]?.address;
    if (address) this.#write(` (${address})`);
    this.#open = this.#open.slice(0, at);
  }
}

function isAlike({ text: _, ...one }: Run, { text: __, ...other }: Run): boolean {
  const keys = Object.keys(one) as (keyof Style)[];
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

function openTag(name: string, attributes: string): OpenTag {
  const given = attributesOf(attributes);
  const styles: Record<string, string> = Object.fromEntries(
    (given.style ?? "").split(";").map((part) => part.split(":", 2).map((word) => word.trim().toLowerCase())),
  );
  const color = name === "font" ? given.color : styles.color;
  const family = (name === "font" ? given.face : styles["font-family"])?.split(",").map((word) => word.trim());
  const generic = family?.find((word) => FAMILIES.has(word)) as Family | undefined;
  const align = alignOf(name === "center" ? "center" : (styles["text-align"] ?? given.align));
  const level = /^h([1-6])$/.exec(name)?.[1];
  return {
    name,
    style: { ...TAGS[name], ...(color && COLOR.test(color) && { color }), ...(generic && { family: generic }) },
    ...(align && { align }),
    ...(level && { heading: Number(level) as NonNullable<Line["heading"]> }),
    ...(name === "a" && given.href && { address: given.href }),
  };
}

function alignOf(word: string | undefined): "center" | "end" | undefined {
  if (word === "center") return "center";
  return word === "right" || word === "end" ? "end" : undefined;
}

function attributesOf(written: string): Record<string, string> {
  const found = [...written.matchAll(/\s+([a-zA-Z-]+)\s*=\s*("[^"]*"|'[^']*'|[“”„][^“”„]*[“”]|[^\s"'=]+)/g)];
  return Object.fromEntries(
    found.map(([, name = "", value = ""]) => [name.toLowerCase(), value.replace(/^["'“”„]|["'“”]$/g, "").trim()]),
  );
}
