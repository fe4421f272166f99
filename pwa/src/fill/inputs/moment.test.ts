import { describe, expect, test } from "vitest";
import {
  type MomentFault,
  type MomentKind,
  momentOf,
  noParts,
  type Parts,
  partsIn,
  partsOf,
  partsTyped,
} from "./moment";

const parts = (day = "", month = "", year = "", hour = "", minute = ""): Parts => ({ day, month, year, hour, minute });

describe("the parts of a moment", () => {
  test("are asked for in the order of Russian and Kazakh readers: day, month, year", () => {
    expect(partsOf.date).toEqual(["day", "month", "year"]);
    expect(partsOf.datetime).toEqual(["day", "month", "year", "hour", "minute"]);
  });

  test.each<[MomentKind, Parts, string]>([
    ["date", parts("1", "2", "2021"), "2021-02-01"],
    ["date", parts("29", "02", "2024"), "2024-02-29"],
    ["date", parts(" 10 ", "12", "2021 "), "2021-12-10"],
    ["month", parts("", "3", "2019"), "2019-03"],
    ["time", parts("", "", "", "0", "05"), "00:05"],
    ["datetime", parts("10", "1", "2021", "23", "59"), "2021-01-10T23:59"],
    ["datetime", noParts, ""],
  ])("make a %s of %o", (kind, written, value) => {
    expect(momentOf(kind, written)).toEqual({ value });
    expect(momentOf(kind, partsIn(value))).toEqual({ value });
  });

  test.each<[MomentKind, Parts, MomentFault]>([
    ["date", parts("31", "4", "2021"), "day"],
    ["date", parts("29", "2", "2021"), "day"],
    ["date", parts("29", "2", "1900"), "day"],
    ["date", parts("0", "2", "2021"), "day"],
    ["date", parts("1", "13", "2021"), "day"],
    ["date", parts("1", "1", "21"), "year"],
    ["date", parts("1", "1", "0021"), "year"],
    ["date", parts("1", "1", "20211"), "year"],
    ["date", parts("1", "", "2021"), "open"],
    ["date", parts("x", "1", "2021"), "day"],
    ["month", parts("", "0", "2021"), "day"],
    ["time", parts("", "", "", "24", "00"), "time"],
    ["time", parts("", "", "", "12", "60"), "time"],
    ["datetime", parts("1", "1", "2021", "", ""), "open"],
  ])("make no %s of %o: %s", (kind, written, fault) => {
    expect(momentOf(kind, written)).toEqual({ fault });
  });

  test("come out of a whole date that was pasted or typed into one field", () => {
    expect(partsTyped("10.1.2021")).toEqual(parts("10", "1", "2021"));
    expect(partsTyped("10/01/2021, 14:05")).toEqual(parts("10", "01", "2021", "14", "05"));
    expect(partsTyped("2021-01-10T14:05+06:00")).toEqual(parts("10", "01", "2021", "14", "05"));
    expect(partsTyped("9:30")).toEqual(parts("", "", "", "9", "30"));
    expect(partsTyped("10.01.21")).toBeUndefined();
    expect(partsTyped("10")).toBeUndefined();
  });
});
