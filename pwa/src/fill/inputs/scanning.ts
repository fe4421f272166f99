/** Reading codes through the camera, where the browser can (Chromium on Android and macOS; elsewhere codes are typed). */

/** BarcodeDetector, which TypeScript's library does not know. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { rawValue: string }[]>;
}

function detectorType(): (new () => Detector) | undefined {
  return (globalThis as { BarcodeDetector?: new () => Detector }).BarcodeDetector;
}

export function canScan(): boolean {
  return detectorType() !== undefined && "mediaDevices" in navigator;
}

/** Looks at the video until it shows a code. Undefined when `stop` was called for first. */
export async function firstCode(video: HTMLVideoElement, stop: AbortSignal): Promise<string | undefined> {
  const Detector = detectorType();
  if (!Detector) return undefined;
  const detector = new Detector();
  while (!stop.aborted) {
    const [code] = await detector.detect(video);
    if (code?.rawValue && !stop.aborted) return code.rawValue;
    // Four looks a second find a code as fast as a hand holds still, and leave the phone cool.
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return undefined;
}
