/** Which screen is shown and what is chosen on it. Kept in memory: no ids or names in an address or a history. */
import type { AppointmentId, CaseId, CertificateId, PersonId, QueueFilter, RequestId } from "../wire/wire";

export type Screen = "shift" | "queue" | "schedule" | "certificates" | "papers" | "cases" | "person" | "outbox" | "keys" | "settings";
export type SettingsPart = "steps" | "clinic" | "hours" | "doctors" | "services" | "staff" | "sources" | "printers" | "window";

/** A visit that waits to be moved, and the day that it stands on. */
export interface Pinned {
  visit: AppointmentId;
  date: string;
}

export interface Place {
  screen: Screen;
  filter: QueueFilter;
  request: RequestId | null;
  person: PersonId | null;
  certificate: CertificateId | null;
  case: CaseId | null;
  visit: AppointmentId | null;
  date: string | null;
  started: boolean;
  settings: SettingsPart;
  board: readonly Pinned[];
}

class Route {
  screen = $state<Screen>("shift");
  filter = $state<QueueFilter>("open");
  request = $state<RequestId | null>(null);
  person = $state<PersonId | null>(null);
  certificate = $state<CertificateId | null>(null);
  /** Whose certificates are listed. */
  buyer = $state<{ id: PersonId; name: string } | null>(null);
  case = $state<CaseId | null>(null);
  /** A code that a reader gave, until it was looked up. */
  scanned = $state<string | null>(null);
  visit = $state<AppointmentId | null>(null);
  /** Plain date of the schedule; none means today. */
  date = $state<string | null>(null);
  started = $state(false);
  settings = $state<SettingsPart>("window");
  board = $state.raw<readonly Pinned[]>([]);
  #before: Screen = "shift";

  /** What is shown and chosen, to be put back when the same person unlocks the desk. Ids alone. */
  get place(): Place {
    const { screen, filter, request, person, certificate, case: chosen, visit, date, started, settings, board } = this;
    return { screen, filter, request, person, certificate, case: chosen, visit, date, started, settings, board };
  }

  set place(place: Place) {
    Object.assign(this, place);
  }

  reset(): void {
    this.screen = "shift";
    this.filter = "open";
    this.request = null;
    this.person = null;
    this.certificate = null;
    this.buyer = null;
    this.case = null;
    this.scanned = null;
    this.visit = null;
    this.date = null;
    this.started = false;
    this.settings = "window";
    this.board = [];
  }

  openQueue(filter: QueueFilter = "open", request: RequestId | null = null): void {
    this.filter = filter;
    this.request = request;
    this.screen = "queue";
  }

  openOutbox(): void {
    if (this.screen !== "outbox") this.#before = this.screen;
    this.screen = "outbox";
  }

  /** Where the outbox was opened from. */
  back(): void {
    this.screen = this.#before;
  }

  openSettings(part: SettingsPart): void {
    this.settings = part;
    this.screen = "settings";
  }

  openPerson(person: PersonId): void {
    this.person = person;
    this.screen = "person";
  }

  openCase(id: CaseId): void {
    this.case = id;
    this.screen = "cases";
  }

  openVisit(visit: AppointmentId, date: string): void {
    this.date = date;
    this.visit = visit;
    this.screen = "schedule";
  }

  openScanned(code: string): void {
    this.scanned = code;
    this.screen = "certificates";
  }

  openCertificatesOf(id: PersonId, name: string): void {
    this.certificate = null;
    this.buyer = { id, name };
    this.screen = "certificates";
  }

  openCertificate(certificate: CertificateId): void {
    this.certificate = certificate;
    this.screen = "certificates";
  }
}

export const route = new Route();
