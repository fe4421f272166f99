import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RevisionAttachment } from "../../attachments/attachments";
import type { Answers } from "../../engine/answers";
import { TEXT_BYTES, utf8Length } from "../../engine/functions/limits";
import { type Revision, sealRevision } from "../../submissions/revision";
import { beginFilling } from "../../testing/filling";
import { form } from "../../testing/forms";
import { newKey } from "../../testing/server";
import { fittedText, TextRoom } from "./textLimit";

describe("a text answer at its limit", () => {
  test("is counted in bytes of UTF-8, as the server counts", () => {
    const full = "қ".repeat(TEXT_BYTES / 2);
    expect(fittedText("", full)).toBe(full);
    expect(fittedText(full, `${full}қ`)).toBe(full);
    expect(fittedText("", "a".repeat(TEXT_BYTES + 1))).toBe("a".repeat(TEXT_BYTES));
    expect(utf8Length(fittedText("", "€".repeat(TEXT_BYTES)))).toBe(TEXT_BYTES - (TEXT_BYTES % 3));
  });

  test("keeps what stood there, and of what is put in the beginning, wherever it is put", () => {
    expect(fittedText("abcdef", "abXYZcdef", 8)).toBe("abXYcdef");
    expect(fittedText("abcdef", "abcdefXYZ", 8)).toBe("abcdefXY");
    expect(fittedText("abcdef", "XYZabcdef", 8)).toBe("XYabcdef");
    expect(fittedText("abcdef", "abXYZWVef", 8)).toBe("abXYZWef");
    expect(fittedText("aaaa", "aaaaa", 4)).toBe("aaaa");
  });

  test("is cut between characters, never inside one", () => {
    expect(fittedText("", "ab😀", 5)).toBe("ab");
    expect(fittedText("😀", "😁😀", 7)).toBe("😀");
    expect(fittedText("😀b", "😀😁b", 5)).toBe("😀b");
  });

  test("too long already may become shorter, not longer, and is never thrown away", () => {
    expect(fittedText("abcdefgh", "abcdefg", 4)).toBe("abcdefg");
    expect(fittedText("abcdefgh", "abcdefghi", 4)).toBe("abcdefgh");
  });
});

describe("a report at its limit", () => {
  const questions = Array.from({ length: 16 }, (_, at) => `q${at}`);
  const asked = form(questions.map((id) => ({ id, type: "text" as const })));
  const attachments: RevisionAttachment[] = Array.from({ length: 64 }, (_, at) => ({
    path: `album[0190aaaa-0000-7000-8000-0000000000${at}]/picture_of_the_protocol`,
    sha256: `${at}`.padEnd(64, "b"),
    size: 20_000_000,
    type: "application/octet-stream",
    key: `${at}`.padEnd(43, "k"),
    plain_sha256: `${at}`.padEnd(64, "c"),
  }));
  const sealed = async (patch: Answers) => {
    const device = { id: "0190aaaa-0000-7000-8000-00000000000d", privateJwk: await newKey(["sign"], "ECDSA") };
    const { key_ops: _, ...transport } = await newKey(["deriveBits"], "ECDH");
    const revision = { submission: "s", patch, attachments, device: device.id, device_seq: 1 } as unknown as Revision;
    return sealRevision(revision, device, { ...transport, kid: "transport" } as Parameters<typeof sealRevision>[2]);
  };

  test("whatever is typed goes in one push, or the form has said that something is left out", {
    timeout: 120_000,
  }, async () => {
    // What packs badly, what takes two bytes or three, and what is written with a stroke more in JSON.
    const alphabet = fc.constantFrom(
      Array.from({ length: 92 }, (_, at) => String.fromCodePoint(35 + at)),
      Array.from({ length: 1000 }, (_, at) => String.fromCodePoint(0x400 + at)),
      Array.from({ length: 20_000 }, (_, at) => String.fromCodePoint(0x4e00 + at)),
      ['"', "\\", "\n"],
    );
    const writing = fc.record({
      question: fc.constantFrom(...questions),
      length: fc.oneof(fc.integer({ min: 1, max: 70_000 }), fc.constant(66_000)),
      seed: fc.nat(),
      how: fc.constantFrom("typing" as const, "answer" as const),
    });
    await fc.assert(
      fc.asyncProperty(
        alphabet,
        fc.array(writing, { minLength: 30, maxLength: 60, size: "max" }),
        async (letters, writings) => {
          const { filling } = beginFilling(asked);
          for (const { question, length, seed, how } of writings) {
            let chance = seed + 1;
            const next = () => {
              chance = (chance * 48_271) % 2_147_483_647;
              return letters[chance % letters.length];
            };
            const text = Array.from({ length }, next).join("");
            filling.answer(question, text, how);
            if (filling.answers()[question] !== text) expect(filling.isCut(question)).toBe(true);
          }
          await sealed(filling.answers());
          await filling.close();
        },
      ),
      { numRuns: 8, endOnFailure: true },
    );
  });

  test("takes no more of a text, and keeps what was there", () => {
    const full = "қ".repeat(TEXT_BYTES / 2);
    const { filling } = beginFilling(asked);
    for (const id of questions) filling.answer(id, full, "answer");
    const answers = filling.answers();
    expect(Object.values(answers).filter((answer) => answer === full)).toHaveLength(9);
    expect(filling.isCut("q8")).toBe(false);
    expect(filling.isCut("q9")).toBe(true);
    expect(filling.fitted("q15", "more")).toBe("");
    // Room is made by shortening another answer.
    filling.answer("q0", undefined, "answer");
    expect(filling.fitted("q15", "more")).toBe("more");
  });

  test("counts the other answers once while one is typed", () => {
    let counted = 0;
    const room = new TextRoom(() => {
      counted += 1;
      return { other: "x" };
    });
    for (let key = 0; key < 100; key += 1) room.at("text", 1);
    expect(counted).toBe(1);
    room.at("text", 2);
    room.at("other", 2);
    expect(counted).toBe(3);
  });
});
