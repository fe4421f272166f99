import { describe, expect, it } from "vitest";
import { reachableFiles } from "./reach.js";

const manifest = {
  "index.html": {
    file: "field.js",
    css: ["field.css"],
    imports: ["_shared.js"],
    dynamicImports: ["src/fill/FillScreen.svelte"],
  },
  "desk/index.html": { file: "desk.js", imports: ["_shared.js"] },
  "_shared.js": { file: "shared.js", assets: ["icon.svg"] },
  "src/fill/FillScreen.svelte": { file: "fill.js", imports: ["_shared.js"], dynamicImports: ["index.html"] },
};

describe("files kept on the phone", () => {
  it("hold everything the field entry may ever import and nothing of the desk", () => {
    expect([...reachableFiles(manifest, "index.html", "all")].sort()).toEqual([
      "field.css",
      "field.js",
      "fill.js",
      "icon.svg",
      "shared.js",
    ]);
  });

  it("leave out what is imported later when only the first load counts", () => {
    expect(reachableFiles(manifest, "index.html", "static")).not.toContain("fill.js");
  });

  it("are refused when the build names a chunk it did not write", () => {
    expect(() => reachableFiles({}, "index.html", "all")).toThrow("no chunk named index.html");
  });
});
