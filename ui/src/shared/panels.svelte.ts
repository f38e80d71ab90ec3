/** Dialogs that can be opened from anywhere on the desk. One at a time of each kind. */
import type { AppointmentId, PaperId, PersonId, RequestId } from "../wire/wire";

export interface BookingSeed {
  person?: { id: PersonId; name: string };
  /** The request that the visit answers, with what it says about the visitor. */
  request?: { id: RequestId; name: string; phone: string; email: string | null; service: string | null; wish: string | null };
  date?: string;
  time?: string;
  practitioner?: string;
  chair?: string;
}

export interface PersonSeed {
  /** Edit this person; else a new one. */
  id?: PersonId;
  name?: string;
  phone?: string;
  email?: string | null;
  request?: RequestId;
  fromSite?: boolean;
  saved?: (person: { id: PersonId; name: string }) => void;
}

export interface PrintSeed {
  person: PersonId;
  name: string;
  form?: string;
  /** The visit that the paper is for. */
  visit?: AppointmentId;
  /** The sheet that is printed again. */
  again?: PaperId;
}

class Panels {
  search = $state(false);
  keysHelp = $state(false);
  booking = $state.raw<BookingSeed | null>(null);
  person = $state.raw<PersonSeed | null>(null);
  print = $state.raw<PrintSeed | null>(null);

  closeAll(): void {
    this.search = this.keysHelp = false;
    this.booking = this.person = this.print = null;
  }
}

export const panels = new Panels();
