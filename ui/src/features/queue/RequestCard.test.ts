import { render, screen, waitFor } from "@testing-library/svelte";
import { beforeEach, describe, expect, it } from "vitest";
import { CommandError, usePlatform } from "../../platform";
import { keys } from "../../shared/keys.svelte";
import { toasts } from "../../shared/toasts.svelte";
import type { ContactLeave, RequestCard, Reread } from "../../wire/wire";
import Card from "./RequestCard.svelte";

const base: RequestCard = {
  row: {
    id: "req_1",
    kind: "callback",
    status: "new",
    name: "<img src=x onerror=alert(1)>",
    phone_masked: "+7 ••• •••-67-89",
    service: null,
    submitted_at: "2026-11-23T02:00:00Z",
    due_at: "2026-11-23T02:15:00Z",
    overdue: true,
    tries: 0,
    claimed_by: null,
    claimed_by_me: false,
    same_phone: 0,
    follows: false,
    quarantine: null,
    withdrawn: false,
    test: false,
    blocked: false,
    certainty: "confirmed",
  },
  phone: null,
  email: null,
  doctor: null,
  preferred_time: null,
  comment: "<script>alert(1)</script>",
  extra: [],
  sent: [],
  source: { connector: "tilda", source: "site", site: null },
  consent_field: null,
  calls: [],
  next_try_at: null,
  suggested_try_at: "2026-11-23T04:30:00Z",
  suggest_close: false,
  person: null,
  matches: [],
  same_phone: [],
  appointment: null,
  next_visit: null,
};

const heard: [string, object][] = [];
let refusing = false;
let shown = base;
let again: Reread | null = null;
let leave: ContactLeave = { allowed: true, why: "own_request", phones: [] };

function answer(command: string, args: object): unknown {
  heard.push([command, args]);
  if (command === "request_log_call") {
    if (refusing) throw new CommandError({ code: "refused", refusal: { refusal: "request_closed" } });
    const made = { id: "act_1", at: "2026-11-23T02:20:00Z", staff: "Ольга", outcome: "no_answer", note: null, retracted: false };
    return { ...base, row: { ...base.row, certainty: "saved", status: "retry_scheduled" }, calls: [made] };
  }
  if (command === "request_reread") return again;
  if (command === "contact_ask") return leave;
  return command === "request_card" ? shown : null;
}

const press = (code: string) => keys.handle(new KeyboardEvent("keydown", { code, cancelable: true }));
const sent = (command: string) => heard.filter(([name]) => name === command).map(([, args]) => args);

describe("a request's card", () => {
  beforeEach(() => {
    heard.length = 0;
    refusing = false;
    shown = base;
    toasts.clear();
    usePlatform({
      call: async (command, args) => answer(command, args),
      bytes: () => Promise.resolve(new Uint8Array()),
      on: () => () => undefined,
    });
  });

  it("logs a call in two keys, with the suggested retry, and can take it back", async () => {
    render(Card, { id: "req_1" });
    await screen.findByTestId("request-card");
    expect(press("KeyC")).toBe(true);
    await screen.findByTestId("outcome-no_answer");
    expect(press("Digit2")).toBe(true);
    await waitFor(() => expect(toasts.list).toHaveLength(1));
    expect(sent("request_log_call")).toEqual([{ id: "req_1", outcome: "no_answer", note: null, next_try_at: "2026-11-23T04:30:00.000Z" }]);
    expect(screen.queryByTestId("call-dialog")).toBeNull();

    toasts.undo(toasts.list[0]?.id ?? 0);
    await waitFor(() => expect(sent("request_retract_call")).toEqual([{ id: "req_1", call: "act_1" }]));
  });

  it("logs a call in one key, and can take it back", async () => {
    render(Card, { id: "req_1" });
    await screen.findByTestId("request-card");
    expect(press("Digit2")).toBe(true);
    await waitFor(() => expect(toasts.list).toHaveLength(1));
    expect(sent("request_log_call")).toEqual([{ id: "req_1", outcome: "no_answer", note: null, next_try_at: null }]);
    toasts.undo(toasts.list[0]?.id ?? 0);
    await waitFor(() => expect(sent("request_retract_call")).toEqual([{ id: "req_1", call: "act_1" }]));
  });

  it("asks for leave when the call is about to be made, and shows no number without it", async () => {
    leave = { allowed: false, why: "blocked", phones: [] };
    render(Card, { id: "req_1" });
    await screen.findByTestId("request-card");
    press("KeyC");
    expect((await screen.findByTestId("call-stop")).textContent).toContain("заблокированы");
    expect(sent("contact_ask")).toEqual([{ person: null, request: "req_1", purpose: "service" }]);
    leave = { allowed: true, why: "own_request", phones: [] };
  });

  it("of somebody blocked offers no call, no claim and no booking", async () => {
    shown = { ...base, comment: null, row: { ...base.row, name: "Данные заблокированы", blocked: true } };
    render(Card, { id: "req_1" });
    await screen.findByTestId("request-blocked");
    for (const code of ["KeyW", "KeyC", "KeyB", "KeyL", "Digit1"]) expect(press(code)).toBe(false);
    expect(screen.queryByTestId("request-log-call")).toBeNull();
    expect(screen.queryByTestId("request-check"), "not a manager").toBeNull();
  });

  it("keeps the dialog and says why when the call is refused", async () => {
    refusing = true;
    render(Card, { id: "req_1" });
    await screen.findByTestId("request-card");
    press("KeyC");
    await screen.findByTestId("outcome-busy");
    press("Digit3");
    await waitFor(() => expect(toasts.list[0]?.text).toBe("Не получилось. Заявка уже закрыта."));
    expect(screen.getByTestId("call-dialog")).toBeTruthy();
  });

  it("shows what was not understood as it came, and reads it again when asked", async () => {
    const odd: RequestCard = { ...base, row: { ...base.row, name: "", quarantine: "nothing_recognised" }, sent: [["input_7", "<b>8 900</b>"]], extra: [["input_7", "<b>8 900</b>"]] };
    shown = odd;
    again = { card: odd, still: "nothing_recognised" };
    const { container } = render(Card, { id: "req_1" });
    await screen.findByTestId("quarantine");
    expect(screen.getAllByText("<b>8 900</b>")).toHaveLength(1);
    expect(container.querySelector("dd b")).toBeNull();
    screen.getByTestId("request-reread").click();
    await waitFor(() => expect(toasts.list[0]?.text).toContain("Пока не распознано."));
    expect(toasts.list[0]?.tone).toBe("warn");
    expect(screen.getByTestId("quarantine")).toBeTruthy();

    again = { card: base, still: null };
    screen.getByTestId("request-reread").click();
    await waitFor(() => expect(screen.queryByTestId("quarantine")).toBeNull());
    expect(toasts.list[1]?.text).toBe("Поля распознаны: карточка заполнена");
    expect(sent("request_reread")).toEqual([{ id: "req_1" }, { id: "req_1" }]);
  });

  it("shows what a visitor wrote as text and nothing else", async () => {
    const { container } = render(Card, { id: "req_1" });
    await screen.findByText(base.comment ?? "");
    expect(container.querySelector("script, img")).toBeNull();
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe(base.row.name);
  });

  it("lets nothing of the desk through while a dialog is open", async () => {
    render(Card, { id: "req_1" });
    await screen.findByTestId("request-card");
    press("KeyX");
    await screen.findByTestId("close-answered");
    expect(press("KeyW")).toBe(false);
    expect(sent("request_claim")).toEqual([]);
  });

  it("is never acted on once the next one was chosen, however late that one is read", async () => {
    let read = () => undefined as void;
    const next = { ...base, row: { ...base.row, id: "req_2", name: "Анна" } };
    usePlatform({
      call: async (command, args) => {
        if (command === "request_card" && (args as { id: string }).id === "req_2") await new Promise<void>((done) => (read = done));
        return command === "request_card" && (args as { id: string }).id === "req_2" ? next : answer(command, args);
      },
      bytes: () => Promise.resolve(new Uint8Array()),
      on: () => () => undefined,
    });
    const { rerender } = render(Card, { id: "req_1" });
    await screen.findByTestId("request-card");
    await rerender({ id: "req_2" });
    expect(screen.getByTestId("request-card").getAttribute("aria-busy")).toBe("true");
    press("Digit1");
    press("KeyL");
    press("KeyW");
    expect(sent("request_log_call")).toEqual([]);
    expect(sent("request_claim")).toEqual([]);
    await waitFor(() => expect(screen.queryByTestId("request-card")).toBeNull());
    expect(document.querySelector(".skeleton.waited"), "nothing is not shown in between").not.toBeNull();
    read();
    await screen.findByText("Анна");
    await waitFor(() => expect(sent("request_claim")).toEqual([expect.objectContaining({ id: "req_2" })]));
  });
});
