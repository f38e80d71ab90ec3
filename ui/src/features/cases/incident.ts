/** An incident as it is typed, and as it goes over the wire. */
import { fullDate, readDate, readTime } from "../../shared/time";
import type { IncidentKind, IncidentView } from "../../wire/wire";

export interface IncidentDraft {
  kind: IncidentKind | null;
  from: string;
  to: string;
  causes: string;
  harm: string;
  measures: string;
  advice: string;
  people: { id: string; name: string }[];
  circumstances: string;
  first_notice: string;
}

/** «24.11.2026 09:00», from wall time. */
const typed = (wall: string | null): string => (wall ? `${fullDate(wall.slice(0, 10))} ${wall.slice(11, 16)}` : "");

/** Wall time, or null; undefined: it does not read. */
export function readMoment(text: string): string | null | undefined {
  const [date, time] = text.trim().split(/\s+/);
  if (!date) return null;
  const [day, hour] = [readDate(date), readTime(time ?? "00:00")];
  return day && hour ? `${day}T${hour}:00` : undefined;
}

export function draftOf(view: IncidentView | null): IncidentDraft {
  return {
    kind: view?.kind ?? null,
    from: typed(view?.from ?? null),
    to: typed(view?.to ?? null),
    causes: view?.causes ?? "",
    harm: view?.harm ?? "",
    measures: view?.measures ?? "",
    advice: view?.advice ?? "",
    people: (view?.people ?? []).map((id) => ({ id, name: "Выбран ранее" })),
    circumstances: view?.circumstances ?? "",
    first_notice: view?.first_notice ?? "",
  };
}

/** Null: it is not whole yet. */
export function viewOf(draft: IncidentDraft): IncidentView | null {
  const [from, to] = [readMoment(draft.from), readMoment(draft.to)];
  if (!draft.kind || from === undefined || to === undefined) return null;
  const { kind, causes, harm, measures, advice, circumstances, first_notice } = draft;
  return { kind, from, to, causes, harm, measures, advice, circumstances, first_notice, people: draft.people.map((one) => one.id) };
}
