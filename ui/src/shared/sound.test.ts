import { describe, expect, it } from "vitest";
import { mayBeHeard } from "./sound";

const manners = (sound: boolean, from: string | null = null, to: string | null = null) => ({ sound, unheard: ["due" as const], quiet_from: from && `${from}:00`, quiet_to: to && `${to}:00` });

describe("what is heard", () => {
  it("is nothing when the desk is silent, and everything without quiet hours", () => {
    expect(mayBeHeard(manners(false), "10:00", "new")).toBe(false);
    expect(mayBeHeard(manners(true), "03:00", "new")).toBe(true);
  });

  it("is not of a kind that was switched off", () => {
    expect(mayBeHeard(manners(true), "10:00", "due")).toBe(false);
  });

  it("is nothing in quiet hours, whose end is outside", () => {
    const lunch = manners(true, "13:00", "14:00");
    expect(["12:59", "13:00", "13:59", "14:00"].map((at) => mayBeHeard(lunch, at, "refused"))).toEqual([true, false, false, true]);
  });

  it("keeps quiet over midnight", () => {
    const night = manners(true, "22:00", "07:30");
    expect(["21:59", "22:00", "00:00", "07:29", "07:30"].map((at) => mayBeHeard(night, at, "new"))).toEqual([true, false, false, false, true]);
  });
});
