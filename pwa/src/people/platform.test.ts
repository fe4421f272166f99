import { expect, test } from "vitest";
import { platformOf } from "./platform.ts";

const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15";

test("an iPad that calls itself a Mac still gets the home screen hint", () => {
  expect(platformOf(mac, 5)).toBe("ios");
  expect(platformOf(mac, 0)).toBe("other");
});

test("phones are told apart", () => {
  expect(platformOf("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)", 5)).toBe("ios");
  expect(platformOf("Mozilla/5.0 (Linux; Android 13; SM-A145F)", 5)).toBe("android");
});
