/** A drawing as the lines a finger made, in fractions of the surface's width and height, so that turning the phone loses nothing. */

export type Point = readonly [x: number, y: number];
export type Stroke = readonly Point[];

/** What of a canvas's context is needed to draw lines. */
export interface Pen {
  lineWidth: number;
  lineCap: CanvasLineCap;
  lineJoin: CanvasLineJoin;
  strokeStyle: string | CanvasGradient | CanvasPattern;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  quadraticCurveTo(x1: number, y1: number, x: number, y: number): void;
  stroke(): void;
}

/** Draws the lines on a surface of this size; `width` of the line in the same units. Corners are rounded as a pen rounds them. */
export function drawStrokes(
  pen: Pen,
  strokes: readonly Stroke[],
  size: { width: number; height: number },
  line: { width: number; colour: string },
): void {
  pen.lineWidth = line.width;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.strokeStyle = line.colour;
  for (const stroke of strokes) {
    const points = stroke.map(([x, y]) => [x * size.width, y * size.height] as const);
    const [first] = points;
    const last = points.at(-1);
    if (!first || !last) continue;
    pen.beginPath();
    pen.moveTo(...first);
    for (const [at, [x, y]] of points.slice(0, -1).entries()) {
      const [nextX, nextY] = points[at + 1] ?? last;
      pen.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    // A tap leaves a dot: a line from a place to itself, with round ends.
    pen.lineTo(...last);
    pen.stroke();
  }
}

/** Pixels of the picture: as wide as the surface in device pixels, within what a report can bear. */
export function pictureSize(surface: { width: number; height: number }, ratio: number, longest: number) {
  const scale = Math.min(ratio, longest / Math.max(surface.width, surface.height, 1));
  return {
    width: Math.max(1, Math.round(surface.width * scale)),
    height: Math.max(1, Math.round(surface.height * scale)),
  };
}
