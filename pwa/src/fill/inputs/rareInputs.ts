/** Ways to answer that most checklists do without: one chunk. */
export { default as BarcodeAnswer } from "./BarcodeAnswer.svelte";
export { default as GeoAnswer } from "./location/GeoAnswer.svelte";
export { default as TraceAnswer } from "./location/TraceAnswer.svelte";
export { default as DrawingAnswer } from "./media/DrawingAnswer.svelte";
export { default as FileAnswer } from "./media/FileAnswer.svelte";
export { default as PhotoAnswer } from "./media/PhotoAnswer.svelte";
export { default as PhotoStrip } from "./media/PhotoStrip.svelte";
export { default as RecordingAnswer } from "./media/RecordingAnswer.svelte";
export { default as Returned } from "./media/Returned.svelte";
export { default as PartialDateAnswer } from "./PartialDateAnswer.svelte";
export { default as RangeAnswer } from "./RangeAnswer.svelte";
export { default as RankAnswer } from "./RankAnswer.svelte";
export { default as SearchAnswer } from "./SearchAnswer.svelte";
export { default as SheetAnswer } from "./SheetAnswer.svelte";
