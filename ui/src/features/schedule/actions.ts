/** What is done to a visit, each with its way back where there is one. */
import { isPinned, pin, unpin } from "./board";
import { freed } from "./freed.svelte";
import { act } from "../../shared/act";
import { call } from "../../shared/desk";
import { cancelReason } from "../../shared/labels";
import { dayTitle } from "../../shared/time";
import type { BookArgs, CancelReason, MoveArgs, VisitRow, VisitStep } from "../../wire/wire";

const stepWords: Record<VisitStep, string> = {
  confirm: "Приход подтверждён",
  arrive: "Пришёл",
  check_in: "Оформлен",
  fulfil: "Приём состоялся",
  no_show: "Неявка отмечена",
  restore: "Запись возвращена",
  undo: "Отметка отменена",
};

const undoable: readonly VisitStep[] = ["confirm", "arrive", "check_in", "fulfil", "no_show"];

export function step(visit: VisitRow, next: VisitStep) {
  return act(
    () => call("visit_step", { id: visit.id, step: next }),
    () => ({
      text: `${stepWords[next]}: ${visit.person_name}`,
      undo: undoable.includes(next) ? () => call("visit_step", { id: visit.id, step: "undo" }) : undefined,
    }),
  );
}

/** Who would come earlier is found as soon as the time is free. */
export async function cancel(visit: VisitRow, reason: CancelReason) {
  const done = await act(
    () => call("visit_cancel", { id: visit.id, reason }),
    () => ({
      text: `Запись отменена (${cancelReason[reason]}): ${visit.person_name}`,
      undo: () => {
        freed.forget();
        return call("visit_step", { id: visit.id, step: "undo" });
      },
    }),
  );
  if (done) void freed.look(done);
  return done;
}

export function wish(visit: VisitRow, earlier: boolean) {
  return act(
    () => call("visit_wish", { id: visit.id, earlier }),
    () => ({
      text: earlier ? `Ждёт времени раньше: ${visit.person_name}` : `Больше не ждёт: ${visit.person_name}`,
      undo: () => call("visit_wish", { id: visit.id, earlier: !earlier }),
    }),
  );
}

/** A visit that was pinned goes from the board, and back with its time. */
export async function move(visit: VisitRow, to: Omit<MoveArgs, "id">) {
  const pinned = isPinned(visit.id);
  const back: MoveArgs = {
    id: visit.id,
    practitioner: visit.practitioner,
    chair: visit.chair,
    start: visit.start,
    end: visit.end,
  };
  const done = await act(
    () => call("visit_move", { id: visit.id, ...to }),
    (after) => ({
      text: `Перенесено на ${slotWords(after)}: ${visit.person_name}`,
      undo: async () => {
        const before = await call("visit_move", back);
        if (pinned) pin([before]);
      },
    }),
  );
  if (done) unpin(visit.id);
  return done;
}

export function book(args: BookArgs) {
  return act(
    () => call("visit_book", args),
    ({ visit }) => ({
      text: `${args.agreed ? "Записан" : "Предварительно записан"} на ${slotWords(visit)}: ${visit.person_name}`,
      undo: () => call("visit_cancel", { id: visit.id, reason: "mistake" }),
    }),
  );
}

function slotWords(visit: VisitRow): string {
  return `${dayTitle(visit.start.slice(0, 10))}, ${visit.start.slice(11, 16)}`;
}
