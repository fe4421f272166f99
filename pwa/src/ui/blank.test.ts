import { expect, test } from "vitest";
import { blankWhenHidden } from "./blank";

function start(isFromHomeScreen = false) {
  const page = Object.assign(new EventTarget(), {
    visibilityState: "visible" as DocumentVisibilityState,
    documentElement: { dataset: {} as DOMStringMap } as HTMLElement,
  });
  const view = new EventTarget() as unknown as Window & EventTarget;
  blankWhenHidden(page as unknown as Document, view, isFromHomeScreen);
  const turn = (state: DocumentVisibilityState) => {
    page.visibilityState = state;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  const isBlank = () => "hidden" in page.documentElement.dataset;
  return { view, turn, isBlank };
}

test("the page is blank while it is out of sight, and only then", () => {
  const { view, turn, isBlank } = start();
  expect(isBlank()).toBe(false);
  turn("hidden");
  expect(isBlank()).toBe(true);
  view.dispatchEvent(new Event("pageshow"));
  expect(isBlank()).toBe(true);
  turn("visible");
  expect(isBlank()).toBe(false);
  view.dispatchEvent(new Event("blur"));
  expect(isBlank()).toBe(false);
});

test("on an iPhone's home screen it is blank as soon as the focus goes, and back at the first touch", () => {
  const { view, isBlank } = start(true);
  view.dispatchEvent(new Event("blur"));
  expect(isBlank()).toBe(true);
  view.dispatchEvent(new Event("pointerdown"));
  expect(isBlank()).toBe(false);
});
