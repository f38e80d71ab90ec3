import { describe, expect, it } from "vitest";
import type { DayView, VisitRow } from "../../wire/wire";
import { Carry } from "./carry.svelte";
import { visitRow } from "../../shared/testing/visits";
import { dayColumns, slotAt, weekColumns } from "./columns";

const visit = visitRow("apt_1", "10:00", "10:45");

const day = (date: string, visits: VisitRow[] = []): DayView => ({
  date,
  now: "2026-11-23T09:00:00",
  opens: `${date}T09:00:00`,
  closes: `${date}T20:00:00`,
  practitioners: [1, 2].map((n) => ({ id: `prc_${n}`, title: `Врач ${n}`, subtitle: "" })),
  chairs: [1, 2].map((n) => ({ id: `chr_${n}`, title: `Кресло ${n}`, subtitle: "" })),
  usual_chairs: [["prc_1", "chr_1"], ["prc_2", "chr_2"]],
  visits,
  visit_minutes: 30,
  doctor_hours: [],
  services: [],
});

describe("a visit in hand", () => {
  it("goes by quarters and columns, and no further than the day", () => {
    const carry = new Carry();
    carry.take(visit, "prc_1");
    for (const code of ["ArrowDown", "ArrowDown", "ArrowUp", "ArrowRight", "ArrowRight"]) carry.move(code, ["prc_1", "prc_2"]);
    expect([carry.minutes, carry.column]).toEqual([10 * 60 + 15, "prc_2"]);
    for (let turn = 0; turn < 80; turn++) carry.move("ArrowDown", ["prc_1", "prc_2"]);
    expect(carry.minutes + carry.length).toBeLessThan(24 * 60);
    carry.settle(["chr_1", "chr_2"]);
    expect(carry.column, "chairs are shown now: its own one").toBe("chr_1");
  });

  it("comes to stand with the doctor's usual chair, the chair's own doctor, or on another day", () => {
    const today = day("2026-11-23", [visit]);
    const [, doctor] = dayColumns(today, "practitioners", "2026-11-23");
    const [, chair] = dayColumns(today, "chairs", "2026-11-23");
    const friday = weekColumns({ days: [today, day("2026-11-27")] }, "prc_1", "2026-11-23")[1];
    if (!doctor || !chair || !friday) throw new Error("no column");
    const at = (column: typeof doctor, mode: "practitioners" | "chairs" | "week") => slotAt(visit, column, 11 * 60, mode, today.usual_chairs);
    expect(at(doctor, "practitioners")).toMatchObject({ practitioner: "prc_2", chair: "chr_2", start: "2026-11-23T11:00:00", end: "2026-11-23T11:45:00" });
    expect(at(chair, "chairs")).toMatchObject({ practitioner: "prc_1", chair: "chr_2" });
    expect(at(friday, "week")).toMatchObject({ practitioner: "prc_1", chair: "chr_1", start: "2026-11-27T11:00:00" });
  });

  it("is seen in the week of its doctor and of its chair alone", () => {
    const days = [day("2026-11-23", [visit])];
    const seen = ["prc_1", "chr_1", "prc_2"].map((who) => weekColumns({ days }, who, "2026-11-23")[0]?.visits.length);
    expect(seen).toEqual([1, 1, 0]);
  });
});
