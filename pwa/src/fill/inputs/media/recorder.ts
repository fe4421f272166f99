/**
 * Recording inside the app: nothing goes to the phone's gallery, nothing writes a place into it, and it can stop at what
 * the server takes. Knows MediaRecorder and no screen.
 */
import { largestPlain } from "../../../attachments/sealing";

export type RecordingKind = "audio" | "video";

/** Bits a second: a small picture stays readable, and 20 MB hold two and a half minutes. */
const videoBits = 900_000;
/** The same of sound, by the form's `quality`. Speech in Opus stays clear at 24,000: 20 MB hold 100 minutes. */
const audioBits: Readonly<Record<string, number>> = { "voice-only": 12_000, low: 24_000, normal: 64_000 };
const usualAudioBits = 24_000;
/** In the order of wish: WebM everywhere but on iPhones, which write MP4. */
const types = {
  audio: ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"],
  video: ["video/webm;codecs=vp8,opus", "video/mp4", "video/webm"],
};
/** Room for the end that a recorder writes when it stops; bytes. */
const reserve = 512 * 1024;

export interface Recorded {
  /** Media type of the pieces put together. */
  type: string;
  /** It was stopped at the size that can be sent. */
  isFull: boolean;
}

export interface Recorder {
  readonly stream: MediaStream;
  pause(): void;
  resume(): void;
  /** Ends it; the last piece comes before `done`. */
  stop(): void;
  readonly done: Promise<Recorded>;
}

export function canRecord(): boolean {
  return typeof MediaRecorder !== "undefined" && "mediaDevices" in navigator;
}

/** Starts at once. `onpiece` is handed about each second that was recorded. Rejects with a DOMException when refused. */
export async function record(kind: RecordingKind, quality: string, onpiece: (piece: Blob) => void): Promise<Recorder> {
  const camera = { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24 } };
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    ...(kind === "video" ? { video: camera } : {}),
  });
  const mimeType = types[kind].find((type) => MediaRecorder.isTypeSupported(type));
  const recorder = new MediaRecorder(stream, {
    ...(mimeType ? { mimeType } : {}),
    audioBitsPerSecond: audioBits[quality] ?? usualAudioBits,
    ...(kind === "video" ? { videoBitsPerSecond: videoBits } : {}),
  });
  let size = 0;
  let isFull = false;
  recorder.ondataavailable = ({ data }) => {
    size += data.size;
    onpiece(data);
    if (size > largestPlain - reserve && recorder.state !== "inactive") {
      isFull = true;
      recorder.stop();
    }
  };
  const done = new Promise<Recorded>((resolve) => {
    recorder.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      resolve({ type: recorder.mimeType || mimeType || `${kind}/webm`, isFull });
    };
  });
  recorder.start(1000);
  return {
    stream,
    done,
    pause: () => recorder.pause(),
    resume: () => recorder.resume(),
    stop: () => recorder.state !== "inactive" && recorder.stop(),
  };
}
