/** A time slot as the forms hold it: text that may be wrong, and what it means when it is right. */
import { readTime, timeOf, minutesOf } from "../../shared/time";

export interface SlotDraft {
  date: string;
  time: string;
  minutes: number;
  practitioner: string;
  chair: string;
}

export interface Slot {
  practitioner: string;
  chair: string;
  start: string;
  end: string;
}

const dayMinutes = 24 * 60;

/** The slot, or the sentence that says what is missing. */
export function readSlot(draft: SlotDraft): Slot | string {
  const time = readTime(draft.time);
  if (time === null) return "Укажите время начала, например 14:30.";
  if (draft.practitioner === "" || draft.chair === "") return "Выберите врача и кресло.";
  const end = minutesOf(time) + draft.minutes;
  if (end >= dayMinutes) return "Приём не помещается в этот день.";
  return {
    practitioner: draft.practitioner,
    chair: draft.chair,
    start: `${draft.date}T${time}:00`,
    end: `${draft.date}T${timeOf(end)}:00`,
  };
}

export const lengths: readonly number[] = [15, 30, 45, 60, 75, 90, 120, 150, 180];

export function lengthWords(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} мин`;
  return rest === 0 ? `${hours} ч` : `${hours} ч ${rest} мин`;
}
