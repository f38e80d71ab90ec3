import { describe, expect, it } from "vitest";
import { copyWords, rescuedWords, seenWords, sizeWords, waitWords } from "./words";

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

describe("words of workstations", () => {
  const desk = {
    id: "dsk_1", name: "Ресепшн 2", version: "0.1.0", enrolled_at: "2026-11-20T03:00:00Z", last_seen_at: "2026-11-24T13:28:00Z",
    released_at: null, this: false, lacks_key: false,
  };

  it("says who works and since when another one was not seen", () => {
    expect(seenWords({ ...desk, this: true }, now, zone)).toBe("работает сейчас");
    expect(seenWords(desk, now, zone)).toBe("на связи");
    expect(seenWords({ ...desk, last_seen_at: "2026-11-24T13:05:00Z" }, now, zone)).toBe("последний раз на связи 20:05");
    expect(seenWords({ ...desk, last_seen_at: null }, now, zone)).toBe("с подключения не выходило на связь");
  });

  it("names whom the new key waits for and what to do about it", () => {
    expect(waitWords(["Ресепшн 2"])).toContain("ждём место «Ресепшн 2». Включите и обновите на нём программу или отключите и это место.");
    expect(waitWords(["А", "Б"])).toContain("ждём места «А», «Б». Включите и обновите на них программу или отключите и эти места.");
  });
});
