import { beforeEach, describe, expect, it } from "vitest";
import type { DayView, VisitRow } from "../../wire/wire";
import { clear, isPinned, pin, pinMany, read, toggle, unpin } from "./board";
import { meetingWords } from "./meets";
import { route } from "../../shared/route.svelte";
import { toasts } from "../../shared/toasts.svelte";
import { visitRow } from "../../shared/testing/visits";

const [first, second, third] = [visitRow("apt_1", "10:00", "10:45"), visitRow("apt_2", "11:00", "11:30"), visitRow("apt_3", "12:00", "12:30")];
const done = visitRow("apt_4", "09:00", "09:30", { status: "fulfilled" });
const blocked = visitRow("apt_5", "13:00", "13:30", { blocked: true });
const day = (...visits: VisitRow[]) => ({ date: "2026-11-23", visits }) as unknown as DayView;
const order = () => route.board.map((one) => one.visit);

beforeEach(() => {
  route.reset();
  toasts.clear();
});

describe("the pinboard", () => {
  it("keeps the order of pinning, nobody twice, and nobody whose time cannot be changed", () => {
    pin([second, done, blocked]);
    pin([first, second]);
    expect(order()).toEqual(["apt_2", "apt_1"]);
    toggle(second);
    toggle(third);
    expect(order()).toEqual(["apt_1", "apt_3"]);
    unpin("apt_none");
    expect(isPinned("apt_3")).toBe(true);
  });

  it("takes a whole column of a doctor who fell ill, and gives it back", () => {
    pin([third]);
    pinMany([done, first, second, third]);
    expect(order()).toEqual(["apt_3", "apt_1", "apt_2"]);
    toasts.undo(toasts.list[0]?.id ?? 0);
    expect(order()).toEqual(["apt_3"]);
    clear();
    expect(order()).toEqual([]);
    toasts.undo(toasts.list[0]?.id ?? 0);
    expect(order()).toEqual(["apt_3"]);
  });

  it("shows what its days say now, and lets go of what was moved or cancelled elsewhere", () => {
    pin([first, second, third]);
    const { rows, gone } = read(route.board, [day({ ...third, service: "Имплантация" }, { ...first, status: "cancelled" })]);
    expect(rows.map((one) => [one.id, one.service])).toEqual([["apt_3", "Имплантация"]]);
    expect(gone).toEqual(["apt_1", "apt_2"]);
  });

  it("is part of the place that the same person comes back to, without a name", () => {
    pin([visitRow("apt_1", "10:00", "10:45", { person_name: "Иванова А. П." })]);
    const place = route.place;
    route.reset();
    expect(order()).toEqual([]);
    route.place = place;
    expect(order()).toEqual(["apt_1"]);
    expect(JSON.stringify(place)).not.toContain("Иванова");
  });
});

describe("what a visit meets", () => {
  it("is said by what the two have in common", () => {
    const meeting = { visit: "apt_2", start: "2026-11-23T10:00:00", end: "2026-11-23T10:30:00", practitioner_name: "Белов В. С.", person_name: "Петров И. А." };
    expect(meetingWords({ ...meeting, over: "practitioner" })).toBe("Пересекается с записью 10:00–10:30, Петров И. А.: врач один");
    expect(meetingWords({ ...meeting, over: "chair" })).toContain("кресло одно, врач Белов В. С.");
    expect(meetingWords({ ...meeting, over: "person" })).toBe("Пересекается с другой записью этого же человека: 10:00–10:30, Белов В. С.");
    expect(meetingWords({ ...meeting, over: "day" })).toContain("по другой карточке");
  });
});
