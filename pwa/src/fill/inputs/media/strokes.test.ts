import { expect, test } from "vitest";
import { drawStrokes, type Pen, pictureSize } from "./strokes";

function pen() {
  const done: string[] = [];
  const note =
    (what: string) =>
    (...numbers: number[]) =>
      void done.push([what, ...numbers].join(" "));
  const made: Pen = {
    lineWidth: 0,
    lineCap: "butt",
    lineJoin: "miter",
    strokeStyle: "",
    beginPath: note("begin"),
    moveTo: note("move"),
    lineTo: note("line"),
    quadraticCurveTo: note("curve"),
    stroke: note("stroke"),
  };
  return { made, done };
}
const size = { width: 200, height: 100 };
const line = { width: 3, colour: "#000" };

test("a tap leaves a dot", () => {
  const { made, done } = pen();
  drawStrokes(made, [[[0.5, 0.5]]], size, line);
  expect(done).toEqual(["begin", "move 100 50", "line 100 50", "stroke"]);
  expect([made.lineWidth, made.lineCap]).toEqual([3, "round"]);
});

test("a line begins and ends where the finger did, whatever the size of the surface", () => {
  const { made, done } = pen();
  drawStrokes(
    made,
    [
      [
        [0, 0],
        [0.5, 1],
        [1, 0],
      ],
    ],
    size,
    line,
  );
  expect(done.at(1)).toBe("move 0 0");
  expect(done.at(-2)).toBe("line 200 0");
  expect(done.filter((step) => step === "stroke")).toHaveLength(1);
});

test("the picture is as sharp as the screen, within what a report can bear", () => {
  expect(pictureSize({ width: 300, height: 150 }, 2, 1600)).toEqual({ width: 600, height: 300 });
  expect(pictureSize({ width: 4000, height: 3000 }, 1, 1600)).toEqual({ width: 1600, height: 1200 });
  expect(pictureSize({ width: 0, height: 0 }, 2, 1600)).toEqual({ width: 1, height: 1 });
});
