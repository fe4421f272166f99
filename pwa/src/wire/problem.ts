/** A failure with words for it in the catalogue: `i18n/problems.ts` says them, and what is safe where it is told. */
export class FieldProblem extends Error {
  readonly slug: string;
  /** Set when the server asked for patience. */
  readonly retryAfterSeconds: number | undefined;

  constructor(slug: string, detail?: string, retryAfterSeconds?: number) {
    super(detail ?? slug);
    this.name = "FieldProblem";
    this.slug = slug;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The slug of whatever was thrown: `storage-full` when the browser says so, `unexpected` for what is no `FieldProblem`. */
export const slugOf = (failure: unknown): string => {
  if (failure instanceof FieldProblem) return failure.slug;
  return failure instanceof DOMException && failure.name === "QuotaExceededError" ? "storage-full" : "unexpected";
};
