/** What a visit gets in the way of, in words. Nothing is moved by itself: a person decides. */
import type { Meeting, VisitRow } from "../../wire/wire";

/** At one time; two cards of one person on one day are no clash, only worth a look. */
export function clashes(visit: VisitRow): boolean {
  return visit.meets.some((one) => one.over !== "day");
}

const time = (wall: string) => wall.slice(11, 16);

export function meetingWords({ over, start, end, practitioner_name, person_name }: Meeting): string {
  const when = `${time(start)}–${time(end)}`;
  if (over === "day") return `В этот же день, по другой карточке этого человека: ${when}, ${practitioner_name}`;
  if (over === "person") return `Пересекается с другой записью этого же человека: ${when}, ${practitioner_name}`;
  const what = over === "chair" ? `кресло одно, врач ${practitioner_name}` : "врач один";
  return `Пересекается с записью ${when}, ${person_name}: ${what}`;
}
