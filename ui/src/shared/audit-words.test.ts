import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { auditSubject, auditVerb } from "./audit-words";

const crates = join(import.meta.dirname, "../../../crates");
const sources = (folder: string) =>
  readdirSync(join(crates, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".rs"))
    .map((name) => readFileSync(join(crates, folder, name), "utf8"));

/** Whatever the desk writes into its chain: the entries of its use cases, and the actions by their names. */
const written = [
  ...sources("desk/src").flatMap((text) => [...text.matchAll(/(?:entry|viewed|lock|AuditEntry::new)\((?:[^"()]|\(\))*"([a-z]+\.[a-z_]+)"/g)]),
  ...readFileSync(join(crates, "domain/src/action.rs"), "utf8").matchAll(/Self::\w+(?: \{ \.\. \})? => "([a-z]+\.[a-z_]+)"/g),
].map((found) => found[1] ?? "");

describe("the audit chain in words", () => {
  it("has a word for whatever the desk writes into it", () => {
    expect(written.length).toBeGreaterThan(80);
    expect(written.filter((verb) => auditVerb(verb) === verb)).toEqual([]);
  });

  it("shows what an entry is about without the whole of its id, and what it does not know as it is", () => {
    expect(auditSubject("per_01kar3q8w0v5t7zc9xj4m27x2k")).toBe("карточка …7x2k");
    expect(auditSubject("consent_pd")).toBe("consent_pd");
    expect(auditSubject("")).toBe("");
  });
});
