/** What finishing a report takes: one chunk. */
export { figuresFor } from "./figures";
export { finishDraft } from "./finish";
