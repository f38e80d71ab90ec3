/** Dialogs that can be opened from anywhere on the desk. One at a time of each kind. */
import type { ActionId, AppointmentId, CaseId, CertificateId, DeskId, PaperId, PersonId, PractitionerId, RequestId } from "../wire/wire";

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
  /** The person is blocked, and whoever checks the data mends them. */
  check?: boolean;
  name?: string;
  phone?: string;
  email?: string | null;
  request?: RequestId;
  fromSite?: boolean;
  saved?: (person: { id: PersonId; name: string }) => void;
}

/** Whose data are to be blocked: by the card, by a request, or by a number that is typed. */
export type BlockSeed = { person: PersonId; name: string } | { request: RequestId; name: string } | { phone: string };

/** Two cards to be compared; without the other one it is looked for first. */
export interface MergeSeed {
  one: PersonId;
  other?: PersonId;
}

export interface PrintSeed {
  /** None: a blank, or a paper of the clinic's own day. */
  person?: PersonId;
  name: string;
  form?: string;
  /** The kind is not to be chosen. */
  only?: boolean;
  /** The day that a day sheet or a note is about. */
  day?: string;
  practitioner?: PractitionerId;
  /** The case that it is printed for. */
  caseOf?: CaseId;
  /** The workstation that the act of its end is about. */
  desk?: DeskId;
  /** The block that a notice is about. */
  block?: ActionId | null;
  /** The scan of this sheet is shown. */
  scan?: PaperId;
  /** The visit that the paper is for. */
  visit?: AppointmentId;
  /** The sheet that is printed again. */
  again?: PaperId;
  /** The certificate that the paper is of, and of a redemption which one. */
  certificate?: CertificateId;
  redemption?: ActionId;
}

class Panels {
  search = $state(false);
  keysHelp = $state(false);
  guide = $state(false);
  booking = $state.raw<BookingSeed | null>(null);
  person = $state.raw<PersonSeed | null>(null);
  print = $state.raw<PrintSeed | null>(null);
  block = $state.raw<BlockSeed | null>(null);
  merge = $state.raw<MergeSeed | null>(null);

  closeAll(): void {
    this.search = this.keysHelp = this.guide = false;
    this.booking = this.person = this.print = this.block = this.merge = null;
  }
}

export const panels = new Panels();
