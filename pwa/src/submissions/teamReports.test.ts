import { expect, test } from "vitest";
import { checklistId, enrolledPhone, report } from "../testing/phone";
import { TestServer } from "../testing/server";
import { teamReports } from "./teamReports";

test("a report of this phone counts once, when it was finished; a partner's when headquarters received it", async () => {
  const server = await TestServer.start();
  const phone = await enrolledPhone(server);
  const own = await report(phone, "a");
  const told = { checklist_version: checklistId, received_at: "2021-01-10T12:30:00.000Z" };
  server.change("submission", own.submission, told);
  // What later servers may say besides is passed over.
  const more = { ...told, status: "somewhere else", state: { is: "new" }, heads: ["x"] };
  server.change("submission", "0190aaaa-0000-7000-8000-0000000000aa", more);
  server.change("submission", "0190aaaa-0000-7000-8000-0000000000ab", { ...told, checklist_version: "unknown" });
  await phone.rounds.run();
  const checklist = { id: checklistId, form: "meeting_report", version: "1", kind: "meeting", title: {}, short: {} };
  const found = await teamReports(phone.vault, await phone.outbox.list(), [{ ...checklist, status: "open" }]);
  expect(found).toEqual([
    { form: "meeting_report", at: Date.parse(own.madeAt) },
    { form: "meeting_report", at: Date.parse("2021-01-10T12:30:00.000Z") },
  ]);
});
