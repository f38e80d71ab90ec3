/** What is done with a case, and what is said of it. */
import { act } from "../../shared/act";
import { caseMove } from "../../shared/case-words";
import { call } from "../../shared/desk";
import type { CaseCard, CaseId, CaseMove, CasePutArgs } from "../../wire/wire";

export const stepCase = (id: CaseId, step: CaseMove, words: string | null): Promise<CaseCard | undefined> =>
  act(
    () => call("case_step", { id, step, words }),
    (card) => {
      const last = card.steps.at(-1);
      const text = caseMove[step].done;
      return last?.can_take_back ? { text, undo: () => call("case_step_back", { id, step: last.id }) } : { text };
    },
  );

export const putCase = (args: CasePutArgs): Promise<CaseCard | undefined> =>
  act(
    () => call("case_put", args),
    ({ row }) => ({ text: args.id ? "Обращение исправлено" : `Принято: вх. № ${row.number}${args.block ? ". Данные заблокированы" : ""}` }),
  );
