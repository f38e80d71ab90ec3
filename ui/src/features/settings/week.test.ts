import { describe, expect, it } from "vitest";
import { fieldsOf, readDay, weekOf } from "./week";
import type { Week } from "../../wire/wire";

describe("hours in fields", () => {
  const week: Week = [{ opens: "09:00:00", closes: "20:00:00" }, null, null, null, null, null, { opens: "10:00:00", closes: "00:00:00" }];

  it("come back as they were", () => {
    expect(weekOf(fieldsOf(week))).toEqual(week);
  });

  it("are not taken when a day ends before it begins, and it is said which", () => {
    const fields = fieldsOf(week).map((day, index) => (index === 0 ? { ...day, closes: "8" } : day));
    expect(weekOf(fields)).toContain("Понедельник");
  });
});

describe("a day that is to come", () => {
  it("is the next one of its name, and with a year itself", () => {
    expect(readDay("31.12", "2026-11-28")).toBe("2026-12-31");
    expect(readDay("08.01", "2026-11-28")).toBe("2027-01-08");
    expect(readDay("28.11", "2026-11-28")).toBe("2026-11-28");
    expect(readDay("08.01.2026", "2026-11-28")).toBe("2026-01-08");
    expect(readDay("31.02", "2026-11-28")).toBeNull();
  });
});
