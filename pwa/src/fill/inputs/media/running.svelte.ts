/**
 * Recordings that are being made. They outlive the question's screen: an interview goes on while the phone lies locked in
 * a pocket. What was said is sealed on the disk every few seconds and read back from there, so a killed app loses no more
 * than these.
 */
import { SvelteMap } from "svelte/reactivity";
import type { Capture, CaptureFor, WaitingCapture } from "../../../attachments/captures";
import { slugOf } from "../../../wire/problem";
import type { Filling } from "../../draft/filling.svelte";
import type { Recorder, RecordingKind } from "./recorder";
import { attachCapture } from "./returning";

/** So many pieces of a second each are written at once: fewer writes cost less of the battery. */
const piecesAWrite = 5;

const running = new SvelteMap<string, RunningRecording>();
const keyOf = (submission: string, path: string) => `${submission}/${path}`;

export interface RecordingEnd {
  /** It was stopped at the size that can be sent. */
  isFull: boolean;
  /** It is the answer, and the beginning only. */
  isPart: boolean;
  /** Why it did not become the answer, if so: what was written of it waits on the phone. */
  problem?: string;
}

export class RunningRecording {
  /** How long it is. */
  seconds = $state(0);
  readonly kind: RecordingKind;
  readonly waiting: WaitingCapture;
  /** Settles once it is an answer, or waits for the vault to be opened. Never rejects. */
  readonly ended: Promise<RecordingEnd>;
  readonly recorder: Recorder;
  readonly #capture: Capture;
  /** The open draft it belongs to; none while the app is locked. */
  #filling: Filling;
  #unwritten: Blob[] = [];
  #problem: string | undefined;

  private constructor(
    filling: Filling,
    kind: RecordingKind,
    waiting: WaitingCapture,
    recorder: Recorder,
    capture: Capture,
  ) {
    this.#filling = filling;
    this.kind = kind;
    this.waiting = waiting;
    this.recorder = recorder;
    this.#capture = capture;
    this.ended = this.#follow();
    const key = keyOf(waiting.submission, waiting.path);
    running.set(key, this);
    this.adopt(filling);
  }

  /**
   * Begins one for the question at `path`. `start` is handed what takes each piece of about a second, and begins to
   * record; rejects with what it rejects with, or with `locked`.
   */
  static async begin(
    filling: Filling,
    purpose: CaptureFor,
    kind: RecordingKind,
    start: (onpiece: (piece: Blob) => void) => Promise<Recorder>,
  ): Promise<RunningRecording> {
    const { captures } = filling.session.field;
    const capture = await captures.begin(purpose);
    let made: RunningRecording | undefined;
    try {
      const recorder = await start((piece) => made?.piece(piece));
      made = new RunningRecording(filling, kind, { ...purpose, id: capture.id }, recorder, capture);
      return made;
    } catch (failure) {
      await captures.drop(capture.id);
      throw failure;
    }
  }

  /** The draft was opened anew, after the app was locked: it becomes an answer there. */
  adopt(filling: Filling): void {
    this.#filling = filling;
    filling.media.endings.add(this.stop);
  }

  /** Ends it. */
  readonly stop = async (): Promise<void> => {
    this.recorder.stop();
    await this.ended;
  };

  piece(piece: Blob): void {
    this.#unwritten.push(piece);
    this.seconds += 1;
    // Whoever records does not touch the screen, and must not be locked out of it.
    this.#filling.session.field.vault.touch();
    if (this.#unwritten.length >= piecesAWrite) void this.#write();
  }

  async #write(): Promise<void> {
    const pieces = this.#unwritten;
    this.#unwritten = [];
    if (pieces.length === 0) return;
    try {
      await this.#capture.add(new Blob(pieces));
    } catch (failure) {
      // A full disk: what was written before is kept, and no more is recorded that could not be.
      this.#problem = slugOf(failure);
      this.recorder.stop();
    }
  }

  async #follow(): Promise<RecordingEnd> {
    const { isFull, type } = await this.recorder.done;
    await this.#write();
    try {
      await this.#capture.end({ type, seconds: this.seconds });
    } catch (failure) {
      this.#problem ??= slugOf(failure);
    }
    const filling = this.#filling;
    let isPart = false;
    try {
      if (filling.takesFiles) {
        isPart = await attachCapture(filling, this.waiting);
        // The disk was full for a while: what was written is the answer all the same.
        isPart ||= this.#problem !== undefined;
        this.#problem = undefined;
      }
    } catch (failure) {
      this.#problem ??= slugOf(failure);
    }
    running.delete(keyOf(this.waiting.submission, this.waiting.path));
    filling.media.endings.delete(this.stop);
    return { isFull, isPart, ...(this.#problem ? { problem: this.#problem } : {}) };
  }
}

/** The recording that is being made for a question. */
export function recordingFor(submission: string, path: string): RunningRecording | undefined {
  return running.get(keyOf(submission, path));
}

export function runningRecordings(): RunningRecording[] {
  return [...running.values()];
}

/** Call when a draft is opened: what was begun in it before the app was locked belongs to it again. */
export function adoptRecordings(filling: Filling): void {
  for (const one of running.values()) if (one.waiting.submission === filling.submission) one.adopt(filling);
}
