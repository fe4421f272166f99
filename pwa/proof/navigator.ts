/** What the app asks of a browser about itself, where Node has nothing like it (before 21). */
if (!("navigator" in globalThis)) {
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: { userAgent: "Android", languages: ["en"] },
  });
}
