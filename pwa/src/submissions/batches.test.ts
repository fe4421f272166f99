import fc from "fast-check";
import { expect, test } from "vitest";
import { sendHalving } from "./batches.ts";

test("whatever the server does not take, every other item is sent once and in its order", async () => {
  const cases = fc.record({ size: fc.nat(60), refused: fc.uniqueArray(fc.nat(59)) });
  await fc.assert(
    fc.asyncProperty(cases, async ({ size, refused }) => {
      const items = Array.from({ length: size }, (_, at) => at);
      const sent: number[] = [];
      const passedBy: number[] = [];
      await sendHalving(items, async (some) => {
        if (!some.some((item) => refused.includes(item))) sent.push(...some);
        else if (some.length > 1) return "halve";
        else passedBy.push(...some);
        return "done";
      });
      expect(sent).toEqual(items.filter((item) => !refused.includes(item)));
      expect(passedBy).toEqual(items.filter((item) => refused.includes(item)));
    }),
  );
});
