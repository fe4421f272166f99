/**
 * Enrolment codes as people read, say and type them: 20 characters of Crockford's base32 in groups of five.
 * Links and QR codes carry the thumbprint of the mission's keys behind it: 30 more, after a dot (protocol.md §2).
 */

export const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const length = 20;
export const thumbprintLength = 30;

/** What a link or a person brought. `keys` is empty when nothing was said of the mission's keys. */
export interface EnrolmentCode {
  code: string;
  keys: string;
}

/** Upper case, without separators; letters Crockford leaves out become the digits they look like. */
export function normaliseCode(typed: string): string {
  return typed
    .toUpperCase()
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1")
    .replace(/[^0-9A-HJKMNP-TV-Z]/g, "");
}

/** `ABCDE-FGHJK-…` of what was typed so far. */
export function groupCode(typed: string): string {
  return grouped(normaliseCode(typed).slice(0, length));
}

/** Reads a code, a code with its thumbprint, or the whole link they came in. */
export function readCode(typed: string): EnrolmentCode {
  const read = normaliseCode(/enrol=([^&\s]*)/.exec(typed)?.[1] ?? typed);
  return { code: read.slice(0, length), keys: read.slice(length) };
}

/** What was brought so far as the field shows it: the code in groups and, behind a dot, what else there is. */
export function groupEntry(typed: string): string {
  const { code, keys } = readCode(typed);
  return keys ? `${grouped(code)}.${grouped(keys)}` : grouped(code);
}

/** Also false for a thumbprint of which something is missing: a link that was cut must not pass for one without. */
export function isWholeCode(typed: string): boolean {
  const { code, keys } = readCode(typed);
  return code.length === length && (keys.length === 0 || keys.length === thumbprintLength);
}

const grouped = (characters: string): string => characters.match(/.{1,5}/g)?.join("-") ?? "";
