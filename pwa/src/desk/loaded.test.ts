import { expect, test, vi } from "vitest";
import { DeskProblem } from "./api.ts";
import { Loaded } from "./loaded.svelte.ts";
import { Paged } from "./paged.svelte.ts";

test("what was loaded stays in view when the server is away", async () => {
  const answers = [() => Promise.resolve(1), () => Promise.reject(new DeskProblem("no-contact"))];
  const failed = vi.fn();
  const loaded = new Loaded(() => (answers.shift() ?? (() => Promise.resolve(2)))(), failed);
  await loaded.refresh();
  await loaded.refresh();
  expect([loaded.data, loaded.problem, loaded.busy]).toEqual([1, "no-contact", false]);
  expect(failed).toHaveBeenCalledWith("no-contact");
  await loaded.refresh();
  expect([loaded.data, loaded.problem]).toEqual([2, undefined]);
});

test("an answer that was overtaken is dropped", async () => {
  const waiting: ((value: string) => void)[] = [];
  const loaded = new Loaded(
    () => new Promise<string>((done) => waiting.push(done)),
    () => {},
  );
  const slow = loaded.refresh();
  const quick = loaded.refresh();
  waiting[1]?.("newer");
  await quick;
  waiting[0]?.("older");
  await slow;
  expect(loaded.data).toBe("newer");
});

test("a list grows at its end and begins anew only when asked", async () => {
  const asked: (number | undefined)[] = [];
  const list = new Paged<number>(
    async (before) => {
      asked.push(before);
      return before === undefined ? { items: [9, 8], before: 8 } : { items: [7], before: null };
    },
    () => {},
  );
  await list.refresh();
  await list.more();
  expect(list.items).toEqual([9, 8, 7]);
  await list.more();
  expect(asked).toEqual([undefined, 8]);
  await list.refresh();
  expect(list.items).toEqual([9, 8]);
});
