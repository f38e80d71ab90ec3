/** Lays visits of one column side by side where they meet, so that both claimants of a time are seen. */
import { minutesOf } from "../../shared/time";
import type { VisitRow } from "../../wire/wire";

export interface Placed {
  visit: VisitRow;
  /** Minutes of the day. */
  from: number;
  to: number;
  lane: number;
  lanes: number;
}

/** Minutes of the day of a wall time. */
export function wallMinutes(wall: string): number {
  return minutesOf(wall.slice(11, 16));
}

/** The same for an end, which is exclusive: midnight ends the day, it does not begin it. */
export function wallEnd(wall: string): number {
  return wallMinutes(wall) || 24 * 60;
}

/** Visits that no longer take up their time are drawn thin beside the live ones. */
export function isGone(visit: VisitRow): boolean {
  return visit.status === "cancelled" || visit.status === "entered-in-error";
}

/** It may be given another time. */
export function isMovable(visit: VisitRow): boolean {
  return !visit.blocked && ["proposed", "pending", "booked", "waitlist"].includes(visit.status);
}

export function place(visits: readonly VisitRow[]): Placed[] {
  const sorted = visits
    .map((visit) => ({ visit, from: wallMinutes(visit.start), to: Math.max(wallEnd(visit.end), wallMinutes(visit.start) + 5) }))
    .sort((a, b) => a.from - b.from || a.to - b.to || a.visit.id.localeCompare(b.visit.id));
  const placed: Placed[] = [];
  let group: Placed[] = [];
  let groupEnd = -1;
  const flush = () => {
    const lanes = Math.max(1, ...group.map((one) => one.lane + 1));
    for (const one of group) one.lanes = lanes;
    group = [];
  };
  for (const one of sorted) {
    if (one.from >= groupEnd) flush();
    const taken = new Set(group.filter((other) => other.to > one.from).map((other) => other.lane));
    let lane = 0;
    while (taken.has(lane)) lane++;
    const next = { ...one, lane, lanes: 1 };
    group.push(next);
    placed.push(next);
    groupEnd = Math.max(groupEnd, one.to);
  }
  flush();
  return placed;
}

export type ColumnsBy = "practitioners" | "chairs";

export function columnOf(visit: VisitRow, by: ColumnsBy): string {
  return by === "practitioners" ? visit.practitioner : visit.chair;
}

/** The visit that an arrow key leads to. */
export function neighbour(
  visits: readonly VisitRow[],
  columns: readonly string[],
  columnOf: (visit: VisitRow) => string,
  current: VisitRow,
  code: string,
): VisitRow | undefined {
  const inColumn = (column: string) =>
    visits.filter((visit) => columnOf(visit) === column).sort((a, b) => a.start.localeCompare(b.start) || a.id.localeCompare(b.id));
  const column = columnOf(current);
  if (code === "ArrowUp" || code === "ArrowDown") {
    const list = inColumn(column);
    const at = list.findIndex((visit) => visit.id === current.id);
    return list[at + (code === "ArrowDown" ? 1 : -1)];
  }
  const step = code === "ArrowRight" ? 1 : -1;
  const start = wallMinutes(current.start);
  for (let at = columns.indexOf(column) + step; at >= 0 && at < columns.length; at += step) {
    const list = inColumn(columns[at] ?? "");
    if (list.length === 0) continue;
    return list.reduce((best, one) =>
      Math.abs(wallMinutes(one.start) - start) < Math.abs(wallMinutes(best.start) - start) ? one : best,
    );
  }
  return undefined;
}
