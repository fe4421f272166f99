import { beforeEach, describe, expect, test } from "vitest";
import { SheetHistory } from "./sheetHistory";

/** A browser's history of one page: an address and a state for each entry, travelled later than it is asked for. */
class Browser extends EventTarget {
  entries: { address: string; state: unknown }[] = [{ address: "section 1", state: null }];
  at = 0;
  tasks: (() => void)[] = [];

  get state(): unknown {
    return this.entries[this.at]?.state;
  }

  get address(): string | undefined {
    return this.entries[this.at]?.address;
  }

  pushState(state: unknown): void {
    this.#push({ address: this.address ?? "", state });
  }

  /** Follows a link. */
  visit(address: string): void {
    this.#push({ address, state: null });
  }

  #push(entry: { address: string; state: unknown }): void {
    this.entries = [...this.entries.slice(0, this.at + 1), entry];
    this.at += 1;
  }

  go(by: number): void {
    this.tasks.push(() => {
      this.at = Math.max(0, Math.min(this.entries.length - 1, this.at + by));
      this.dispatchEvent(new Event("popstate"));
    });
  }

  /** Lets everything that was asked for happen. */
  rest(): void {
    for (let task = this.tasks.shift(); task; task = this.tasks.shift()) task();
  }

  back(): void {
    this.go(-1);
    this.rest();
  }
}

let browser: Browser;
let sheets: SheetHistory;
let open: string[];

/** Opens a sheet that goes when it is asked to; returns the way its own button closes it. */
function show(name: string): () => void {
  open.push(name);
  const close = () => {
    open = open.filter((one) => one !== name);
    gone();
  };
  const gone = sheets.opened(close);
  return close;
}

beforeEach(() => {
  browser = new Browser();
  browser.visit("section 2");
  sheets = new SheetHistory(browser, (work) => browser.tasks.push(work));
  sheets.start(browser);
  open = [];
  browser.rest();
});

describe("a sheet and the way back", () => {
  test("Back closes the sheet and stays on the screen", () => {
    show("sections");
    browser.rest();
    browser.back();
    expect([open, browser.address]).toEqual([[], "section 2"]);
  });

  test("a sheet closed by its button costs no second Back", () => {
    const close = show("sections");
    browser.rest();
    close();
    browser.rest();
    browser.back();
    expect(browser.address).toBe("section 1");
  });

  test("Back closes the sheet on top of another first", () => {
    show("choices");
    browser.rest();
    show("picture");
    browser.rest();
    browser.back();
    expect(open).toEqual(["choices"]);
    browser.back();
    expect([open, browser.address]).toEqual([[], "section 2"]);
    browser.back();
    expect(browser.address).toBe("section 1");
  });

  test("a sheet that takes the place of another in one step keeps Back for itself", () => {
    const close = show("one");
    browser.rest();
    close();
    show("two");
    browser.rest();
    expect(open).toEqual(["two"]);
    browser.back();
    expect([open, browser.address]).toEqual([[], "section 2"]);
  });

  test("a way out of a sheet leads back to the screen below it, with one Back", () => {
    const close = show("sections");
    browser.rest();
    close();
    sheets.leave(() => browser.visit("section 9"));
    browser.rest();
    expect(browser.address).toBe("section 9");
    browser.back();
    expect(browser.address).toBe("section 2");
    browser.back();
    expect(browser.address).toBe("section 1");
  });

  test("a sheet that stays open after Back has its entry again", () => {
    let asked = 0;
    sheets.opened(() => {
      asked += 1;
    });
    browser.rest();
    browser.back();
    browser.back();
    expect([asked, browser.address]).toEqual([2, "section 2"]);
  });

  test("a page loaded anew on the entry of a sheet is no step farther from the screen before", () => {
    show("sections");
    browser.rest();
    open = [];
    sheets = new SheetHistory(browser, (work) => browser.tasks.push(work));
    sheets.start(browser);
    browser.rest();
    expect(browser.state).toBeNull();
  });
});
