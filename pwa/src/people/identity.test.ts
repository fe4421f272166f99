import { expect, test } from "vitest";
import { functionOf, type Identity, teamTitle } from "./identity";

const before: Identity = {
  device: { id: "d", letter: "A" },
  team: { code: "LTO06", name: "Oral", regions: ["KZ-ZAP"] },
  person: { id: "p", function: "Observer A of LTO06" },
  mission: {
    id: "m",
    code: "KZ2021",
    name: { en: "Mission" },
    type: "LEOM",
    zone: "Asia/Almaty",
    languages: ["en", "ru", "kk"],
    from: "2020-12-08",
    to: "2021-01-20",
    election_day: "2021-01-10",
  },
  matchingCode: "322500",
};
const names = { en: "Oral", ru: "Уральск", kk: "Орал" };
const functions = { en: "Observer A of LTO06", ru: "Наблюдатель A группы LTO06" };

test("a team and its people are called in the reader's language", () => {
  const now = { ...before, team: { ...before.team, names }, person: { ...before.person, functions } };
  expect(teamTitle(now.team, "kk")).toBe("LTO06 · Орал");
  expect(functionOf(now, "ru")).toBe("Наблюдатель A группы LTO06");
});

test("a phone set up before there were names by language says the one it has", () => {
  expect(teamTitle(before.team, "ru")).toBe("LTO06 · Oral");
  expect(functionOf(before, "ru")).toBe("Observer A of LTO06");
});

test("what the mission says later reaches a phone that is set up already", () => {
  const later = { ...before, team: { ...before.team, names, functions: { p: functions } } };
  expect(functionOf(later, "ru")).toBe("Наблюдатель A группы LTO06");
});
