/**
 * Has the browser compile whole the scripts that an observer needs every day, on another thread and while they come.
 * Left to itself it only looks through each function and compiles it when it is first called, on the page's own thread and
 * at every start anew: modules that a service worker hands out are never kept compiled. On a phone six times slower than a
 * laptop the first screen came a third sooner with it (V8, "Explicit JavaScript Compile Hints"; Chromium 136 and later,
 * other browsers see a comment).
 */
const hint = "//# allFunctionsCalledOnLoad\n";

/** By the names in chunks.js: what is rarely opened is still compiled function by function. */
const wholly = new Set(["field", "base", "start", "screens", "shared", "checklist", "sending"]);

/**
 * After everything else: minifying drops comments, and the hint counts at the top of a file alone.
 * @returns {import("vite").Plugin}
 */
export function compileHints() {
  return {
    name: "compile-hints",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const missing = new Set(wholly);
        for (const file of Object.values(bundle)) {
          if (file.type !== "chunk" || !wholly.has(file.name)) continue;
          file.code = hint + file.code;
          missing.delete(file.name);
        }
        if (missing.size > 0) this.error(`compile-hints: no chunk is called ${[...missing].join(", ")}`);
      },
    },
  };
}
