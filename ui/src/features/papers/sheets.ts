/** What may become of a sheet from where it is, in the words of the counter. */
import { act } from "../../shared/act";
import { call } from "../../shared/desk";
import { paperStage } from "../../shared/labels";
import type { PaperId, PaperStage, PersonId, PractitionerId, SheetView } from "../../wire/wire";

/** Steps that may follow, the usual one first. The desk decides; this is what is offered. */
export function nextStages(stage: PaperStage): PaperStage[] {
  switch (stage) {
    case "printed":
      return ["signed", "handed_out", "refused", "spoiled"];
    case "handed_out":
      return ["signed", "refused", "spoiled"];
    case "signed":
      return ["filed", "scanned"];
    case "scanned":
      return ["filed"];
    default:
      return [];
  }
}

/** A lost or spoiled sheet is printed under its first number; of a signed one the copy is shown. */
export function againWords(stage: PaperStage): string {
  return ["printed", "handed_out", "spoiled"].includes(stage) ? "Напечатать ещё раз" : "Показать копию";
}

/** Trays by the names that printers share. A printer without one takes paper as it is set. */
export const trays: readonly { value: string; label: string }[] = [
  { value: "", label: "Как в принтере" },
  { value: "tray-1", label: "Лоток 1" },
  { value: "tray-2", label: "Лоток 2" },
  { value: "tray-3", label: "Лоток 3" },
  { value: "tray-4", label: "Лоток 4" },
  { value: "by-pass-tray", label: "Обходной лоток" },
  { value: "manual", label: "Ручная подача" },
];

export const stepWords: Partial<Record<PaperStage, string>> = {
  handed_out: "Выдан на руки",
  signed: "Подписан",
  refused: "Отказ подписать",
  spoiled: "Испорчен",
  scanned: "Отсканирован",
  filed: "В архив",
};

/** Notes a step; it can be taken back while the answer is on the screen. */
export function step(
  person: PersonId,
  paper: PaperId,
  stage: PaperStage,
  medicalWorker: PractitionerId | null,
): Promise<SheetView | undefined> {
  return act(
    () => call("paper_step", { person, paper, stage, medical_worker: medicalWorker }),
    (sheet) => {
      const done = sheet.paper.steps?.at(-1);
      const undo = done ? () => call("paper_step_back", { person, paper, step: done.id }) : undefined;
      return { text: `${sheet.title}: ${paperStage[sheet.stage].label.toLowerCase()}`, undo };
    },
  );
}
