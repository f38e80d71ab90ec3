import { describe, expect, it } from "vitest";
import { usePlatform } from "../../platform";
import { foldCode } from "../certificates/code";
import { proposeName } from "../people/name";
import { inRussianLayout, placesFor } from "./places";

usePlatform({ call: () => Promise.resolve(null), bytes: () => Promise.resolve(new Uint8Array()), on: () => () => undefined });

describe("places in the search", () => {
  it("are found in the wrong layout", () => {
    expect(inRussianLayout("pfzdrb")).toBe("заявки");
    expect(placesFor("pfzd").map((place) => place.name)).toContain("Заявки");
  });

  it("do not come up for a name", () => {
    expect(placesFor("Иванова")).toEqual([]);
  });
});

describe("a certificate's code as it is read back", () => {
  it("folds Cyrillic look-alikes and groups by four", () => {
    expect(foldCode("7кк2 9хтр-44мв")).toBe("7KK2-9XTP-44MB");
  });
});

describe("a name in one line", () => {
  it.each([
    ["Иванова Анна Петровна", "Иванова", "Анна", "Петровна"],
    ["Анна Петровна Иванова", "Иванова", "Анна", "Петровна"],
    ["Мамедов Али Гусейн оглы", "Мамедов", "Али", "Гусейн оглы"],
    ["Салтыков-Щедрин Михаил", "Салтыков-Щедрин", "Михаил", ""],
    ["Анна", "", "Анна", ""],
    ["", "", "", ""],
  ])("%s", (line, family, given, patronymic) => {
    expect(proposeName(line)).toEqual({ family, given, patronymic });
  });
});
