/**
 * What a form and its answers may cost: the same names and numbers as
 * `backend/steppe/checklists/expressions/limits.py`, which says what each is for.
 */

export const TEXT_BYTES = 65_536;
export const SIGNED_BYTES = 1_048_576;
export const PUSH_BYTES = 1_048_576;
export const PATCH_PATHS = 5_000;
export const ATTACHMENTS = 64;
export const EXPRESSION_OPERATIONS = 1_000_000;
export const REPORT_OPERATIONS = 2_000_000;

/** An expression asked for more than its limits: it has no value, and whoever evaluates it says so. */
export class OverBudget extends Error {}

/** The operations of one expression after another; `spend` throws OverBudget before the work is done. */
export class Budget {
  #spent = 0;
  #before = 0;

  /** Another pass over the form begins. */
  renew(): void {
    this.#spent = 0;
    this.#before = 0;
  }

  /** Another expression is evaluated. */
  begin(): void {
    this.#before += this.#spent;
    this.#spent = 0;
  }

  spend(operations: number): void {
    const spent = this.#spent + operations;
    if (spent > EXPRESSION_OPERATIONS || spent + this.#before > REPORT_OPERATIONS) throw new OverBudget();
    this.#spent = spent;
  }
}

/** The bytes of a text in UTF-8; a lone surrogate counts three. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    bytes += code < 0x800 ? 1 : 2;
    // A pair is four bytes of two units.
    if (code >= 0xd800 && code < 0xdc00 && isLow(text.charCodeAt(at + 1))) {
      at += 1;
    }
  }
  return bytes;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}
