/**
 * A visit in hand: taken from its place, carried by arrows over columns and days, put down by Enter or a click, put back
 * by Escape. Nothing is sent before it is put down. It does by keyboard what dragging does, and over days besides.
 */
import { wallEnd, wallMinutes } from "./lanes";
import type { VisitRow } from "../../wire/wire";

export const carryStep = 15;
const dayMinutes = 24 * 60;

export class Carry {
  visit = $state.raw<VisitRow | null>(null);
  column = $state("");
  minutes = $state(0);

  get length(): number {
    return this.visit ? wallEnd(this.visit.end) - wallMinutes(this.visit.start) : 0;
  }

  take(visit: VisitRow, column: string): void {
    this.visit = visit;
    this.column = column;
    this.minutes = wallMinutes(visit.start);
    // Enter is to put the visit down, not to press the block that it was taken from
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }

  putBack(): void {
    this.visit = null;
  }

  /** Up and down a quarter of an hour, left and right a column. Another day has other columns: the nearest stays. */
  move(code: string, columns: readonly string[]): void {
    const at = Math.max(0, columns.indexOf(this.column));
    if (code === "ArrowUp" || code === "ArrowDown") {
      const next = this.minutes + (code === "ArrowUp" ? -carryStep : carryStep);
      this.minutes = Math.min(dayMinutes - this.length - 1, Math.max(0, next));
    } else {
      const next = at + (code === "ArrowLeft" ? -1 : 1);
      this.column = columns[Math.min(columns.length - 1, Math.max(0, next))] ?? this.column;
    }
  }

  /** The columns changed under it. */
  settle(columns: readonly string[]): void {
    if (this.visit && columns.length > 0 && !columns.includes(this.column)) {
      const own = [this.visit.practitioner, this.visit.chair].find((id) => columns.includes(id));
      this.column = own ?? columns[0] ?? "";
    }
  }
}

export const carry = new Carry();
