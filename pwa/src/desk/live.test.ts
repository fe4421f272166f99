import { describe, expect, test, vi } from "vitest";
import { joined, Live, readChange, touches } from "./live.svelte.ts";

test("the first word of the stream does not know what moved before it", () => {
  expect(readChange("ready", '{"n":7,"regions":[]}')).toEqual({ n: 7, regions: null });
  expect(readChange("change", '{"n":8,"regions":["KZ-ZAP"]}')).toEqual({ n: 8, regions: ["KZ-ZAP"] });
});

test("changes that come together are one", () => {
  const one = { n: 4, regions: ["KZ-ZAP"] };
  expect(joined(one, { n: 5, regions: ["KZ-ZAP", "none"] })).toEqual({ n: 5, regions: ["KZ-ZAP", "none"] });
  expect(joined(one, { n: 3, regions: null })).toEqual({ n: 4, regions: null });
});

test("a page is touched by its own region, by what is unknown, and the page of all by everything", () => {
  expect(touches({ n: 1, regions: ["KZ-ZAP"] }, "KZ-ZAP")).toBe(true);
  expect(touches({ n: 1, regions: ["KZ-ZAP"] }, "KZ-AKM")).toBe(false);
  expect(touches({ n: 1, regions: null }, "KZ-AKM")).toBe(true);
  expect(touches({ n: 1, regions: [] }, "all")).toBe(true);
});

class Source extends EventTarget {
  static readonly CLOSED = 2;
  static last: Source;
  readyState = 1;
  constructor(readonly url: string) {
    super();
    Source.last = this;
  }
  say(name: string, data = "") {
    this.dispatchEvent(Object.assign(new Event(name), { data }));
  }
  close() {
    this.readyState = Source.CLOSED;
  }
}

describe("the stream", () => {
  test("tells screens once about changes that come together, and nobody after they left", () => {
    vi.useFakeTimers();
    vi.stubGlobal("EventSource", Source);
    const live = new Live(() => {});
    const stop = live.start();
    const heard = vi.fn();
    const leave = live.listen(heard);
    Source.last.say("change", '{"n":1,"regions":["a"]}');
    Source.last.say("change", '{"n":2,"regions":["b"]}');
    vi.runOnlyPendingTimers();
    expect(heard.mock.calls).toEqual([[{ n: 2, regions: ["a", "b"] }]]);
    leave();
    Source.last.say("change", '{"n":3,"regions":[]}');
    vi.runOnlyPendingTimers();
    expect(heard).toHaveBeenCalledTimes(1);
    stop();
    vi.useRealTimers();
  });

  test("asks who is signed in when it was turned away for good, and tries again later", () => {
    vi.useFakeTimers();
    vi.stubGlobal("EventSource", Source);
    const lost = vi.fn();
    const live = new Live(lost);
    const stop = live.start();
    const first = Source.last;
    first.say("error");
    expect([live.state, lost.mock.calls.length]).toEqual(["away", 0]);
    first.close();
    first.say("error");
    expect(lost).toHaveBeenCalledTimes(1);
    vi.runOnlyPendingTimers();
    expect(Source.last).not.toBe(first);
    Source.last.say("open");
    expect(live.state).toBe("live");
    stop();
    vi.useRealTimers();
  });
});
