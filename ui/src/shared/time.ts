/**
 * Instants shown in the clinic's zone, never in the zone of the machine.
 * Visits keep the wall time they were agreed for, so they are handled as «2026-11-23» and «10:30».
 */
import { counted } from "./words";

const minute = 60_000;
const day = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string, key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = `${zone}/${key}`;
  let found = formats.get(id);
  if (!found) {
    found = new Intl.DateTimeFormat("ru-RU", { timeZone: zone, ...options });
    formats.set(id, found);
  }
  return found;
}

/** «09:15» at the clinic. */
export function clock(instant: string | number | Date, zone: string): string {
  return formatter(zone, "clock", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(instant));
}

/** «2026-11-23» at the clinic. */
export function localDate(instant: string | number | Date, zone: string): string {
  const parts = formatter(zone, "date", { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(
    new Date(instant),
  );
  const part = (type: string) => parts.find((piece) => piece.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** Days from one plain date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / day);
}

/** A plain date some days later (or earlier). */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * day).toISOString().slice(0, 10);
}

/** «пн, 23 ноября» */
export function dayTitle(date: string): string {
  return formatter("UTC", "title", { weekday: "short", day: "numeric", month: "long" }).format(
    new Date(`${date}T00:00:00Z`),
  );
}

/** «23–29 ноября», «28 ноября – 4 декабря» */
export function daysTitle(from: string, to: string): string {
  const words = (date: string) => formatter("UTC", "days", { day: "numeric", month: "long" }).format(new Date(`${date}T00:00:00Z`));
  return from.slice(0, 7) === to.slice(0, 7) ? `${Number(from.slice(8))}–${words(to)}` : `${words(from)} – ${words(to)}`;
}

/** «понедельник, 23 ноября» */
export function longDay(date: string): string {
  return formatter("UTC", "long", { weekday: "long", day: "numeric", month: "long" }).format(
    new Date(`${date}T00:00:00Z`),
  );
}

/** «23.11» or «23.11.2025» when the year is another one. */
export function shortDate(date: string, today: string): string {
  const [year, month, dayOfMonth] = date.split("-");
  return year === today.slice(0, 4) ? `${dayOfMonth}.${month}` : `${dayOfMonth}.${month}.${year}`;
}

/** «23.11, 09:03»; today only the time. */
export function moment(instant: string, now: number, zone: string): string {
  const today = localDate(now, zone);
  const date = localDate(instant, zone);
  if (date === today) return clock(instant, zone);
  return `${shortDate(date, today)}, ${clock(instant, zone)}`;
}

/** «12 мин», «2 ч 05 мин», «3 дня» */
export function span(milliseconds: number): string {
  const minutes = Math.max(1, Math.floor(milliseconds / minute));
  if (minutes < 60) return `${minutes}\u00a0мин`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    const rest = minutes % 60;
    return rest === 0 ? `${hours}\u00a0ч` : `${hours}\u00a0ч\u00a0${rest.toString().padStart(2, "0")}\u00a0мин`;
  }
  return counted(Math.floor(hours / 24), "день", "дня", "дней");
}

export interface DueLabel {
  text: string;
  /** For a narrow row that says «просрочено» by a sign: «12 мин назад». */
  short: string;
  state: "overdue" | "soon" | "today" | "later";
}

const soonMinutes = 10;

/** When a request must be answered: «до 09:15», «просрочено на 12 мин», «завтра 09:05», «ср, 25 ноября, 09:05». */
export function dueLabel(due: string | number, now: number, zone: string): DueLabel {
  const at = new Date(due).getTime();
  const left = at - now;
  if (left < 0) return { text: `просрочено на ${span(-left)}`, short: `${span(-left)} назад`, state: "overdue" };
  const distance = daysBetween(localDate(now, zone), localDate(at, zone));
  const time = clock(at, zone);
  const said = (text: string, state: DueLabel["state"]): DueLabel => ({ text, short: text, state });
  if (distance === 0) return said(`до ${time}`, left <= soonMinutes * minute ? "soon" : "today");
  if (distance === 1) return said(`завтра ${time}`, "later");
  return said(`${dayTitle(localDate(at, zone))}, ${time}`, "later");
}

/** «10:30» -> minutes of the day. */
export function minutesOf(time: string): number {
  const [hours = "0", minutes = "0"] = time.split(":");
  return Number(hours) * 60 + Number(minutes);
}

/** Minutes of the day -> «10:30». */
export function timeOf(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  return `${hours.toString().padStart(2, "0")}:${(minutes % 60).toString().padStart(2, "0")}`;
}

/** The instant of a wall time in a zone. */
export function instantOf(date: string, time: string, zone: string): string {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  let at = wanted;
  for (let turn = 0; turn < 2; turn++) at += wanted - wallMs(at, zone);
  return new Date(at).toISOString();
}

function wallMs(instant: number, zone: string): number {
  return Date.parse(`${localDate(instant, zone)}T${clock(instant, zone)}:00Z`) + (instant % minute);
}

/** «9:5», «930», «9.30» -> «09:30»; null when it is no time of the day. */
export function readTime(text: string): string | null {
  const parts = /^(\d{1,2})(?:[:.\s-]?(\d{2}))?$/.exec(text.trim());
  if (!parts) return null;
  const hours = Number(parts[1]);
  const minutes = Number(parts[2] ?? "0");
  return hours < 24 && minutes < 60 ? timeOf(hours * 60 + minutes) : null;
}

/** «5.3.1990» -> «1990-03-05»; null when there is no such date. */
export function readDate(text: string): string | null {
  const parts = /^(\d{1,2})[.\s/-](\d{1,2})[.\s/-](\d{4})$/.exec(text.trim());
  if (!parts) return null;
  const [, day = "", month = "", year = ""] = parts;
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const parsed = new Date(`${date}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== date ? null : date;
}

/** «1990-03-05» -> «05.03.1990» */
export function fullDate(date: string): string {
  return date.split("-").reverse().join(".");
}
