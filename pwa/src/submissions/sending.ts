/** What finishing a report, and saying something to headquarters, takes: one chunk. */

export { figuresFor } from "./figures";
export { finishDraft } from "./finish";
export { sayToHeadquarters } from "./signedFact";
