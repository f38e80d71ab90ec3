import { render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { usePlatform } from "../../platform";
import { keys } from "../../shared/keys.svelte";
import { route } from "../../shared/route.svelte";
import { toasts } from "../../shared/toasts.svelte";
import type { Commands, PersonCard, PersonRow } from "../../wire/wire";
import BlockDialog from "./BlockDialog.svelte";
import ConsentDialog from "./ConsentDialog.svelte";
import ContactDialog from "./ContactDialog.svelte";
import { anna } from "./person-fixture";

const heard: [string, object][] = [];
let people: PersonRow[] = [];
let after: PersonCard = anna;

function answer(command: string, args: object): unknown {
  heard.push([command, args]);
  if (command === "person_cover") return { people, requests: 2, visits: 1 };
  if (command === "contact_ask") return { allowed: false, why: "withdrawn", phones: [] };
  return after;
}

const press = (code: string, target: HTMLElement = document.body) => {
  const event = new KeyboardEvent("keydown", { code, cancelable: true });
  Object.defineProperty(event, "target", { value: target });
  return keys.handle(event);
};
const sent = <K extends keyof Commands>(command: K) => heard.filter(([name]) => name === command).map(([, args]) => args as Commands[K]["args"]);

beforeEach(() => {
  heard.length = 0;
  people = [anna.row];
  after = anna;
  toasts.clear();
  usePlatform({ call: async (command, args) => answer(command, args), bytes: () => Promise.resolve(new Uint8Array()), on: () => () => undefined });
});

describe("blocking", () => {
  it("takes one digit, says what has to be taken out of the folders, and has no undo", async () => {
    const paper = { id: "ppr_1", form: "consent_pd", revision: 1, text_sha256: "", pdf_sha256: "", copies: 2, printed_at: "2026-11-23T02:00:00Z", printed_by: "stf_1", purpose: "desk" as const };
    after = { ...anna, row: { ...anna.row, blocked: true }, papers: [paper] };
    render(BlockDialog, { seed: { person: "per_1", name: "Иванова Анна" }, onclose: () => undefined });
    expect((await screen.findByTestId("block-cover")).textContent?.replaceAll("\u00a0", " ")).toContain("2 заявки");
    expect(press("Digit1")).toBe(true);
    await waitFor(() => expect(sent("person_block")).toEqual([{ whom: { by: "person", person: "per_1" }, requester: "subject", ground: "unreliable", note: null }]));
    await waitFor(() => expect(toasts.list[0]?.text.replaceAll("\u00a0", " ")).toContain("Изъять: 1 бумага"));
    expect(toasts.list[0]?.undo).toBeUndefined();
    expect(route.screen).toBe("person");
  });

  it("by a number of a household waits until somebody says who", async () => {
    people = [anna.row, { ...anna.row, id: "per_2", name: "Иванов Пётр" }];
    render(BlockDialog, { seed: { phone: "8 912 345 67 89" }, onclose: () => undefined });
    const choices = await screen.findAllByTestId("block-person");
    press("Digit1");
    expect(sent("person_block")).toEqual([]);
    choices[1]?.click();
    await waitFor(() => {
      press("Digit2");
      expect(sent("person_block")).toHaveLength(1);
    });
    expect(sent("person_block")[0]).toMatchObject({ whom: { by: "phone", phone: "8 912 345 67 89", person: "per_2" }, ground: "unlawful" });
  });

  it("leaves digits to whoever types a note", async () => {
    render(BlockDialog, { seed: { person: "per_1", name: "" }, onclose: () => undefined });
    const note = await screen.findByTestId("block-note");
    expect(press("Digit1", note)).toBe(false);
    expect(sent("person_block")).toEqual([]);
  });
});

describe("a consent by keyboard", () => {
  const open = () => render(ConsentDialog, { card: anna, onclose: () => undefined, ondone: () => undefined });

  it("is taken back by two digits", async () => {
    open();
    press("Digit4");
    await screen.findByTestId("consent-answer-withdrawn");
    press("Digit3");
    await waitFor(() => expect(sent("consent_record")).toHaveLength(1));
    expect(sent("consent_record")[0]).toMatchObject({ person: "per_1", kind: "advertising", answer: "withdrawn", paper: null, valid_until: null });
  });

  it("is not given without its paper", async () => {
    open();
    press("Digit1");
    await screen.findByTestId("consent-answer-given");
    press("Digit1");
    expect((await screen.findByTestId("consent-error")).textContent).toContain("Согласие на обработку ПДн");
    expect(sent("consent_record")).toEqual([]);
  });
});

describe("a call", () => {
  it("asks what for, and says why not", async () => {
    render(ContactDialog, { person: "per_1", name: "Иванова Анна", onclose: () => undefined });
    press("Digit4");
    const said = await screen.findByTestId("contact-answer");
    expect([said.dataset.allowed, said.textContent?.trim()]).toEqual(["false", "Нельзя: согласие отозвано."]);
    expect(screen.queryByTestId("contact-phone")).toBeNull();
    expect(sent("contact_ask")).toEqual([{ person: "per_1", request: null, purpose: "advertising" }]);
  });
});
