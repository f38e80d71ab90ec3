/** Hours of a week as they stand in fields. */
import { readDate, readTime } from "../../shared/time";
import type { Week } from "../../wire/wire";

export interface DayFields {
  on: boolean;
  opens: string;
  closes: string;
}

export const dayNames = ["Понедельник", "Вторник", "Среда", "Четверг", "Пятница", "Суббота", "Воскресенье"];

export function fieldsOf(week: Week): DayFields[] {
  return week.map((day) => ({ on: day !== null, opens: day?.opens.slice(0, 5) ?? "09:00", closes: day?.closes.slice(0, 5) ?? "20:00" }));
}

/** The week, or what is wrong with it. */
export function weekOf(fields: readonly DayFields[]): Week | string {
  const days = fields.map((day, index) => {
    if (!day.on) return null;
    const [opens, closes] = [readTime(day.opens), readTime(day.closes)];
    const fits = opens !== null && closes !== null && (closes === "00:00" || opens < closes);
    return fits ? { opens: `${opens}:00`, closes: `${closes}:00` } : `${dayNames[index]}: проверьте время.`;
  });
  const wrong = days.find((day) => typeof day === "string");
  return typeof wrong === "string" ? wrong : (days as Week);
}

/** A day that is to come: «31.12» is the next one of that name, «08.01.2027» is itself. */
export function readDay(text: string, today: string): string | null {
  const short = /^\s*(\d{1,2})\.(\d{1,2})\.?\s*$/.exec(text);
  if (!short) return readDate(text);
  const year = Number(today.slice(0, 4));
  const on = (one: number) => readDate(`${short[1]}.${short[2]}.${one}`);
  const soon = on(year);
  return soon === null || soon >= today ? soon : on(year + 1);
}
