/** A photograph as it may leave the phone: JPEG, drawn anew, so that no EXIF (place, time, camera) survives. */
import { FieldProblem } from "../wire/problem";
import { isCutOff } from "./wholeness";

/** Unless the form asks for another size: a results protocol stays readable; pixels. */
const usualSide = 1600;
const quality = 0.8;

type Drawable = ImageBitmap | HTMLImageElement;

/**
 * At most `longestSide` pixels long, on white where it is transparent. Rejects with `not-an-image` when the browser cannot
 * decode the file, with `cut-image` when the end of it is missing.
 */
export async function downscale(file: Blob, longestSide = usualSide): Promise<Blob> {
  if (isCutOff(new Uint8Array(await file.arrayBuffer()))) throw new FieldProblem("cut-image");
  const { image, width, height, release } = await decode(file);
  try {
    const scale = Math.min(1, longestSide / Math.max(width, height));
    return await draw(image, Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  } finally {
    release();
  }
}

interface Decoded {
  image: Drawable;
  width: number;
  height: number;
  release(): void;
}

async function decode(file: Blob): Promise<Decoded> {
  if ("createImageBitmap" in globalThis) {
    try {
      const image = await createImageBitmap(file, { imageOrientation: "from-image" });
      return { image, width: image.width, height: image.height, release: () => image.close() };
    } catch (failure) {
      // Some engines decode more formats (HEIC) through <img> than here.
      if (!(failure instanceof DOMException)) throw failure;
    }
  }
  const address = URL.createObjectURL(file);
  const image = new Image();
  image.src = address;
  try {
    await image.decode();
  } catch {
    URL.revokeObjectURL(address);
    throw new FieldProblem("not-an-image");
  }
  return {
    image,
    width: image.naturalWidth,
    height: image.naturalHeight,
    release: () => URL.revokeObjectURL(address),
  };
}

async function draw(image: Drawable, width: number, height: number): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new FieldProblem("not-an-image", "no canvas");
  // A JPEG has no transparency: without paper, black ink on nothing would be black on black.
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, width, height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
  // iOS frees canvas memory late; a 0-sized canvas is free at once.
  canvas.width = 0;
  canvas.height = 0;
  if (!blob || blob.size === 0) throw new FieldProblem("not-an-image");
  return blob;
}
