import { render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { usePlatform } from "../../platform";
import { keys } from "../../shared/keys.svelte";
import { toasts } from "../../shared/toasts.svelte";
import type { ConflictView, Draft, OutboxRow } from "../../wire/wire";
import Card from "./OutboxCard.svelte";

const row: OutboxRow = {
  id: "act_1",
  verb: "person.put",
  about: "<b>Иванова</b>",
  entity: "per_1",
  at: "2026-11-23T02:00:00Z",
  state: "refused",
  refusal: { refusal: "changed_meanwhile", version: 5 },
  tries: 1,
  conflict: true,
  editable: false,
};
const conflict: ConflictView = {
  id: "act_1",
  etag: "act_9",
  waits: false,
  fields: [
    { field: "phones", before: "1", mine: "2", theirs: "3", clash: true },
    { field: "note", before: "было", mine: "моё", theirs: null, clash: true },
    { field: "email", before: null, mine: "a@example.ru", theirs: null, clash: false },
  ],
};
const draft: Draft = { kind: "redeem", amount: 150_050 };

let heard: [string, unknown][] = [];
const answers: Record<string, unknown> = { outbox_conflict: conflict, outbox_draft: draft };
const press = (code: string, init: KeyboardEventInit = {}) => keys.handle(new KeyboardEvent("keydown", { code, cancelable: true, ...init }));
const sent = (command: string) => heard.filter(([name]) => name === command).map(([, args]) => args);

describe("an action that is not settled", () => {
  beforeEach(() => {
    heard = [];
    toasts.clear();
    usePlatform({
      call: (command, args) => {
        heard.push([command, args]);
        return Promise.resolve(answers[command] ?? {});
      },
      bytes: () => Promise.resolve(new Uint8Array()),
      on: () => () => undefined,
    });
  });

  it("lets a person choose between mine, theirs and before by digits, and sends no half of a choice", async () => {
    const { container } = render(Card, { row });
    await screen.findByTestId("conflict");
    expect(container.querySelector("h2 b")).toBeNull();
    expect(screen.queryByTestId("outbox-retry")).toBeNull();
    press("Digit1");
    press("Enter", { ctrlKey: true });
    expect(sent("outbox_resolve")).toEqual([]);
    press("Digit3");
    await waitFor(() => expect(screen.getByTestId("conflict-save").hasAttribute("disabled")).toBe(false));
    press("Enter", { ctrlKey: true });
    const choices = [
      { field: "phones", side: "mine" },
      { field: "note", side: "before" },
    ];
    await waitFor(() => expect(sent("outbox_resolve")).toEqual([{ id: "act_1", etag: "act_9", choices }]));
  });

  it("asks twice before it is gone, and takes the first ask back", async () => {
    render(Card, { row: { ...row, conflict: false, editable: true } });
    press("Delete");
    press("Escape");
    press("Delete");
    expect(sent("outbox_discard")).toEqual([]);
    press("Delete");
    await waitFor(() => expect(sent("outbox_discard")).toEqual([{ id: "act_1" }]));
  });

  it("is entered better and goes as a new action", async () => {
    render(Card, { row: { ...row, verb: "certificate.redeem", conflict: false, editable: true } });
    press("KeyE");
    const field = await screen.findByTestId<HTMLInputElement>("amend-amount");
    expect(field.value).toBe("1500,50");
    field.value = "много";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    press("Enter", { ctrlKey: true });
    await screen.findByTestId("amend-error");
    field.value = "1 000";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    press("Enter", { ctrlKey: true });
    await waitFor(() => expect(sent("outbox_amend")).toEqual([{ id: "act_1", draft: { kind: "redeem", amount: 100_000 } }]));
  });

  it("cannot be dropped or changed while nobody knows whether it arrived", () => {
    render(Card, { row: { ...row, state: "unknown", refusal: null, conflict: false } });
    for (const code of ["KeyR", "KeyE", "Delete"]) expect(press(code)).toBe(false);
    expect(screen.queryByTestId("outbox-discard")).toBeNull();
  });
});
