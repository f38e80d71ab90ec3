/** What the grid draws: doctors or chairs of one day, or the days of one doctor's or chair's week. */
import { wallEnd, wallMinutes, columnOf, type ColumnsBy } from "./lanes";
import { dayTitle } from "../../shared/time";
import type { DayView, VisitRow, WeekView } from "../../wire/wire";

export interface GridColumn {
  /** A doctor, a chair, or a plain date. */
  id: string;
  title: string;
  subtitle: string;
  date: string;
  /** Minutes of the day; none: closed all day. */
  opens: number | null;
  closes: number | null;
  today: boolean;
  visits: readonly VisitRow[];
}

export interface Slot {
  practitioner: string;
  chair: string;
  start: string;
  end: string;
}

export type Mode = ColumnsBy | "week";

/** Of the clinic, or of a doctor where the column is one. */
function hours(day: DayView, who: string): { opens: number | null; closes: number | null; note: string } {
  const doctor = day.doctor_hours.find((one) => one.practitioner === who);
  const { opens, closes } = doctor ?? day;
  const note = !day.opens ? "закрыто" : doctor?.away ? "отсутствует" : doctor && !doctor.opens ? "не принимает" : "";
  return { opens: opens ? wallMinutes(opens) : null, closes: closes ? wallEnd(closes) : null, note };
}

export function dayColumns(day: DayView, by: ColumnsBy, today: string): GridColumn[] {
  const all = by === "practitioners" ? day.practitioners : day.chairs;
  return all.map((column) => {
    const { note, ...open } = hours(day, column.id);
    const visits = day.visits.filter((visit) => columnOf(visit, by) === column.id);
    return { ...column, subtitle: note || column.subtitle, date: day.date, ...open, today: day.date === today, visits };
  });
}

/** The week of one doctor or chair. */
export function weekColumns(week: WeekView, who: string, today: string): GridColumn[] {
  return week.days.map((day) => {
    const visits = day.visits.filter((visit) => visit.practitioner === who || visit.chair === who);
    const { note, ...open } = hours(day, who);
    const subtitle = note || (day.date === today ? "сегодня" : "");
    return { id: day.date, title: dayTitle(day.date), subtitle, date: day.date, ...open, today: day.date === today, visits };
  });
}

/** Where a visit comes to stand when it is put into a column at a minute of the day. */
export function slotAt(visit: VisitRow, column: GridColumn, minutes: number, mode: Mode, usualChairs: readonly (readonly [string, string])[]): Slot {
  const length = wallEnd(visit.end) - wallMinutes(visit.start);
  const usual = (doctor: string) => usualChairs.find(([one]) => one === doctor)?.[1];
  const moved = mode === "practitioners" && column.id !== visit.practitioner;
  return {
    practitioner: mode === "practitioners" ? column.id : visit.practitioner,
    chair: mode === "chairs" ? column.id : moved ? (usual(column.id) ?? visit.chair) : visit.chair,
    start: wallAt(column.date, minutes),
    end: wallAt(column.date, minutes + length),
  };
}

const dayMinutes = 24 * 60;
const two = (value: number) => value.toString().padStart(2, "0");

function wallAt(date: string, minutes: number): string {
  const within = Math.min(dayMinutes - 1, Math.max(0, minutes));
  return `${date}T${two(Math.floor(within / 60))}:${two(within % 60)}:00`;
}
