import type { PersonName } from "../wire/wire";

/** Russian counting: one(1), few(2–4), many(5–20). */
export function plural(count: number, one: string, few: string, many: string): string {
  const tens = Math.abs(count) % 100;
  const units = tens % 10;
  if (tens > 10 && tens < 20) return many;
  if (units === 1) return one;
  if (units >= 2 && units <= 4) return few;
  return many;
}

/** «3 заявки» */
export function counted(count: number, one: string, few: string, many: string): string {
  return `${count}\u00a0${plural(count, one, few, many)}`;
}

/** A name in full, without the parts that are not known. */
export function fullName({ family, given, patronymic }: PersonName): string {
  return [family, given, patronymic].filter(Boolean).join(" ");
}
