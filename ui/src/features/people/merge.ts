/** Two cards of what may be one person, field by field: what differs, what is proposed, what speaks against it. */
import { fullDate } from "../../shared/time";
import { fullName } from "../../shared/words";
import type { MergeArgs, PersonCard } from "../../wire/wire";

export type Side = "one" | "other";
export const fields = ["name", "birth_date", "email", "note"] as const;
export type Field = (typeof fields)[number];
export type Choice = Record<Field, Side>;

export const fieldLabel: Record<Field, string> = { name: "ФИО", birth_date: "Дата рождения", email: "Эл. почта", note: "Заметка" };

/** A field as it is read. */
export function said(card: PersonCard, field: Field): string {
  if (field === "name") return fullName(card.full_name);
  if (field === "birth_date") return card.birth_date ? fullDate(card.birth_date) : "";
  return card[field] ?? "";
}

/** The survivor's words; where it says nothing, those of the other card. */
export function start(one: PersonCard, other: PersonCard): Choice {
  const side = (field: Field): Side => (said(one, field) === "" && said(other, field) !== "" ? "other" : "one");
  return { name: side("name"), birth_date: side("birth_date"), email: side("email"), note: side("note") };
}

/** What speaks against one person: a family shares a phone, and namesakes share a name. */
export function alike(one: PersonCard, other: PersonCard): ("birth" | "name")[] {
  const against: ("birth" | "name")[] = [];
  if (one.birth_date && other.birth_date && one.birth_date !== other.birth_date) against.push("birth");
  const given = (card: PersonCard) => card.full_name.given.trim().toLowerCase().replaceAll("ё", "е");
  if (given(one) !== "" && given(other) !== "" && given(one) !== given(other)) against.push("name");
  return against;
}

export interface Number {
  raw: string;
  /** Masked: which numbers are the same is told already. */
  shown: string;
  of: Side | "both";
}

/** Every number once. */
export function numbers(one: PersonCard, other: PersonCard): Number[] {
  const key = (phone: PersonCard["phones"][number]) => phone.e164 ?? phone.raw;
  const has = (card: PersonCard, phone: PersonCard["phones"][number]) => card.phones.some((own) => key(own) === key(phone));
  return [
    ...one.phones.map((phone) => ({ raw: phone.raw, shown: phone.masked, of: has(other, phone) ? ("both" as const) : ("one" as const) })),
    ...other.phones.filter((phone) => !has(one, phone)).map((phone) => ({ raw: phone.raw, shown: phone.masked, of: "other" as const })),
  ];
}

export function argsOf(one: PersonCard, other: PersonCard, choice: Choice, phones: string[]): MergeArgs {
  const of = (field: Field) => (choice[field] === "one" ? one : other);
  return {
    survivor: one.row.id,
    survivor_etag: one.etag,
    other: other.row.id,
    other_etag: other.etag,
    name: of("name").full_name,
    phones,
    birth_date: of("birth_date").birth_date,
    email: of("email").email,
    note: of("note").note,
  };
}
