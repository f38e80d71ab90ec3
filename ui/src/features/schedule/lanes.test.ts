import { describe, expect, it } from "vitest";
import type { VisitRow } from "../../wire/wire";
import { neighbour, place } from "./lanes";
import { readSlot } from "./slot";
import { visitRow } from "../../shared/testing/visits";

function visit(id: string, start: string, end: string, practitioner = "prc_1"): VisitRow {
  return visitRow(id, start, end, { practitioner });
}

describe("visits of one column", () => {
  it("that only touch take the whole width", () => {
    const placed = place([visit("a", "10:00", "10:30"), visit("b", "10:30", "11:00")]);
    expect(placed.map(({ lane, lanes }) => [lane, lanes])).toEqual([[0, 1], [0, 1]]);
  });

  it("that claim the same time stand side by side", () => {
    const placed = place([visit("a", "10:00", "11:00"), visit("b", "10:29", "10:45"), visit("c", "10:50", "11:20"), visit("d", "12:00", "12:30")]);
    expect(placed.map(({ visit: { id }, lane, lanes }) => [id, lane, lanes])).toEqual([["a", 0, 2], ["b", 1, 2], ["c", 1, 2], ["d", 0, 1]]);
  });

  it("are walked by arrows, also over an empty column", () => {
    const a = visit("a", "10:00", "10:30");
    const b = visit("b", "12:00", "12:30");
    const c = visit("c", "12:15", "13:00", "prc_3");
    const walk = (from: VisitRow, code: string) => neighbour([a, b, c], ["prc_1", "prc_2", "prc_3"], (visit) => visit.practitioner, from, code)?.id;
    expect([walk(a, "ArrowDown"), walk(b, "ArrowUp"), walk(b, "ArrowRight"), walk(c, "ArrowLeft"), walk(a, "ArrowUp")]).toEqual(["b", "a", "c", "b", undefined]);
  });
});

describe("a slot in a form", () => {
  const draft = { date: "2026-11-23", time: "1430", minutes: 45, practitioner: "prc_1", chair: "chr_1" };

  it("is wall time without a zone", () => {
    expect(readSlot(draft)).toEqual({ practitioner: "prc_1", chair: "chr_1", start: "2026-11-23T14:30:00", end: "2026-11-23T15:15:00" });
  });

  it("says what is missing", () => {
    expect(readSlot({ ...draft, time: "потом" })).toContain("время");
    expect(readSlot({ ...draft, chair: "" })).toContain("кресло");
    expect(readSlot({ ...draft, time: "23:30" })).toContain("не помещается");
  });
});
