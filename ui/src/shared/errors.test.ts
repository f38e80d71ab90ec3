import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { asCommandError, CommandError } from "../platform";
import type { Refusal } from "../wire/wire";
import { codeWords, errorLine, errorWords, refusalWords } from "./errors";

const wire = readFileSync("src/wire/wire.ts", "utf8");

function union(name: string): string[] {
  const declared = new RegExp(`export type ${name} =([^;]*);`).exec(wire)?.[1] ?? "";
  return [...declared.matchAll(/"([a-z_-]+)"/g)].map((match) => match[1] ?? "");
}

describe("errors in words", () => {
  it("has a title and what to do for every code on the wire, and for no other", () => {
    const codes = union("Code");
    expect(codes.length).toBeGreaterThan(20);
    expect(Object.keys(codeWords).sort()).toEqual(codes.sort());
    for (const words of Object.values(codeWords)) {
      expect(words.title).toMatch(/^[А-ЯЁ]/);
      expect(words.text).toMatch(/[.!]$/);
    }
  });

  it("has a sentence for every refusal on the wire", () => {
    const names = union("Refusal").filter((name) => name !== "refusal");
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const refusal = { refusal: name, clash: "chair", by: "apt_1", version: 2, status: name === "case_at_another_step" ? "in_work" : "arrived", stage: "signed", balance: 500 } as unknown as Refusal;
      expect(refusalWords(refusal)).toMatch(/^[А-ЯЁ].*\.$/);
      expect(refusalWords(refusal)).not.toContain("неизвестна");
    }
  });

  it("does not fall over a refusal that this version does not know", () => {
    expect(refusalWords({ refusal: "of_tomorrow" } as unknown as Refusal)).toContain("неизвестна");
  });

  it("tells why, how long and where", () => {
    const refused = new CommandError({ code: "refused", refusal: { refusal: "slot_taken", clash: "chair", by: "apt_1" } });
    expect(errorLine(refused)).toBe("Не получилось. Кресло в это время занято.");
    expect(errorWords(new CommandError({ code: "too_many_tries", wait_seconds: 20 })).text).toBe("Следующая попытка — через 20\u00a0с.");
    expect(errorWords(new CommandError({ code: "bad_input", field: "birth_date" })).text).toBe("Проверьте поле «Дата рождения».");
  });

  it("reads anything thrown at it as one shape", () => {
    expect(asCommandError({ code: "disk_full" }).said).toEqual({ code: "disk_full", refusal: null, wait_seconds: null, field: null, needs_version: null });
    expect(asCommandError("панель упала").said.code).toBe("internal");
    expect(asCommandError(null).said.code).toBe("internal");
  });
});
