/** Enrolment codes as people read, say and type them: 20 characters of Crockford's base32 in groups of five. */

const length = 20;

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
  return (
    normaliseCode(typed)
      .slice(0, length)
      .match(/.{1,5}/g)
      ?.join("-") ?? ""
  );
}

export function isWholeCode(typed: string): boolean {
  return normaliseCode(typed).length === length;
}
