import { describe, expect, it } from "vitest";
import { alike, start } from "./merge";
import type { PersonCard } from "../../wire/wire";
import { anna } from "./person-fixture";

const card = (change: Partial<PersonCard>): PersonCard => ({ ...anna, ...change });

describe("two cards beside each other", () => {
  it("keeps what the survivor says and takes from the other card only what it does not say", () => {
    const one = card({ email: null, birth_date: "1990-03-05" });
    const other = card({ email: "anna@example.ru", birth_date: null });
    const chosen = start(one, other);
    expect([chosen.email, chosen.birth_date, chosen.name]).toEqual(["other", "one", "one"]);
  });

  it("warns of what two cards of one person do not have: two days of birth, two given names", () => {
    expect(alike(card({ birth_date: "1990-03-05" }), card({ birth_date: "1991-03-05" }))).toContain("birth");
    const named = (given: string) => card({ birth_date: null, full_name: { family: "Иванова", given, patronymic: "" } });
    expect(alike(named("Анна"), named("Пётр"))).toContain("name");
    expect(alike(named("Анна"), named("анна"))).toEqual([]);
    expect(alike(named("Анна"), card({ birth_date: null, full_name: { family: "Петрова", given: "Анна", patronymic: "" } }))).toEqual([]);
  });
});
