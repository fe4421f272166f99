import { expect, test } from "vitest";
import { isInsideApp, platformOf } from "./platform.ts";

const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15";

test("an iPad that calls itself a Mac still gets the home screen hint", () => {
  expect(platformOf(mac, 5)).toBe("ios");
  expect(platformOf(mac, 0)).toBe("other");
});

test("phones are told apart", () => {
  expect(platformOf("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)", 5)).toBe("ios");
  expect(platformOf("Mozilla/5.0 (Linux; Android 13; SM-A145F)", 5)).toBe("android");
});

const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const android = "Mozilla/5.0 (Linux; Android 13; SM-A145F";
const chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36";

test.each([
  ["Facebook", `${iphone} Mobile/15E148 [FBAN/FBIOS;FBAV/450.0.0.38.108]`],
  ["Messenger", `${android}; wv) ${chrome} [FB_IAB/Orca-Android;FBAV/440.0.0]`],
  ["Instagram", `${iphone} Mobile/15E148 Instagram 320.0.0`],
  ["Telegram", `${android}) ${chrome} Telegram-Android/10.9.1`],
  ["WhatsApp", `${android}) ${chrome} WhatsApp/2.24.1`],
  ["Line", `${iphone} Mobile/15E148 Safari Line/14.0.0`],
  ["any Android app's web view", `${android}; wv) ${chrome}`],
  ["any iPhone app's web view", `${iphone} Mobile/15E148`],
])("a link opened inside %s is known not to be in the phone's own browser", (_name, userAgent) => {
  expect(isInsideApp(userAgent, false)).toBe(true);
});

test("the phone's own browser and the home screen are no other app", () => {
  expect(isInsideApp(`${android}) ${chrome}`, false)).toBe(false);
  expect(isInsideApp(`${iphone} Version/17.4 Mobile/15E148 Safari/604.1`, false)).toBe(false);
  expect(isInsideApp(`${iphone} Mobile/15E148`, true)).toBe(false);
  expect(isInsideApp(mac, false)).toBe(false);
});
