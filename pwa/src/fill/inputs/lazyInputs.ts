/** Rare ways to answer: fetched when a question on the screen needs one, and kept on the phone by the service worker. */
import type { Component } from "svelte";
import type { AnswerProps } from "../draft/answered";
import type { Control } from "../draft/appearance";

export type LazyInput = () => Promise<Component<AnswerProps>>;

/** All in one chunk: together they are smaller than what a request for each would cost. */
const rare = () => import("./rareInputs");

export const lazyInputs: Partial<Record<Control, LazyInput>> = {
  sheet: async () => (await rare()).SheetAnswer,
  search: async () => (await rare()).SearchAnswer,
  rank: async () => (await rare()).RankAnswer,
  range: async () => (await rare()).RangeAnswer,
  "partial-date": async () => (await rare()).PartialDateAnswer,
  photo: async () => (await rare()).PhotoAnswer,
  drawing: async () => (await rare()).DrawingAnswer,
  recording: async () => (await rare()).RecordingAnswer,
  file: async () => (await rare()).FileAnswer,
  barcode: async () => (await rare()).BarcodeAnswer,
  point: async () => (await rare()).GeoAnswer,
  trace: async () => (await rare()).TraceAnswer,
};
