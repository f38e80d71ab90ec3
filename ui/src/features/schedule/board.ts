/**
 * The pinboard: visits that are to be moved one after another. Each keeps its time until it is put down elsewhere.
 * Ids and days alone are kept, in the place of whoever works here, so that it outlives other screens and a lock.
 */
import { route, type Pinned } from "../../shared/route.svelte";
import { toasts } from "../../shared/toasts.svelte";
import { counted } from "../../shared/words";
import { isMovable } from "./lanes";
import type { AppointmentId, DayView, VisitRow } from "../../wire/wire";

const pinOf = (visit: VisitRow): Pinned => ({ visit: visit.id, date: visit.start.slice(0, 10) });
const words = (count: number) => counted(count, "запись", "записи", "записей");

export function isPinned(id: AppointmentId): boolean {
  return route.board.some((one) => one.visit === id);
}

/** In the order of pinning; what was there already stays where it is. */
export function pin(visits: readonly VisitRow[]): void {
  const fresh = visits.filter((visit) => isMovable(visit) && !isPinned(visit.id));
  if (fresh.length > 0) route.board = [...route.board, ...fresh.map(pinOf)];
}

export function unpin(id: AppointmentId): void {
  if (isPinned(id)) route.board = route.board.filter((one) => one.visit !== id);
}

export function toggle(visit: VisitRow): void {
  if (isPinned(visit.id)) unpin(visit.id);
  else pin([visit]);
}

/** Many at once, with the way back: a doctor fell ill. */
export function pinMany(visits: readonly VisitRow[]): void {
  const before = route.board;
  pin(visits);
  const more = route.board.length - before.length;
  if (more > 0) toasts.say(`На доске ещё ${words(more)}: время за ними остаётся`, "info", () => (route.board = before));
}

export function clear(): void {
  const before = route.board;
  route.board = [];
  toasts.say(`С доски снято: ${words(before.length)}. Время не менялось`, "info", () => (route.board = before));
}

/** What is pinned, as its days say now, in the order of pinning. What was moved or cancelled elsewhere is `gone`. */
export function read(board: readonly Pinned[], days: readonly DayView[]): { rows: VisitRow[]; gone: AppointmentId[] } {
  const found = board.map((one) => days.find((day) => day.date === one.date)?.visits.find((visit) => visit.id === one.visit));
  return {
    rows: found.filter((visit) => visit !== undefined && isMovable(visit)) as VisitRow[],
    gone: board.filter((_, at) => !found[at] || !isMovable(found[at])).map((one) => one.visit),
  };
}
