/** A person for the tests of the card's dialogs. */
import type { PersonCard } from "../../wire/wire";

export const anna: PersonCard = {
  row: { id: "per_1", name: "Иванова Анна", phone_masked: "+7 ••• •••-67-89", birth_date: null, blocked: false, certainty: "confirmed" },
  full_name: { family: "Иванова", given: "Анна", patronymic: "" },
  phones: [],
  email: null,
  birth_date: null,
  note: null,
  source: "site",
  etag: "act_1",
  visits: [],
  requests: [],
  papers: [],
  household: [],
  namesakes: [],
  merges: [],
  blocks: [],
  consents: [
    { kind: "processing", status: "unknown", history: [] },
    { kind: "reminders", status: "unknown", history: [] },
    { kind: "newsletter", status: "unknown", history: [] },
    { kind: "advertising", status: "given", history: [] },
    { kind: "disclosure", status: "unknown", history: [] },
  ],
  whole: false,
};
