import { expect, test } from "vitest";
import { appIsKept } from "./kept";

/** A worker on its way; `become` moves it on. */
class Worker extends EventTarget {
  state = "installing";
  become(state: string) {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
}

const container = (registration: object | Error) =>
  ({
    register: async () => {
      if (registration instanceof Error) throw registration;
      return registration;
    },
  }) as unknown as ServiceWorkerContainer;

test("an active worker has every file", async () => {
  expect(await appIsKept(container({ active: {} }))).toBe(true);
});

test.each([
  ["activated", true],
  ["redundant", false],
])("a worker that becomes %s decides", async (state, kept) => {
  const worker = new Worker();
  const asked = appIsKept(container({ active: null, installing: worker, waiting: null }));
  await Promise.resolve();
  worker.become("installed");
  worker.become(state);
  expect(await asked).toBe(kept);
});

test("without a network for the worker, and in browsers without workers, nothing is kept", async () => {
  expect(await appIsKept(container(new TypeError("Failed to fetch")))).toBe(false);
  expect(await appIsKept(undefined)).toBe(false);
});
