/** Rare ways to answer: fetched when a question on the screen needs them, and kept on the phone by the service worker. */
import type { Component } from "svelte";
import type { AnswerProps } from "../draft/answered";
import type { Control } from "../draft/appearance";

export type LazyInput = () => Promise<{ default: Component<AnswerProps> }>;

export const lazyInputs: Partial<Record<Control, LazyInput>> = {
  sheet: () => import("./SheetAnswer.svelte"),
  search: () => import("./SearchAnswer.svelte"),
  rank: () => import("./RankAnswer.svelte"),
  range: () => import("./RangeAnswer.svelte"),
  "partial-date": () => import("./PartialDateAnswer.svelte"),
  drawing: () => import("./media/DrawingAnswer.svelte"),
  recording: () => import("./media/RecordingAnswer.svelte"),
  file: () => import("./media/FileAnswer.svelte"),
  barcode: () => import("./BarcodeAnswer.svelte"),
  point: () => import("./location/GeoAnswer.svelte"),
  trace: () => import("./location/TraceAnswer.svelte"),
};
