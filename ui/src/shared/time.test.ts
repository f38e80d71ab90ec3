import { describe, expect, it } from "vitest";
import { addDays, clock, daysTitle, dueLabel, fullDate, instantOf, localDate, moment, readDate, readTime, span } from "./time";

const zone = "Asia/Krasnoyarsk";
const at = (wall: string) => Date.parse(`${wall}+07:00`);
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("when a request is due", () => {
  const now = at("2026-11-23T09:03:00");

  it.each([
    ["2026-11-23T09:15:00", "до 09:15", "today"],
    ["2026-11-23T09:10:00", "до 09:10", "soon"],
    ["2026-11-23T08:51:00", "просрочено на 12 мин", "overdue"],
    ["2026-11-23T06:58:00", "просрочено на 2 ч 05 мин", "overdue"],
    ["2026-11-20T09:00:00", "просрочено на 3 дня", "overdue"],
    ["2026-11-24T09:05:00", "завтра 09:05", "later"],
    ["2026-11-25T09:05:00", "ср, 25 ноября, 09:05", "later"],
  ])("%s is «%s»", (due, text, state) => {
    const label = dueLabel(at(due), now, zone);
    expect([plain(label.text), label.state]).toEqual([text, state]);
  });

  it("is short in a row: the sign before it says that it is late", () => {
    expect(plain(dueLabel(at("2026-11-23T08:51:00"), now, zone).short)).toBe("12 мин назад");
    expect(plain(dueLabel(at("2026-11-23T09:15:00"), now, zone).short)).toBe("до 09:15");
  });

  it("is told in the clinic's zone: late evening in Moscow is already tomorrow there", () => {
    const evening = Date.parse("2026-11-23T22:30:00+03:00");
    expect(dueLabel(Date.parse("2026-11-24T09:15:00+07:00"), evening, zone).text).toBe("до 09:15");
    expect(localDate(evening, zone)).toBe("2026-11-24");
  });
});

describe("a week", () => {
  it("is named once where it lies in one month", () => {
    expect(plain(daysTitle("2026-11-23", "2026-11-29"))).toBe("23–29 ноября");
    expect(plain(daysTitle("2026-11-30", "2026-12-06"))).toBe("30 ноября – 6 декабря");
  });
});

describe("moments and spans", () => {
  it("say the day only when it is another one", () => {
    const now = at("2026-11-23T12:00:00");
    expect(moment(new Date(at("2026-11-23T09:03:00")).toISOString(), now, zone)).toBe("09:03");
    expect(moment(new Date(at("2026-11-22T18:20:00")).toISOString(), now, zone)).toBe("22.11, 18:20");
    expect(moment(new Date(at("2025-11-22T18:20:00")).toISOString(), now, zone)).toBe("22.11.2025, 18:20");
  });

  it("never say zero minutes", () => {
    expect(plain(span(4_000))).toBe("1 мин");
    expect(plain(span(86_400_000 * 21))).toBe("21 день");
  });
});

describe("wall time", () => {
  it("comes back from its instant in every zone of the clinic", () => {
    for (const place of ["Europe/Kaliningrad", "Europe/Moscow", zone, "Asia/Kamchatka"]) {
      const instant = instantOf("2026-11-23", "10:30", place);
      expect([localDate(instant, place), clock(instant, place)]).toEqual(["2026-11-23", "10:30"]);
    }
    expect(instantOf("2026-11-23", "10:30", zone)).toBe("2026-11-23T03:30:00.000Z");
  });

  it("is read as people type it", () => {
    expect(["9:05", "930", "9.30", "14 00", "7"].map(readTime)).toEqual(["09:05", "09:30", "09:30", "14:00", "07:00"]);
    expect(["25:00", "9:61", "утро", ""].map(readTime)).toEqual([null, null, null, null]);
  });

  it("dates are read strictly", () => {
    expect(readDate("5.3.1990")).toBe("1990-03-05");
    expect(readDate("29.02.2023")).toBeNull();
    expect(readDate("1990-03-05")).toBeNull();
    expect(fullDate("1990-03-05")).toBe("05.03.1990");
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  });
});
