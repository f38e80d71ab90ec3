/** What is done with an action that is not settled. */
import { act } from "../../shared/act";
import { call } from "../../shared/desk";
import { verbWords } from "../../shared/labels";
import type { ActionId, Draft, FieldChoice, OutboxRow } from "../../wire/wire";

export const retry = (row: OutboxRow) =>
  act(() => call("outbox_retry", { id: row.id }), () => ({ text: `Отправим ещё раз: ${verbWords(row.verb)}` }));

export const discard = (row: OutboxRow) =>
  act(() => call("outbox_discard", { id: row.id }), () => ({ text: `Убрано: ${verbWords(row.verb)}` }));

export const amend = (row: OutboxRow, draft: Draft) =>
  act(() => call("outbox_amend", { id: row.id, draft }), () => ({ text: `Изменено, отправим заново: ${verbWords(row.verb)}` }));

export const resolve = (row: OutboxRow, etag: ActionId | null, choices: FieldChoice[]) =>
  act(() => call("outbox_resolve", { id: row.id, etag, choices }), () => ({ text: "Выбор сохранён и уйдёт как новая правка" }));
