import { describe, expect, it } from "vitest";
import { copyWords, rescuedWords, sizeWords } from "./words";

const now = Date.parse("2026-11-24T13:30:00Z");
const zone = "Asia/Krasnoyarsk";

describe("words of copies and rescues", () => {
  it("says what a copy holds", () => {
    const copy = { file: "/m/c.db", at: "2026-11-24T13:05:00Z", kibibytes: 812, unsent: 2 };
    expect(copyWords(copy, now, zone)).toBe("20:05 · 812\u00a0КБ, 2\u00a0неотправленных действия");
    expect(sizeWords(14_400)).toBe("14\u00a0МБ");
  });

  it("never says that nothing was lost when it cannot be known", () => {
    const told = { at: "2026-11-24T13:05:00Z", way: "anew" as const, unsent: 0, unreadable: null, set_aside: "desk.db.x", copy_at: null };
    expect(rescuedWords(told, now, zone)).toContain("узнать нельзя");
    expect(rescuedWords({ ...told, unsent: 3, unreadable: 1 }, now, zone)).toContain("Не прочиталось: 1\u00a0неотправленное действие");
    expect(rescuedWords({ ...told, unsent: 3, unreadable: 0 }, now, zone)).not.toContain("Не прочиталось");
  });
});
