import { describe, expect, it } from "vitest";
import { zoneWarning } from "./zones";

const noon = Date.parse("2026-11-23T05:00:00Z");

describe("the clinic's zone against the computer's", () => {
  it("warns with both clocks when they differ", () => {
    const words = zoneWarning("Asia/Krasnoyarsk", "Europe/Moscow", noon);
    expect(words).toContain("12:00");
    expect(words).toContain("08:00");
  });

  it("is silent about another name of the same clock, and before anything is chosen", () => {
    expect(zoneWarning("Asia/Krasnoyarsk", "Asia/Novosibirsk", noon)).toBeNull();
    expect(zoneWarning("", "Europe/Moscow", noon)).toBeNull();
  });

  it("does not guess about a zone that this computer does not know", () => {
    expect(zoneWarning("Asia/Krasnoyarsk", "Nowhere/Town", noon)).toBeNull();
  });
});
