/** A visit as the tests of the schedule need one: what they are about is given, the rest says nothing. */
import type { VisitRow } from "../../wire/wire";

export function visitRow(id: string, from: string, until: string, rest: Partial<VisitRow> = {}): VisitRow {
  return {
    id,
    status: "booked",
    practitioner: "prc_1",
    practitioner_name: "",
    chair: "chr_1",
    chair_name: "",
    start: `2026-11-23T${from}:00`,
    end: `2026-11-23T${until}:00`,
    person: "per_1",
    person_name: "",
    phone_masked: "",
    service: null,
    note: null,
    confirmed: false,
    cancel_reason: null,
    moved: 0,
    blocked: false,
    certainty: "confirmed",
    meets: [],
    no_show_allowed: false,
    wants_earlier: false,
    outside_hours: false,
    ...rest,
  };
}
