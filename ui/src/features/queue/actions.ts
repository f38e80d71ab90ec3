/** What is done to a request, each with its way back. */
import { act } from "../../shared/act";
import { call } from "../../shared/desk";
import { callOutcome, closeReasons, quarantineReason } from "../../shared/labels";
import { panels } from "../../shared/panels.svelte";
import type { CallOutcome, CloseReason, PersonId, RequestCard } from "../../wire/wire";

export const claim = (card: RequestCard) =>
  act(
    () => call("request_claim", { id: card.row.id }),
    () => ({ text: "Заявка у вас в работе", undo: () => call("request_release", { id: card.row.id }) }),
  );

export const release = (card: RequestCard) =>
  act(
    () => call("request_release", { id: card.row.id }),
    () => ({ text: "Заявка возвращена в очередь", undo: () => call("request_claim", { id: card.row.id }) }),
  );

export interface LoggedCall {
  outcome: CallOutcome;
  note: string;
  nextTry: string | null;
}

export function logCall(card: RequestCard, { outcome, note, nextTry }: LoggedCall) {
  const known = new Set(card.calls.map((one) => one.id));
  const id = card.row.id;
  return act(
    () => call("request_log_call", { id, outcome, note: note.trim() || null, next_try_at: nextTry }),
    (after) => {
      const made = after.calls.find((one) => !known.has(one.id));
      return {
        text: `Звонок записан: ${callOutcome[outcome].toLowerCase()}`,
        undo: made ? () => call("request_retract_call", { id, call: made.id }) : undefined,
      };
    },
  );
}

export function close(card: RequestCard, reason: CloseReason) {
  const id = card.row.id;
  const words = closeReasons.find((one) => one.value === reason)?.label ?? "";
  return act(
    () => call("request_close", { id, reason }),
    () => ({ text: `Заявка закрыта: ${words.toLowerCase()}`, undo: () => call("request_reopen", { id }) }),
  );
}

export const reopen = (card: RequestCard) =>
  act(() => call("request_reopen", { id: card.row.id }), () => ({ text: "Заявка снова открыта" }));

/** Reads what was not understood once more, by the rules that the source has now. */
export const reread = (card: RequestCard) =>
  act(
    () => call("request_reread", { id: card.row.id }),
    ({ still }) => ({
      text: still ? `Пока не распознано. ${quarantineReason[still]}` : "Поля распознаны: карточка заполнена",
      tone: still ? "warn" : "ok",
    }),
  );

export const linkPerson = (card: RequestCard, person: PersonId) =>
  act(() => call("request_link_person", { id: card.row.id, person }), () => ({ text: "Заявка связана с карточкой" }));

/** Opens the booking with everything that the request already says. */
export function book(card: RequestCard): void {
  panels.booking = {
    person: card.person ? { id: card.person.id, name: card.person.name } : undefined,
    request: {
      id: card.row.id,
      name: card.row.name,
      phone: card.phone?.e164 ?? card.phone?.raw ?? "",
      service: card.row.service,
      email: card.email,
      wish: card.preferred_time,
    },
  };
}
