/**
 * Words stay whole where somebody's text is very large on a narrow screen: a text whose longest word would not fit on
 * a line of its own is drawn in the largest size in which it does. Everything else keeps the size that was asked for.
 *
 * `overflow-wrap: anywhere` alone cuts “правоохранительными” after whatever letter comes last, and hyphenation is no
 * help: browsers have none for Kazakh, many none for Russian. CSS cannot ask how wide a word is.
 */

/** With what ends it: a full stop alone on a line is no better than half a word. */
const word = /[\p{L}\p{M}\p{N}]{2,}[.,;:!?…»”)]*/gu;
/** Nothing is drawn smaller than this share of what was asked for: then a word is broken rather than unreadable. */
const least = 0.4;
/**
 * Where one size depends on another (two columns, a button beside a title), they settle after a few looks. Each leaves
 * more room than the one before: a mark that is glued to the word, “■ критическое”, is not in its width.
 */
const rounds = 6;
const caution = 0.12;

interface Misfit {
  element: HTMLElement;
  size: number;
}

/** The size in which a word takes the room there is: `size` px now, `width` px wide in it, `room` px to fill. */
export function fittingSize(size: number, width: number, room: number): number {
  // A little less: widths are rounded by letter, and a word must not touch the end of its line.
  return Math.floor(Math.max(size * least, (size * room * 0.98) / width) * 10) / 10;
}

/** The box a text flows in: its nearest ancestor that is no inline one. */
function boxOf(element: HTMLElement): HTMLElement {
  let box = element;
  while (getComputedStyle(box).display === "inline" && box.parentElement) box = box.parentElement;
  return box;
}

function roomIn(box: HTMLElement): number {
  const { paddingInlineStart, paddingInlineEnd } = getComputedStyle(box);
  return box.clientWidth - Number.parseFloat(paddingInlineStart) - Number.parseFloat(paddingInlineEnd);
}

/** Widths of a broken word's pieces together; nothing for a word on one line. */
function brokenWidth(range: Range): number | undefined {
  const pieces = [...range.getClientRects()].filter(({ width }) => width > 0);
  const top = pieces[0]?.top ?? 0;
  if (pieces.every((piece) => Math.abs(piece.top - top) < 2)) return undefined;
  return pieces.reduce((sum, { width }) => sum + width, 0);
}

function* misfits(root: HTMLElement, round: number): Generator<Misfit> {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const text = texts.currentNode as Text;
    const parent = text.parentElement;
    if (!parent) continue;
    for (const match of text.data.matchAll(word)) {
      range.setStart(text, match.index);
      range.setEnd(text, match.index + match[0].length);
      const width = brokenWidth(range);
      if (width === undefined) continue;
      const box = boxOf(parent);
      const size = Number.parseFloat(getComputedStyle(parent).fontSize);
      // The whole text, not one bold word of it: unless that word has a size of its own.
      const element = Number.parseFloat(getComputedStyle(box).fontSize) === size ? box : parent;
      yield { element, size: fittingSize(size, width * (1 + caution * round), roomIn(box)) };
    }
  }
}

/** Draws every text below `root` in the size that was asked for, then those whose words are broken smaller. */
export function fitWords(root: HTMLElement): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-fitted]")) {
    element.style.fontSize = "";
    delete element.dataset.fitted;
  }
  for (let round = 0; round < rounds; round += 1) {
    const smaller = new Map<HTMLElement, number>();
    for (const { element, size } of misfits(root, round))
      smaller.set(element, Math.min(size, smaller.get(element) ?? size));
    if (smaller.size === 0) return;
    for (const [element, size] of smaller) {
      element.style.fontSize = `${size}px`;
      element.dataset.fitted = "";
    }
  }
}
