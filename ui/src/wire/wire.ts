// Generated from crates/contract by `cargo xtask gen`. Do not edit.

/** Days in a row, both included. */
export type Absence = { from: string, to: string, };

/** Something that a member of the staff did. */
export type ActionId = string;

export type AffectedRow = { person: PersonRow, 
/**
 * Categories, never values.
 */
data: Array<string>, 
/**
 * A letter was printed for them.
 */
told: boolean, };

/** Whose data an incident is about, by what this desk has. */
export type AffectedView = { people: Array<AffectedRow>, 
/**
 * All of them, the shown and the others.
 */
count: number, 
/**
 * In words: what was counted.
 */
basis: string, };

/** What was entered, changed: it goes as a new action in the old one's place. */
export type AmendArgs = { id: ActionId, 
/**
 * Of the same kind as it was.
 */
draft: Draft, };

/** The first thing that the window asks for. */
export type AppView = { phase: Phase, clinic_name: string | null, 
/**
 * Present in the demo only: how to sign in.
 */
demo: DemoHint | null, staff: StaffView | null, trouble: UiError | null, 
/**
 * With trouble around the database or its key: the ways out.
 */
rescue: RescueView | null, version: string, 
/**
 * IANA zone of the clinic.
 */
zone: string | null, 
/**
 * The window locks itself after so many seconds without a key or a click.
 */
idle_lock_seconds: number, 
/**
 * Set while not connected, when this desk's access was taken away.
 */
cut_off: CutOffView | null, };

/** A booking («запись на приём»). */
export type AppointmentId = string;

/** FHIR R4 `Appointment.status`. */
export type AppointmentStatus = "proposed" | "pending" | "booked" | "waitlist" | "arrived" | "checked-in" | "fulfilled" | "cancelled" | "noshow" | "entered-in-error";

/** How the chain stands to what the gateway remembers of it. */
export type AuditAnchor = { "is": "not_compared" } | { "is": "nothing" } | { "is": "fits", n: number, at: string, } | { "is": "cut", whole: number, n: number, at: string, };

/** What was done at this desk, without values. */
export type AuditArgs = { from: string, to: string, };

export type AuditLine = { n: number, at: string, by: string, 
/**
 * `person.view`
 */
verb: string, subject: string, };

export type AuditSum = { by: string, verb: string, count: number, };

export type AuditView = { 
/**
 * The chain reads to its end, and nothing was changed.
 */
ok: boolean, rows: number, anchor: AuditAnchor, 
/**
 * Of the span, the newest first.
 */
entries: Array<AuditLine>, more: boolean, 
/**
 * How often each thing was done by each, the most frequent first.
 */
sums: Array<AuditSum>, };

export type BlockArgs = { whom: BlockWhom, requester: BlockRequester, ground: BlockGround, 
/**
 * What was said or shown.
 */
note: string | null, };

/** Why the data are blocked (152-ФЗ art. 21; policy 6.2.4). */
export type BlockGround = "unreliable" | "unlawful" | "withdrawal_pending" | "dispute" | "restored" | "unknown";

/** Who wants the data blocked. */
export type BlockRequester = "subject" | "representative" | "authority" | "clinic" | "unknown";

export type BlockView = { 
/**
 * None: the gateway made it out of its memory of blocks, after an older copy of it was restored.
 */
id: ActionId | null, 
/**
 * The end of the id, to name the block by.
 */
number: string, 
/**
 * Since when, by the clock of the desk that made it.
 */
at: string, 
/**
 * By the gateway's clock; until it has it, by this desk's.
 */
recorded_at: string | null, 
/**
 * None: the gateway.
 */
by: string | null, requester: BlockRequester, ground: BlockGround, 
/**
 * The last day of the check; none: it was lifted. Time lifts no block: it is overdue then.
 */
due: string | null, overdue: boolean, 
/**
 * Shown to whoever checks the data.
 */
note: string | null, lifted: LiftView | null, };

/** Whose data are to be blocked, by what is known of them. */
export type BlockWhom = { "by": "person", person: PersonId, } | { "by": "request", request: RequestId, person: PersonId | null, } | { "by": "phone", phone: string, person: PersonId | null, };

export type BookArgs = { person: PersonId, practitioner: PractitionerId, chair: ChairId, start: string, end: string, service: string | null, note: string | null, 
/**
 * The request that the visit answers.
 */
request: RequestId | null, agreed: boolean, };

export type Booked = { id: AppointmentId, visit: VisitRow, };

/** How a call went. */
export type CallOutcome = "answered" | "no_answer" | "busy" | "voicemail" | "switched_off" | "wrong_person" | "hang_up" | "invalid_number";

export type CallView = { id: ActionId, at: string, staff: string, outcome: CallOutcome, note: string | null, retracted: boolean, };

export type CancelArgs = { id: AppointmentId, reason: CancelReason, };

/** Why a visit was cancelled. */
export type CancelReason = "patient" | "clinic" | "doctor_ill" | "duplicate" | "mistake" | "not_confirmed";

export type CaseArgs = { id: CaseId, };

export type CaseCard = { row: CaseRow, person: PersonRow | null, contact: string, substance: string, channel: Channel, registered_at: string, registered_by: string, dues: Array<CaseDueView>, 
/**
 * The first one first.
 */
steps: Array<CaseStepView>, 
/**
 * What whoever is signed in may do next.
 */
moves: Array<CaseMove>, 
/**
 * The block that is offered: the data are disputed, and not blocked.
 */
offers_block: BlockGround | null, 
/**
 * Which edit wrote the card; pass it back.
 */
etag: ActionId | null, 
/**
 * A block covers it.
 */
blocked: boolean, 
/**
 * Blocked, and shown whole to whoever checks the data.
 */
whole: boolean, 
/**
 * What was printed for it, the newest first.
 */
papers: Array<CasePaper>, 
/**
 * What can be printed for it now.
 */
forms: Array<CaseForm>, 
/**
 * Of an incident, once somebody has filled it in.
 */
incident: IncidentView | null, 
/**
 * Of an act of destruction.
 */
destroyed: DestroyedView | null, 
/**
 * When the data of whom it is about were destroyed.
 */
person_gone_at: string | null, };

export type CaseDueView = { term: TermKind, 
/**
 * From then on it is overdue.
 */
until: string, 
/**
 * The last day, of a term in days.
 */
day: string | null, 
/**
 * By the rule of the next working day, where it is another.
 */
moved: string | null, 
/**
 * Beyond what is known of the calendar.
 */
provisional: boolean, level: Level, met_at: string | null, };

export type CaseForm = { form: string, title: string, 
/**
 * To each of those whose data it was, one by one.
 */
to_each: boolean, };

/** A case («обращение»): a request about data, a claim, a disclosure, an incident. */
export type CaseId = string;

/** What a case is about. */
export type CaseKind = "access" | "rectification" | "withdrawal" | "stop_processing" | "destruction" | "unlawful_processing" | "claim" | "claim_money" | "disclosure_authority" | "disclosure_permission" | "incident" | "destruction_act" | "unknown";

/** What was done about a case. */
export type CaseMove = "check_identity" | "take_up" | "extend" | "answer" | "refuse" | "deliver" | "first_notice" | "inquire" | "second_notice" | "notify_subjects" | "close" | "hold" | "release" | "unknown";

export type CasePaper = { paper: PaperRecord, title: string, printed_by: string, };

/** Registers a case (`id` none), or mends its card. */
export type CasePutArgs = { id: CaseId | null, 
/**
 * Of the card that was shown; none for a new case.
 */
etag: ActionId | null, kind: CaseKind, person: PersonId | null, 
/**
 * Of somebody without a card; else the card's name is taken.
 */
who: string, contact: string, substance: string, 
/**
 * *Wall*: when it came; none: now. Of a case that is there already nothing is changed.
 */
received: string | null, channel: Channel, 
/**
 * How it was checked who asks; none: not yet.
 */
identity: string | null, 
/**
 * Blocks the person's data first of all.
 */
block: BlockRequester | null, 
/**
 * Of an incident.
 */
incident: IncidentView | null, };

export type CaseRow = { id: CaseId, 
/**
 * «12-K2M/2026».
 */
number: string, kind: CaseKind, status: CaseStatus, 
/**
 * «Данные заблокированы» for whoever is blocked.
 */
who: string, received_at: string, 
/**
 * What is due first of what is left.
 */
due: CaseDueView | null, 
/**
 * Held by a dispute in court.
 */
held: boolean, open: boolean, certainty: Certainty, };

/** Where a case is. */
export type CaseStatus = "registered" | "identity_checked" | "in_work" | "extended" | "answered" | "refused" | "delivered" | "first_notice_sent" | "inquiry" | "second_notice_sent" | "subjects_notified" | "closed" | "unknown";

export type CaseStepArgs = { id: CaseId, step: CaseMove, words: string | null, };

export type CaseStepBackArgs = { id: CaseId, step: ActionId, };

export type CaseStepView = { id: ActionId, step: CaseMove, at: string, by: string, words: string | null, 
/**
 * Whoever is signed in may take it back.
 */
can_take_back: boolean, };

export type CasesArgs = { 
/**
 * Closed ones too.
 */
all: boolean, };

export type CasesView = { 
/**
 * By what is due first; what has no term after that, what is closed at the end.
 */
rows: Array<CaseRow>, 
/**
 * Open ones of which something is overdue.
 */
overdue: number, 
/**
 * Open ones of which four fifths of a term are over, or more than half.
 */
pressing: number, 
/**
 * The last day of which the state calendar is known.
 */
known_until: string | null, };

/** How sure a shown record is. */
export type Certainty = "confirmed" | "saved" | "refused";

export type CertificateArgs = { 
/**
 * As typed; look-alike letters are folded for the lookup only.
 */
code: string, };

export type CertificateByIdArgs = { id: CertificateId, };

/** «Не найден» looks the same for a near miss and for nonsense. */
export type CertificateFound = { certificate: CertificateView | null, 
/**
 * Seconds to wait after too many wrong codes.
 */
wait_seconds: number, };

/** A gift certificate; not its code. */
export type CertificateId = string;

/** Paid for, or given away: only the paid one is a prepayment that must be returned. */
export type CertificateOrigin = "paid" | "promo";

/** A paper of one certificate: itself with its stub, its card, or the mark of a redemption. */
export type CertificatePaperArgs = { id: CertificateId, 
/**
 * `gift_certificate`, `gift_card`, `certificate_redemption`
 */
form: string, 
/**
 * With `certificate_redemption`: which one.
 */
redemption: ActionId | null, };

export type CertificateRow = { id: CertificateId, last4: string, status: CertificateStatus, balance: Kopecks, issued_at: string, buyer: string | null, };

/** What the desk shows. */
export type CertificateStatus = "issued" | "active" | "partially_redeemed" | "redeemed" | "expired" | "refund_requested" | "refunded" | "blocked";

/** What can be done with a certificate beside spending it. */
export type CertificateStep = "block" | "unblock" | "request_refund" | "keep" | "extend" | "refund";

export type CertificateStepArgs = { id: CertificateId, step: CertificateStep, };

export type CertificateView = { id: CertificateId, 
/**
 * Last four of the code.
 */
last4: string, status: CertificateStatus, origin: CertificateOrigin, face_value: Kopecks, 
/**
 * What is left once this desk's holds are granted.
 */
balance: Kopecks, 
/**
 * Held by this desk: spent only when the gateway says yes.
 */
held: Kopecks, 
/**
 * The gateway has not said yes to the sale: nothing of it is printed or spent yet.
 */
pending: boolean, 
/**
 * It can be spent, and whoever is signed in may.
 */
redeemable: boolean, 
/**
 * What whoever is signed in may do with it now.
 */
offers: Array<CertificateStep>, 
/**
 * The site took its order back: it cannot be spent, whatever else is done with it.
 */
revoked: boolean, 
/**
 * Since when the money is asked back, and the last day to pay it (ЗоЗПП art. 22, 31).
 */
refund_requested_at: string | null, refund_due: string | null, issued_at: string, expires_on: string | null, buyer: string | null, recipient: string | null, 
/**
 * Number of the till's receipt, of what was sold at a desk.
 */
receipt: string | null, 
/**
 * The data of the buyer are blocked: it is not spent until the block is lifted.
 */
buyer_blocked: boolean, ledger: Array<LedgerRow>, 
/**
 * Age of the data shown: the last complete pull.
 */
as_of: string | null, };

/** A chair or a room, a resource beside the doctor. */
export type Chair = { id: ChairId, 
/**
 * «Кресло 1».
 */
name: string, };

/** A chair («кресло») or room. */
export type ChairId = string;

/** How it reached the clinic. */
export type Channel = "site" | "paper" | "desk" | "phone" | "email" | "post" | "unknown";

/** Which resource a slot clashes on. */
export type Clash = "practitioner" | "chair" | "person";

export type ClinicArgs = { 
/**
 * Of the record as it was shown. Another one by now is refused: look again.
 */
etag: ActionId | null, clinic: ClinicSettings, 
/**
 * Names of chairs to be added; their ids are made at the desk.
 */
new_chairs: Array<string>, };

/** The clinic's key. */
export type ClinicKeyView = { 
/**
 * How often it was changed, and one.
 */
number: number, changed_at: string | null, 
/**
 * A desk was let go: the key is being changed.
 */
due: boolean, 
/**
 * Desks that have to be updated or let go before it can be. By name.
 */
waits_for: Array<string>, };

export type ClinicSettings = { requisites: Requisites, 
/**
 * Who answers for personal data.
 */
responsible: string, 
/**
 * Who signs for the clinic.
 */
signatory: string, week: Week, 
/**
 * Wall dates on which the clinic is closed, whatever the weekday.
 */
closed_on: Array<string>, chairs: Array<Chair>, services: Array<Service>, practice: PracticeSettings, };

export type CloseArgs = { id: RequestId, reason: CloseReason, };

/** Why a request is closed. */
export type CloseReason = "answered" | "refused" | "unreachable" | "wrong_number" | "not_requested" | "duplicate" | "spam";

/** What is left before somebody goes home. */
export type ClosingView = { started: string | null, 
/**
 * What was done with certificates today, in the order of time, all desks together.
 */
money: Array<MoneyRow>, 
/**
 * Sold at the desks today.
 */
sold: Kopecks, 
/**
 * Redeemed today less what was taken back: what the receipts have to come to.
 */
redeemed: Kopecks, refunded: Kopecks, unsent: number, refused: number, overdue: number, 
/**
 * Requests that whoever is signed in holds.
 */
mine: number, 
/**
 * Sheets that somebody still has to sign.
 */
unsigned: number, 
/**
 * Sheets printed today: what was spoilt goes into the shredder.
 */
printed: number, 
/**
 * Visits of today without an end: neither held, nor missed, nor cancelled.
 */
open_visits: number, };

/** What went wrong, for the window to put into words. */
export type Code = "not_signed_in" | "wrong_secret" | "too_many_tries" | "forbidden" | "keychain_missing" | "keychain_locked" | "key_lost" | "wrong_key" | "plain_database" | "newer_schema" | "database_damaged" | "database_busy" | "disk_full" | "other_kit" | "not_a_copy" | "no_folder" | "not_connected" | "gateway_unreachable" | "gateway_refused" | "desk_revoked" | "outdated" | "code_mistyped" | "code_refused" | "bad_address" | "refused" | "not_found" | "bad_input" | "paper_unknown" | "paper_unchecked" | "paper_elsewhere" | "no_printer" | "print_failed" | "paper_failed" | "internal";

export type ColumnView = { id: string, title: string, subtitle: string, };

/** What is wrong with a text, where, and what to do about it. */
export type ComplaintView = { 
/**
 * From 1.
 */
line: number, 
/**
 * In characters, from 1.
 */
column: number | null, words: string, mend: string, };

/** Visits of the next day that the clinic is open, for the calls of the evening before. */
export type ConfirmationView = { date: string, 
/**
 * By their start; those that are not confirmed first.
 */
visits: Array<VisitRow>, confirmed: number, };

/** A field in words; none: empty. */
export type ConflictField = { field: string, before: string | null, mine: string | null, theirs: string | null, 
/**
 * Both sides changed it, and not alike: a person chooses. Else whoever changed it has it.
 */
clash: boolean, };

/** An edit that met another one. */
export type ConflictView = { id: ActionId, 
/**
 * Of theirs; pass it back.
 */
etag: ActionId | null, 
/**
 * Theirs has not come in yet.
 */
waits: boolean, 
/**
 * Every field that anybody changed.
 */
fields: Array<ConflictField>, };

export type ConnectArgs = { 
/**
 * `https://gateway.example.ru`
 */
gateway: string, 
/**
 * One-time code.
 */
code: string, desk_name: string, };

/** What the person said. */
export type ConsentAnswer = "given" | "refused" | "withdrawn";

export type ConsentArgs = { person: PersonId, kind: ConsentKind, answer: ConsentAnswer, 
/**
 * None: now.
 */
said_at: string | null, channel: Channel, 
/**
 * One of the person's printed papers. A given consent has one: without its wording there is no consent.
 */
paper: PaperId | null, 
/**
 * The last day, of a given consent.
 */
valid_until: string | null, };

/** What somebody may agree to or not (152-ФЗ art. 9, 38-ФЗ art. 18; policy 4.1–4.5, 6.2.2). */
export type ConsentKind = "processing" | "newsletter" | "advertising" | "reminders" | "disclosure" | "unknown";

export type ConsentRow = { id: ActionId, answer: ConsentAnswer, said_at: string, recorded_at: string, recorded_by: string, channel: Channel, 
/**
 * The paper that proves it.
 */
paper: PaperId | null, 
/**
 * Revision of the wording, where the paper is known here.
 */
revision: number | null, valid_until: string | null, };

/** Where a consent stands. Unknown is what nobody has asked: it never follows from the use of the site. */
export type ConsentStatus = "unknown" | "given" | "refused" | "withdrawn" | "expired";

/** Where a consent stands today, and how it came there. */
export type ConsentView = { kind: ConsentKind, status: ConsentStatus, 
/**
 * The latest said first.
 */
history: Array<ConsentRow>, };

export type ContactArgs = { 
/**
 * One of the two.
 */
person: PersonId | null, request: RequestId | null, purpose: Purpose, };

/** The word on one call, at this moment. */
export type ContactLeave = { allowed: boolean, why: ContactWhy, 
/**
 * Whole numbers, only with leave.
 */
phones: Array<PhoneView>, };

/** Why somebody may or may not be called. */
export type ContactWhy = "own_request" | "coming_visit" | "consented" | "blocked" | "not_asked" | "refused" | "withdrawn" | "expired" | "no_visit" | "not_in_text";

export type CopiesFolderArgs = { 
/**
 * A whole path; empty: the usual folder.
 */
folder: string, };

export type CopiesSwept = { 
/**
 * False: still to be done.
 */
done: boolean, cleaned: number, out_of_reach: number, };

/** Where copies of this desk go, and how the last ones went. */
export type CopiesView = { folder: string, 
/**
 * The folder is the usual one, on the same disk as the database.
 */
beside_database: boolean, 
/**
 * The newest copy that was read to its end after it was written.
 */
last: CopyView | null, 
/**
 * Why the last try gave none.
 */
failed: Code | null, };

export type CopyView = { 
/**
 * The whole path.
 */
file: string, at: string, kibibytes: number, 
/**
 * Actions in it that the gateway did not have; None: not known before it is opened.
 */
unsent: number | null, };

export type CoverArgs = { whom: BlockWhom, };

/** What a block would cover by what this desk knows now. */
export type CoverView = { 
/**
 * Whom it may be: of several one has to be chosen; of none a card is made for the block.
 */
people: Array<PersonRow>, 
/**
 * Requests that would be covered.
 */
requests: number, 
/**
 * Visits that are still to come: they stay where they are.
 */
visits: number, };

/** This desk's access was taken away: its keys are gone, its database is set aside. */
export type CutOffView = { at: string, 
/**
 * Actions that had not reached the gateway, or were refused. They are in the database that is set aside.
 */
unsent: number, };

export type DayArgs = { 
/**
 * Wall date.
 */
date: string, };

/** Opening and closing time of one day. A closing time of 00:00 is the midnight at the end of the day. */
export type DayHours = { opens: string, closes: string, };

/** A day of the schedule. */
export type DayView = { date: string, 
/**
 * Wall time of the clinic now.
 */
now: string, 
/**
 * Wall; None when the clinic is closed that day.
 */
opens: string | null, closes: string | null, practitioners: Array<ColumnView>, chairs: Array<ColumnView>, 
/**
 * Where a doctor usually works: doctor's id, chair's id.
 */
usual_chairs: Array<[string, string]>, visits: Array<VisitRow>, visit_minutes: number, 
/**
 * When each doctor receives that day.
 */
doctor_hours: Array<DoctorHours>, services: Array<Service>, };

export type DemoHint = { logins: Array<DemoLogin>, };

export type DemoLogin = { login: string, secret: string, role: Role, };

export type DeskHeard = { name: string, heard: boolean, };

/** A workstation. */
export type DeskId = string;

export type DeskManners = { 
/**
 * What happens is heard, each kind by a sound of its own.
 */
sound: boolean, 
/**
 * Kinds that are not heard all the same.
 */
unheard: Array<SoundKind>, 
/**
 * Wall; nothing is heard from then on until `quiet_to`.
 */
quiet_from: string | null, quiet_to: string | null, 
/**
 * The system tells of something new while the window is not looked at: a count, never whose.
 */
notify: boolean, 
/**
 * Closing the window leaves the desk in the tray, where there is one.
 */
to_tray: boolean, 
/**
 * The program starts with the computer.
 */
autostart: boolean, 
/**
 * Where the first set-up of a clinic founded here stands; none: it is over, or there was none.
 */
setup: SetupStep | null, };

export type DeskReleaseArgs = { id: DeskId, };

export type DeskRow = { id: DeskId, 
/**
 * «Ресепшн 1»
 */
name: string, version: string, enrolled_at: string, last_seen_at: string | null, 
/**
 * When it was let go.
 */
released_at: string | null, 
/**
 * It is this one.
 */
this: boolean, 
/**
 * It was not given the clinic's newest key: it comes in again by a code.
 */
lacks_key: boolean, };

/** Which workstations the clinic has, as the gateway knows them. */
export type DesksView = { 
/**
 * Those that are in, then those that were let go, the oldest first.
 */
desks: Array<DeskRow>, key: ClinicKeyView, };

export type DestroyArgs = { whose: Array<DueWhose>, ground: EraseGround, 
/**
 * In words, or the case that asks for it.
 */
reason: string, case: CaseId | null, secret: string, };

export type DestroyedRow = { name: string, categories: Array<string>, records: number, };

/** What an act says, and how far it has come. */
export type DestroyedView = { ground: EraseGround, reason: string, subjects: Array<DestroyedRow>, left: Array<string>, 
/**
 * Records that still are here: the gateway has not said yes, or said no.
 */
remaining: number, 
/**
 * When this desk erased the last one.
 */
done_at: string | null, 
/**
 * Files of copies that were cleaned, and those that were out of reach.
 */
copies: CopiesSwept, 
/**
 * Each desk, and whether it has heard. None: the gateway did not answer.
 */
desks: Array<DeskHeard> | null, };

/** What is due to be destroyed. */
export type DestructionView = { rows: Array<DueRow>, 
/**
 * There are more than are shown.
 */
more: boolean, 
/**
 * The act that was made just now.
 */
act: CaseId | null, };

export type DoctorArgs = { 
/**
 * None: a new doctor.
 */
id: PractitionerId | null, 
/**
 * Of the record as the dialog was opened on it. Another one by now is refused: look again.
 */
etag: ActionId | null, name: PersonName, speciality: string, chair: ChairId | null, order: number, active: boolean, week: Week | null, absences: Array<Absence>, };

/** A doctor's day. */
export type DoctorHours = { practitioner: string, 
/**
 * Wall; None: does not receive that day.
 */
opens: string | null, 
/**
 * Wall, exclusive.
 */
closes: string | null, 
/**
 * Away for days, not only off that weekday.
 */
away: boolean, };

export type DoctorRow = { id: PractitionerId, 
/**
 * Of the record; pass it back with [`DoctorArgs`].
 */
etag: ActionId | null, name: PersonName, speciality: string, chair: ChairId | null, order: number, active: boolean, 
/**
 * None: receives whenever the clinic is open.
 */
week: Week | null, absences: Array<Absence>, };

/** A doctor to choose from. */
export type DoctorView = { id: PractitionerId, name: string, };

/** What somebody entered, to be entered better. */
export type Draft = { "kind": "slot", visit: AppointmentId, practitioner: PractitionerId, chair: ChairId, 
/**
 * Wall.
 */
start: string, 
/**
 * Wall, exclusive.
 */
end: string, 
/**
 * A booking; service and note are of bookings alone.
 */
books: boolean, service: string | null, note: string | null, } | { "kind": "cancel", reason: CancelReason, } | { "kind": "call", outcome: CallOutcome, note: string | null, next_try_at: string | null, } | { "kind": "close", reason: CloseReason, } | { "kind": "person", name: PersonName, phones: Array<string>, email: string | null, birth_date: string | null, note: string | null, source: PersonSource, } | { "kind": "redeem", amount: Kopecks, };

export type DueRow = { whose: DueWhose, 
/**
 * The name, as it is on the card or as a visitor wrote it.
 */
name: string, 
/**
 * What the last purpose was, in words: «приём 03.10.2026».
 */
purpose: string, 
/**
 * Since when the time of keeping is over.
 */
due: string, 
/**
 * Until when the law waits.
 */
latest: string, records: number, 
/**
 * What stands against it, in words; nothing: it can be destroyed.
 */
holds: Array<string>, };

/** Whose data are due. */
export type DueWhose = { "of": "person", person: PersonId, } | { "of": "request", request: RequestId, } | { "of": "certificate", certificate: CertificateId, };

/** An entity by its id; the id's prefix says the kind. */
export type EntityRef = string;

/** Why data are destroyed. */
export type EraseGround = "term_over" | "withdrawn" | "demanded" | "unlawful" | "unknown";

/** Everything that the desk has on one person, as files. */
export type ExportArgs = { person: PersonId, reason: ExportReason, 
/**
 * The secret of whoever is signed in, once more.
 */
secret: string, };

/** Which list. */
export type ExportList = "newsletter" | "visits";

/** Why data are given out: it stands in the audit chain. */
export type ExportReason = "asked" | "authority" | "court" | "duty" | "sending";

/** Where the files went. */
export type Exported = { files: Array<string>, 
/**
 * Rows or records in them.
 */
count: number, };

export type ExtendArgs = { id: CertificateId, 
/**
 * The new last day, later than the old one.
 */
expires_on: string, };

export type FieldChoice = { field: string, side: Side, };

/** What was found before printing, in words for the user. */
export type FindingView = { weight: Weight, 
/**
 * «не указана дата рождения: будет пустая строка»
 */
words: string, };

export type FormArgs = { 
/**
 * `consent_pd`
 */
form: string, };

/** Founds a clinic at a fresh gateway. */
export type FoundArgs = { gateway: string, code: string, desk_name: string, clinic_name: string, 
/**
 * IANA zone, always asked for.
 */
zone: string, manager_name: PersonName, manager_login: string, manager_secret: string, };

export type HandOverArgs = { text: string, };

export type HandOverRow = { staff: StaffId, note: ActionId, by: string, at: string, text: string, mine: boolean, taken_by: string | null, taken_at: string | null, certainty: Certainty, };

/** What a hit is. */
export type HitKind = "person" | "request" | "certificate";

/** How data were lost or disclosed: the usual ways. */
export type IncidentKind = "lost_computer" | "wrong_person" | "unauthorised_access" | "leaked_outside" | "lost_paper" | "unknown";

/** How it came to an incident, and what was done. Texts: an entry a line. */
export type IncidentView = { kind: IncidentKind, 
/**
 * *Wall*: when it happened, if that is known; of a span the beginning.
 */
from: string | null, to: string | null, causes: string, harm: string, measures: string, advice: string, 
/**
 * Whose data it was, as far as they were named by hand.
 */
people: Array<PersonId>, 
/**
 * What speaks against liability by clause 7.2 of the policy, with the proof.
 */
circumstances: string, 
/**
 * Number and key of the first notice, as Роскомнадзор gave them.
 */
first_notice: string, };

/** A one-time code for another workstation. */
export type InvitationView = { code: string, expires_at: string, };

/** Sells a certificate at the desk. */
export type IssueArgs = { 
/**
 * What was paid.
 */
face_value: Kopecks, 
/**
 * The last day; none: it ends never.
 */
expires_on: string | null, 
/**
 * The buyer's card, of somebody who has one.
 */
person: PersonId | null, 
/**
 * The buyer by name, of somebody who has none and wants to be named.
 */
buyer: string | null, 
/**
 * Whom it is for, only if it is to be printed.
 */
recipient: string | null, 
/**
 * Number of the till's receipt.
 */
receipt: string, };

/** Where a print job stands. */
export type JobState = "queued" | "printing" | "held" | "done" | "failed" | "unknown";

/** A job of this session. */
export type JobView = { id: number, title: string, printer: string, copies: number, at: string, state: JobState, };

export type JournalArgs = { day: string, };

/** A row of the journal of printed papers. */
export type JournalRow = { paper: PaperId, title: string, 
/**
 * None: it was printed for a case.
 */
person: PersonRow | null, 
/**
 * The number of the case.
 */
case: string | null, printed_at: string, printed_by: string, purpose: PrintPurpose, copies: number, stage: PaperStage, };

export type KeyChoice = { 
/**
 * «Layer/usual chord», as the window names it.
 */
name: string, 
/**
 * `Ctrl+KeyK`, by the physical key; empty: switched off.
 */
chord: string, };

/** How well this desk would survive a loss. */
export type KeysView = { 
/**
 * None: no kit was made.
 */
kit: KitView | null, copies: CopiesView, 
/**
 * When the clinic's key was changed last; None: never.
 */
key_changed_at: string | null, 
/**
 * The last rescue of this desk's database, until somebody has read of it.
 */
rescued: RescuedView | null, };

export type KitCheckArgs = { 
/**
 * As typed off the paper.
 */
code: string, };

export type KitPrintArgs = { 
/**
 * The manager's own password, again.
 */
secret: string, 
/**
 * None: the system's default printer.
 */
printer: string | null, copies: number, };

/** The newest recovery kit of the clinic. */
export type KitView = { made_at: string, 
/**
 * «Иванова А. П.»
 */
made_by: string, 
/**
 * When somebody typed the code off the paper and it opened the key.
 */
checked_at: string | null, checked_by: string | null, 
/**
 * An older paper works too, until this one is checked.
 */
older_works: boolean, 
/**
 * The clinic's key was changed since: it opens what was before that.
 */
out_of_force: boolean, };

/** An amount of roubles in kopecks. */
export type Kopecks = number;

export type LastFourArgs = { 
/**
 * The last four signs of a code.
 */
last4: string, };

/** Certificates whose code ends so. A wrong guess counts as a wrong code. */
export type LastFourView = { found: Array<CertificateRow>, 
/**
 * Seconds to wait after too many wrong codes.
 */
wait_seconds: number, };

/** What a ledger row does. */
export type LedgerKind = "sale" | "redeem" | "redeem_reversal" | "refund" | "correction";

export type LedgerRow = { at: string, kind: LedgerKind, amount: Kopecks, balance: Kopecks, staff: string | null, 
/**
 * The action, where a mark of it can be printed: a redemption that stands.
 */
redemption: ActionId | null, 
/**
 * A redemption of today, or an unused sale of today, that whoever is signed in may take back.
 */
reversible: ActionId | null, 
/**
 * Saved: a hold of this desk that the gateway has not confirmed.
 */
certainty: Certainty, };

/** How near it is. */
export type Level = "calm" | "half" | "pressing" | "overdue";

/** Why a block is lifted: always what came of the check, never that time has passed. */
export type LiftGround = "rectified" | "confirmed" | "stopped" | "taken_back" | "mistake" | "unknown";

export type LiftView = { at: string, by: string | null, ground: LiftGround, evidence: string | null, };

/** How the link to the gateway is. */
export type Link = "unknown" | "online" | "syncing" | "offline" | "refused" | "revoked" | "outdated";

export type LinkPersonArgs = { id: RequestId, person: PersonId, };

/** A list of people as a table. */
export type ListExportArgs = { list: ExportList, from: string, to: string, reason: ExportReason, secret: string, };

export type LogCallArgs = { id: RequestId, outcome: CallOutcome, note: string | null, next_try_at: string | null, };

/** Another visit that one gets in the way of. */
export type Meeting = { over: MeetsOver, visit: AppointmentId, 
/**
 * Wall.
 */
start: string, 
/**
 * Wall, exclusive.
 */
end: string, practitioner_name: string, person_name: string, };

/** What two live visits have in common that they should not. */
export type MeetsOver = "practitioner" | "chair" | "person" | "day";

/** Two cards of one person, compared field by field: what the one that stays is to say. */
export type MergeArgs = { 
/**
 * The card that stands for both from now on, and the etag of what was compared.
 */
survivor: PersonId, survivor_etag: ActionId | null, other: PersonId, other_etag: ActionId | null, name: PersonName, phones: Array<string>, email: string | null, birth_date: string | null, note: string | null, };

export type MergeView = { merge: ActionId, 
/**
 * The card that the other one was merged into: this one, or one that was merged into this one.
 */
survivor: PersonId, 
/**
 * What the other card says.
 */
card: PersonRow, 
/**
 * It was edited after the merge, by a desk that did not know of it: its words are not on the survivor.
 */
changed: boolean, at: string, by: string, 
/**
 * It was taken back.
 */
parted: PartingView | null, };

export type MoneyRow = { certificate: CertificateId, last4: string, at: string, kind: LedgerKind, 
/**
 * Signed, as in the ledger.
 */
amount: Kopecks, staff: string | null, 
/**
 * Saved: the gateway has not granted it yet.
 */
certainty: Certainty, };

export type MoveArgs = { id: AppointmentId, practitioner: PractitionerId, chair: ChairId, start: string, end: string, };

/** Nothing to say or to ask. */
export type Nothing = Record<symbol, never>;

/** A time that nothing known here takes up. */
export type Opening = { practitioner: PractitionerId, practitioner_name: string, chair: ChairId, chair_name: string, 
/**
 * Wall.
 */
start: string, 
/**
 * Wall, exclusive.
 */
end: string, };

export type OpeningsArgs = { 
/**
 * From this wall date on.
 */
from: string, 
/**
 * None: any doctor.
 */
practitioner: PractitionerId | null, 
/**
 * Length of the visit.
 */
minutes: number, 
/**
 * The visit that is to be moved: its own time is free for it.
 */
visit: AppointmentId | null, };

export type OutboxArgs = { id: ActionId, };

/** One action of this desk that is not settled. */
export type OutboxRow = { id: ActionId, verb: string, 
/**
 * «Иванова А. П.», «Заявка Петрова»: what it was about.
 */
about: string, entity: EntityRef, at: string, state: OutboxState, refusal: Refusal | null, tries: number, 
/**
 * Others changed the same fields meanwhile: see [`ConflictView`].
 */
conflict: boolean, 
/**
 * What was entered can be changed: see [`Draft`].
 */
editable: boolean, };

/** Where an action of this desk stands. */
export type OutboxState = "saved" | "unknown" | "refused" | "held";

export type OwnFormNewArgs = { 
/**
 * Of [`FileTaken`].
 */
file: string, title: string, treatment: boolean, };

/** Another file, title or other places of the fields: a new revision. */
export type OwnFormPutArgs = { form: string, 
/**
 * The revision that was changed.
 */
revision: number, title: string, 
/**
 * None: the same file.
 */
file: string | null, stamps: Array<StampView>, };

/** A PDF of the clinic's own. */
export type OwnFormView = { form: string, title: string, 
/**
 * Consent to treatment: the patient signs by age, and a medical worker beside.
 */
treatment: boolean, revision: number, pages: Array<PageSize>, stamps: Array<StampView>, 
/**
 * What may be put on it.
 */
fields: Array<StampField>, 
/**
 * SHA-256 of file and fields, hex.
 */
sha256: string, 
/**
 * The file with an invented case; `paper_pdf` gives the bytes. It cannot be printed.
 */
paper: PaperId, };

/** One visit's papers, or the papers of a whole day. */
export type PacketArgs = { day: string, visit: AppointmentId | null, };

/** A kind in the packet of a visit. */
export type PacketKind = { form: string, title: string, 
/**
 * Not printed for somebody who has signed it.
 */
once: boolean, copies: number, };

/** What the clinic prints for each visit, in this order. */
export type PacketKindsArgs = { kinds: Array<PacketKind>, };

/** A paper of a packet. */
export type PacketPaper = { form: string, title: string, copies: number, 
/**
 * It is printed already and waits to be signed: not printed again.
 */
waits: boolean, 
/**
 * What is known without making it.
 */
findings: Array<FindingView>, };

/** Prints one paper of a packet. */
export type PacketPrintArgs = { visit: AppointmentId, form: string, 
/**
 * As in [`PrintArgs`].
 */
confirmed: boolean, };

/** What came of it: printed, or what has to be answered first. */
export type PacketPrinted = { 
/**
 * None: not printed; the findings say why.
 */
printer: string | null, findings: Array<FindingView>, };

export type PacketView = { day: string, kinds: Array<PacketKind>, visits: Array<PacketVisit>, };

/** A visit and what is to be printed for it. */
export type PacketVisit = { visit: AppointmentId, 
/**
 * Wall time.
 */
start: string, practitioner: string, person: PersonRow, papers: Array<PacketPaper>, };

export type PageSize = { width_mm: number, height_mm: number, };

/** A printed paper. */
export type PaperId = string;

/** A kind of paper. */
export type PaperKind = { form: string, title: string, 
/**
 * A medical worker signs beside the patient.
 */
medical_worker: boolean, 
/**
 * It is made for somebody; the others are printed here as blanks.
 */
of_person: boolean, 
/**
 * A PDF of the clinic's own.
 */
file: boolean, };

/** A prepared paper; its bytes come from the raw command `paper_pdf`, unless it is refused. */
export type PaperPreview = { paper: PaperId, title: string, pages: number, revision: number, 
/**
 * The gravest first.
 */
findings: Array<FindingView>, 
/**
 * It goes out under its first number, marked «повторно».
 */
repeated: boolean, 
/**
 * How papers of this kind were printed last at this computer.
 */
way: PrintWay, };

/** A paper that was printed for the person. */
export type PaperRecord = { id: PaperId, 
/**
 * Code of the form, `consent_pd`.
 */
form: string, revision: number, 
/**
 * SHA-256 of the wording, hex.
 */
text_sha256: string, 
/**
 * SHA-256 of the file that went to the printer, hex.
 */
pdf_sha256: string, copies: number, printed_at: string, printed_by: StaffId, purpose: PrintPurpose, 
/**
 * What became of the sheet since. Steps are only added, and taken back from the end.
 */
steps?: Array<PaperStep>, };

/** What has become of a printed sheet. */
export type PaperStage = "prepared" | "printed" | "handed_out" | "signed" | "refused" | "spoiled" | "scanned" | "filed" | "unknown";

/** A step in the life of a printed sheet. */
export type PaperStep = { id: ActionId, stage: PaperStage, at: string, 
/**
 * Who has seen it.
 */
by: StaffId, 
/**
 * For consent to treatment: who explained it and signed.
 */
medical_worker: PractitionerId | null, };

/** What became of a sheet. */
export type PaperStepArgs = { person: PersonId, paper: PaperId, stage: PaperStage, 
/**
 * Needed for a signed consent to treatment.
 */
medical_worker: PractitionerId | null, };

/** Undo of the last step. */
export type PaperStepBackArgs = { person: PersonId, paper: PaperId, step: ActionId, };

/** How a kind of paper is printed here. */
export type PaperWay = { form: string, title: string, way: PrintWay, 
/**
 * False: never printed here, so it goes the usual way.
 */
remembered: boolean, };

export type PaperWayArgs = { form: string, way: PrintWay, };

/** As in [`MergeView`]. */
export type PartArgs = { survivor: PersonId, merge: ActionId, };

export type PartingView = { at: string, by: string, };

export type PersonArgs = { id: PersonId, };

export type PersonCard = { row: PersonRow, full_name: PersonName, phones: Array<PhoneView>, email: string | null, birth_date: string | null, note: string | null, source: PersonSource, 
/**
 * Which edit wrote the card; pass it back.
 */
etag: ActionId | null, visits: Array<VisitRow>, requests: Array<QueueRow>, 
/**
 * Of a blocked person: what has to be taken out of where papers lie.
 */
papers: Array<PaperRecord>, 
/**
 * Others with one of these phones: a household.
 */
household: Array<PersonRow>, 
/**
 * Others of the same full name with other phones: namesakes, or a second card of the same person.
 */
namesakes: Array<PersonRow>, 
/**
 * Merges with other cards, the latest first, those that were taken back too.
 */
merges: Array<MergeView>, 
/**
 * The latest first, lifted ones too.
 */
blocks: Array<BlockView>, 
/**
 * One for each kind.
 */
consents: Array<ConsentView>, 
/**
 * Blocked, and shown whole to whoever checks the data.
 */
whole: boolean, };

/** A person who turned to the clinic. */
export type PersonId = string;

/** A person's name in three fields, and as it was given. */
export type PersonName = { family: string, given: string, 
/**
 * Empty when unknown: never «нет».
 */
patronymic: string, };

/** Creates (`id` none) or edits a person. */
export type PersonPutArgs = { id: PersonId | null, 
/**
 * Of the card that was shown; none for a new person.
 */
etag: ActionId | null, name: PersonName, phones: Array<string>, email: string | null, birth_date: string | null, note: string | null, source: PersonSource, 
/**
 * Links this request to the person in the same breath.
 */
request: RequestId | null, };

export type PersonRow = { id: PersonId, 
/**
 * «Данные заблокированы» for whoever is blocked.
 */
name: string, phone_masked: string, birth_date: string | null, blocked: boolean, certainty: Certainty, };

/** How the person came; decides which text applies to their data. */
export type PersonSource = "site" | "desk_walkin" | "desk_phone";

/** Where the application stands. */
export type Phase = "not_connected" | "locked" | "signed_in" | "trouble";

/** What may be done with what was read. */
export type PhoneStatus = "valid" | "toll_free" | "foreign" | "incomplete" | "ambiguous" | "invalid";

export type PhoneView = { 
/**
 * As it was given.
 */
raw: string, 
/**
 * `+7 912 345-67-89`, or the raw text when it could not be read.
 */
display: string, masked: string, e164: string | null, ext: string | null, status: PhoneStatus, warnings: Array<PhoneWarning>, };

/** What a person should know about the reading. */
export type PhoneWarning = "plus_eight_read" | "no_sms" | "kazakhstan" | "maybe_foreign" | "several_numbers" | "no_city_code" | "too_short" | "too_long" | "eight_inside_mask" | "foreign_signs";

/** The last try came to nothing. */
export type PolicyFailed = { why: PolicyTrouble, 
/**
 * The first such try in a row.
 */
since: string, };

/** Somebody has read this version and looked whether the consents fit. */
export type PolicyReadArgs = { n: number, };

/** Why the policy could not be read. */
export type PolicyTrouble = "unreachable" | "no_page" | "moved" | "too_large" | "no_text";

export type PolicyVersion = { n: number, 
/**
 * Of the text without markup, hex.
 */
sha256: string, seen_at: string, 
/**
 * When somebody said that they have read it; the first version of a page needs nobody.
 */
read_at: string | null, read_by: string, };

/** What is known of the policy's text. Of this desk: each looks for itself. */
export type PolicyView = { 
/**
 * Where it is read; empty: nobody has said where.
 */
page: string, 
/**
 * When it was read last.
 */
checked_at: string | null, 
/**
 * Why it could not be read since then.
 */
trouble: PolicyFailed | null, 
/**
 * The newest first.
 */
versions: Array<PolicyVersion>, 
/**
 * The newest version, if nobody has said that they read it.
 */
unread: number | null, };

/** Times that practice sets, in minutes unless the name says days; `max_tries` is a count. */
export type PracticeSettings = { call_within_minutes: number, retry_after_minutes: number, max_tries: number, no_show_grace_minutes: number, visit_minutes: number, claim_minutes: number, 
/**
 * Days; at most what the law allows.
 */
keep_requests_days: number, keep_visits_days: number, };

/** A doctor. */
export type PractitionerId = string;

export type Preferences = { theme: Theme, 
/**
 * Size of the text: 90 to 200.
 */
text_percent: number, 
/**
 * Single letters and digits are commands.
 */
plain_keys: boolean, 
/**
 * Names and numbers are hidden until they are pointed at: the screen is seen from the hall.
 */
privacy: boolean, 
/**
 * Keys that were chosen in place of the usual ones.
 */
shortcuts: Array<KeyChoice>, };

export type PreviewArgs = { 
/**
 * `consent_pd`
 */
form: string, 
/**
 * None: a blank to fill by hand.
 */
person: PersonId | null, 
/**
 * The visit that the paper is for.
 */
visit: AppointmentId | null, 
/**
 * Who is going to sign; none: whoever signs papers of this kind.
 */
signer: Signer | null, 
/**
 * The day that a journal or a day sheet is about.
 */
day: string | null, 
/**
 * Whose day a day sheet shows.
 */
practitioner: PractitionerId | null, 
/**
 * The block that a notice is about.
 */
block: ActionId | null, 
/**
 * The case that it is printed for; of a leak `person` says to whom it goes.
 */
case: CaseId | null, 
/**
 * The workstation that the act of its end is about.
 */
desk: DeskId | null, };

export type PrintArgs = { paper: PaperId, way: PrintWay, 
/**
 * Everything that is asked was looked at by whoever prints.
 */
confirmed: boolean, };

/** Why a paper was printed. */
export type PrintPurpose = "visit" | "desk" | "unknown";

/** How a kind of paper is printed at this computer. */
export type PrintWay = { 
/**
 * None: the system's default printer.
 */
printer: string | null, copies: number, 
/**
 * On both sides.
 */
duplex: boolean, 
/**
 * `tray-2`; none: as the printer is set.
 */
tray: string | null, };

export type Printed = { printer: string, 
/**
 * Number of the job in `print_jobs`.
 */
job: number, };

export type PrinterView = { name: string, is_default: boolean, };

/** What somebody is to be called for (policy 4). */
export type Purpose = "service" | "reminder" | "newsletter" | "advertising";

/** Why what a site sent waits for a person: «поля не распознаны». */
export type QuarantineReason = "broken_json" | "unknown_encoding" | "nothing_recognised" | "naked_time" | "other_currency" | "reader_failed";

export type QueueArgs = { filter: QueueFilter, };

/** Which requests to list. */
export type QueueFilter = "open" | "overdue" | "mine" | "free" | "quarantine" | "closed";

/** One row of the queue. */
export type QueueRow = { id: RequestId, kind: RequestKind, status: RequestStatus, name: string, 
/**
 * `+7 ••• •••-67-89`
 */
phone_masked: string, service: string | null, submitted_at: string, 
/**
 * When it is due in clinic hours.
 */
due_at: string | null, overdue: boolean, tries: number, 
/**
 * Name of whoever works on it now.
 */
claimed_by: string | null, claimed_by_me: boolean, 
/**
 * Other open requests with the same phone.
 */
same_phone: number, 
/**
 * Stands below another one of the same phone, whatever its own time.
 */
follows: boolean, 
/**
 * «поля не распознаны»: why it is shown as it came.
 */
quarantine: QuarantineReason | null, 
/**
 * The site says that it no longer stands.
 */
withdrawn: boolean, 
/**
 * Somebody tried the door.
 */
test: boolean, 
/**
 * The data are blocked: name and number are a stub.
 */
blocked: boolean, certainty: Certainty, };

export type QueueView = { rows: Array<QueueRow>, open: number, overdue: number, };

/** This desk comes in again, with its database and its outbox. */
export type ReconnectArgs = { 
/**
 * One-time code, made at another workstation.
 */
code: string, desk_name: string, };

/** Spends, or pays back, a part of a certificate, or all of it. */
export type RedeemArgs = { id: CertificateId, 
/**
 * Above zero.
 */
amount: Kopecks, };

/** What became of a redemption. */
export type RedeemOutcome = "confirmed" | "held" | "refused";

/** What the gateway said of money: a sale, a redemption, a reversal, a refund. */
export type Redeemed = { certificate: CertificateView, outcome: RedeemOutcome, 
/**
 * With [`RedeemOutcome::Refused`]: why. The action is in the outbox, for a person to deal with.
 */
refusal: Refusal | null, };

/** Why not. */
export type Refusal = { "refusal": "not_found" } | { "refusal": "wrong_kind" } | { "refusal": "already_exists" } | { "refusal": "forbidden" } | { "refusal": "changed_meanwhile", version: number, } | { "refusal": "claimed_by_other" } | { "refusal": "request_closed" } | { "refusal": "request_open" } | { "refusal": "not_quarantined" } | { "refusal": "no_such_call" } | { "refusal": "person_unknown" } | { "refusal": "person_blocked" } | { "refusal": "no_such_block" } | { "refusal": "same_card" } | { "refusal": "card_merged" } | { "refusal": "no_such_merge" } | { "refusal": "bad_interval" } | { "refusal": "slot_taken", clash: Clash, by: AppointmentId, } | { "refusal": "wrong_status", status: AppointmentStatus, } | { "refusal": "too_early" } | { "refusal": "bad_amount" } | { "refusal": "balance_too_low", balance: Kopecks, } | { "refusal": "certificate_blocked" } | { "refusal": "certificate_expired" } | { "refusal": "no_such_redemption" } | { "refusal": "too_late" } | { "refusal": "bad_date" } | { "refusal": "refund_requested" } | { "refusal": "refund_not_requested" } | { "refusal": "not_paid" } | { "refusal": "money_owed" } | { "refusal": "no_such_paper" } | { "refusal": "paper_stage", stage: PaperStage, } | { "refusal": "no_medical_worker" } | { "refusal": "case_at_another_step", status: CaseStatus, } | { "refusal": "held_meanwhile" } | { "refusal": "bad_sealed_part" } | { "refusal": "no_clinic" } | { "refusal": "unknown" };

export type RequestArgs = { id: RequestId, };

/** The whole request. */
export type RequestCard = { row: QueueRow, phone: PhoneView | null, email: string | null, doctor: string | null, preferred_time: string | null, comment: string | null, extra: Array<[string, string]>, 
/**
 * Field by field as the site sent it; only while it is not understood.
 */
sent: Array<[string, string]>, source: Source, 
/**
 * «согласие не подтверждено» unless the site brought its record.
 */
consent_field: string | null, calls: Array<CallView>, next_try_at: string | null, 
/**
 * Suggested next try if nobody answers now.
 */
suggested_try_at: string | null, suggest_close: boolean, person: PersonRow | null, 
/**
 * People with the same phone: a chooser, never a merge.
 */
matches: Array<PersonRow>, same_phone: Array<QueueRow>, appointment: AppointmentId | null, 
/**
 * An open visit of the same phone.
 */
next_visit: VisitRow | null, };

/** A request from the website («заявка»). */
export type RequestId = string;

/** What the visitor asked for. */
export type RequestKind = "callback" | "booking" | "certificate_order" | "message";

/** Where a request stands. */
export type RequestStatus = "new" | "assigned" | "retry_scheduled" | "reached" | "converted" | "closed_answered" | "closed_refused" | "closed_unreachable" | "closed_wrong_number" | "closed_not_requested" | "duplicate" | "spam";

/** What stands in the header of every paper. An organisation's public data; nothing personal. */
export type Requisites = { full_name: string, short_name: string, inn: string, ogrn: string, address: string, phone: string, privacy_email: string, licence: string, 
/**
 * Those who process personal data on the clinic's instruction: name and address, one a line.
 */
processors: Array<string>, 
/**
 * Where the site's privacy policy is read; empty: it is not watched.
 */
policy_page: string, };

/** What a second reading came to. */
export type Reread = { card: RequestCard, 
/**
 * Still not understood, and why; nothing was changed then.
 */
still: QuarantineReason | null, };

export type RescueArgs = { way: RescueWay, 
/**
 * With `kit`, and with `copy` where the keychain has no keys: the code of the kit.
 */
code: string | null, 
/**
 * With `copy`: the whole path of the copy.
 */
file: string | null, };

/** With the phase `trouble`: what is left, and which ways lead out. */
export type RescueView = { 
/**
 * The keychain has keys that may be used.
 */
keys_here: boolean, 
/**
 * The database lies beside what a kit opens.
 */
kit_opens: boolean, 
/**
 * Since when the newest of those kits is in force.
 */
kit_made_at: string | null, 
/**
 * Unsent actions that read, where the database does not open as a whole; None: it cannot be known.
 */
unsent: number | null, 
/**
 * Actions that are named but do not read; None: it cannot be known.
 */
unreadable: number | null, 
/**
 * When the file of the database was last written.
 */
written_at: string | null, 
/**
 * The newest first.
 */
copies: Array<CopyView>, };

/** A way out of trouble with the database or its key. */
export type RescueWay = "kit" | "anew" | "copy" | "reconnect";

/** What became of a database that did not open. */
export type RescuedView = { at: string, way: RescueWay, 
/**
 * Unsent actions that were read and go on.
 */
unsent: number, unreadable: number | null, 
/**
 * Name of the file that the old database has now, in the desk's folder.
 */
set_aside: string | null, 
/**
 * With `copy`: when the copy was made.
 */
copy_at: string | null, };

export type ResolveArgs = { id: ActionId, 
/**
 * Of theirs as it was shown. Another one by now is refused: look again.
 */
etag: ActionId | null, 
/**
 * One for each clash.
 */
choices: Array<FieldChoice>, };

export type RetractCallArgs = { id: RequestId, call: ActionId, };

export type ReverseArgs = { id: CertificateId, redemption: ActionId, };

export type RevisionRow = { revision: number, 
/**
 * None: it comes with the program.
 */
saved_at: string | null, saved_by: string, sign_again: boolean, 
/**
 * SHA-256 of the whole text, hex.
 */
sha256: string, };

/** A role at the desk. */
export type Role = "receptionist" | "senior" | "responsible" | "manager";

export type SaveArgs = { paper: PaperId, 
/**
 * As in [`PrintArgs`].
 */
confirmed: boolean, };

export type SavedFile = { 
/**
 * Where the file went; the user is told.
 */
path: string, };

/** What a scanner typed. */
export type ScanArgs = { typed: string, };

export type ScanFileArgs = { 
/**
 * Of [`FileTaken`].
 */
file: string, };

/** Notes that a sheet was signed and keeps its pages. */
export type ScanKeepArgs = { file: string, paper: PaperId, medical_worker: PractitionerId | null, };

/** What was read off a scanned file. */
export type ScanRead = { 
/**
 * Sheets whose mark was read, in the order of the pages.
 */
sheets: Array<ScanSheet>, 
/**
 * Marks of sheets that are on no card here.
 */
unknown: number, 
/**
 * Pages without a mark that could be read.
 */
unread: Array<number>, pages: number, };

export type ScanSheet = { sheet: SheetView, 
/**
 * From 1.
 */
pages: Array<number>, 
/**
 * Revision of the text by the mark on the sheet.
 */
revision: number, };

export type SearchArgs = { query: string, limit: number, };

export type SearchHit = { kind: HitKind, id: EntityRef, title: string, subtitle: string, 
/**
 * The data of whom it is about are blocked.
 */
blocked: boolean, };

export type SearchView = { hits: Array<SearchHit>, 
/**
 * Set when nothing was found as typed and the other keyboard layout was: «показано для „иванов“».
 */
shown_for: string | null, };

/** What people come for, and how long it takes as a rule. */
export type Service = { 
/**
 * «Гигиена полости рта».
 */
name: string, minutes: number, };

/** Everything that a manager may change. */
export type SettingsView = { 
/**
 * Of the clinic's record; pass it back with [`ClinicArgs`].
 */
etag: ActionId | null, 
/**
 * IANA zone, chosen when the clinic was founded.
 */
zone: string, clinic: ClinicSettings, 
/**
 * In the order of the columns.
 */
doctors: Array<DoctorRow>, staff: Array<StaffRow>, };

/** A step of the first set-up, after the clinic and its first manager are there. */
export type SetupStep = "kit" | "proof" | "requisites" | "print" | "request" | "done";

/** A printed sheet of somebody. */
export type SheetArgs = { person: PersonId, paper: PaperId, };

/** A sheet with whom it is of. */
export type SheetView = { person: PersonRow, paper: PaperRecord, title: string, stage: PaperStage, printed_by: string, medical_worker: boolean, };

/** The brief at the start of a shift. */
export type ShiftBrief = { as_of: string | null, 
/**
 * False: the gateway did not answer; the brief is from this desk's own data.
 */
fresh: boolean, 
/**
 * When the shift before this one started at this desk.
 */
since: string | null, 
/**
 * Requests that came since then.
 */
new_requests: number, overdue: number, due_today: number, visits_today: number, unconfirmed_today: number, unsent: number, refused: number, 
/**
 * The first rows of the queue.
 */
first: Array<QueueRow>, };

export type ShiftEndArgs = { 
/**
 * What the receipts of certificates come to; none: not counted.
 */
receipts: Kopecks | null, 
/**
 * The spoilt sheets were shredded.
 */
shredded: boolean, };

/** Which side of a conflict. */
export type Side = "before" | "mine" | "theirs";

/** Somebody who is to sign a paper anew. */
export type SignAgainRow = { person: PersonRow, 
/**
 * The newest one that was signed.
 */
revision: number, signed_at: string, };

export type SignInArgs = { login: string, 
/**
 * Password or PIN.
 */
secret: string, };

/** Who is going to sign. */
export type Signer = "patient" | "legal_representative" | "escort";

/** What is heard. */
export type SoundKind = "new" | "due" | "refused";

/** Which door the request came through. */
export type Source = { 
/**
 * `tilda`, `form`.
 */
connector: string, 
/**
 * The id of the configured source.
 */
source: string, 
/**
 * The site's host, if it said.
 */
site: string | null, };

/** A source of requests and how it fares. Counts are of the last seven days. */
export type SourceRow = { id: string, name: string, 
/**
 * `tilda`, `woocommerce`, …
 */
connector: string, kind: RequestKind, zone: string | null, enabled: boolean, last_seen: string | null, taken: number, quarantined: number, failed: number, last_error: string | null, 
/**
 * Silent for clearly longer than it ever was.
 */
silent: boolean, };

export type StaffArgs = { 
/**
 * None: somebody new.
 */
id: StaffId | null, 
/**
 * As in [`DoctorArgs`].
 */
etag: ActionId | null, name: PersonName, role: Role, login: string, 
/**
 * Password or PIN; none keeps the one that is there.
 */
secret: string | null, active: boolean, };

/** A member of the staff. */
export type StaffId = string;

export type StaffRow = { id: StaffId, 
/**
 * Of the record; pass it back with [`StaffArgs`].
 */
etag: ActionId | null, name: PersonName, role: Role, login: string, active: boolean, 
/**
 * Whoever is signed in here.
 */
me: boolean, };

export type StaffView = { id: StaffId, name: string, role: Role, };

export type StampField = { field: string, title: string, };

/** A field of the desk on a PDF of the clinic's own; lengths in millimetres from the upper left corner of the page. */
export type StampView = { 
/**
 * From 1.
 */
page: number, x_mm: number, 
/**
 * Of the line on which the text stands.
 */
y_mm: number, 
/**
 * A longer text is set smaller.
 */
width_mm: number, size_pt: number, 
/**
 * `person.full_name`
 */
field: string, };

/** Always visible. Also the payload of the event `sync`. */
export type SyncView = { link: Link, 
/**
 * Data as of: the last complete pull.
 */
as_of: string | null, 
/**
 * The last answer of the gateway to anything.
 */
last_contact: string | null, unsent: number, 
/**
 * Refused actions that a person has to look at.
 */
refused: number, 
/**
 * Records of a newer version of this program, kept but not shown.
 */
newer: number, 
/**
 * While pulling: rows so far.
 */
pulled: number, 
/**
 * This computer's clock minus the gateway's, seconds; worth a banner past 120.
 */
clock_drift_seconds: number | null, 
/**
 * Next try when offline.
 */
retry_at: string | null, 
/**
 * With [`Link::Outdated`]: the oldest version that the gateway lets in.
 */
needs_version: string | null, 
/**
 * With [`Link::Refused`]: the clinic's key was changed, and this desk was not given the new one.
 */
lacks_key: boolean, };

export type TakeOverArgs = { 
/**
 * Whose note.
 */
staff: StaffId, note: ActionId, };

/** Who works now, and the notes for the next shift. */
export type TeamView = { working: Array<WorkerRow>, 
/**
 * The newest first; those that nobody has taken over before the others.
 */
notes: Array<HandOverRow>, };

/** What a term is of. */
export type TermKind = "subject_access" | "rectify" | "destroy_shown" | "stop_unlawful" | "destroy_unlawful" | "stop_processing" | "withdraw_destroy" | "purpose_destroy" | "authority_request" | "leak_first" | "leak_result" | "leak_subjects" | "claim_policy" | "claim_money" | "ad_stop" | "block" | "act_keep";

/** Light or dark. */
export type Theme = "system" | "light" | "dark";

/** An error as the window gets it. */
export type UiError = { code: Code, 
/**
 * With [`Code::Refused`]: why.
 */
refusal: Refusal | null, 
/**
 * With [`Code::TooManyTries`]: how long to wait.
 */
wait_seconds: number | null, 
/**
 * With [`Code::BadInput`]: which field.
 */
field: string | null, 
/**
 * With [`Code::Outdated`]: the oldest version that the gateway lets in.
 */
needs_version: string | null, };

export type UnblockArgs = { person: PersonId, 
/**
 * As in [`BlockView::id`].
 */
block: ActionId | null, ground: LiftGround, 
/**
 * What the check has shown and on what paper: never empty.
 */
evidence: string, };

export type VisitArgs = { id: AppointmentId, step: VisitStep, };

export type VisitRow = { id: AppointmentId, status: AppointmentStatus, practitioner: PractitionerId, practitioner_name: string, chair: ChairId, chair_name: string, 
/**
 * Wall.
 */
start: string, 
/**
 * Wall, exclusive.
 */
end: string, person: PersonId, 
/**
 * «Иванова А. П.»
 */
person_name: string, phone_masked: string, service: string | null, note: string | null, confirmed: boolean, cancel_reason: CancelReason | null, moved: number, 
/**
 * The person's data are blocked: the time stays, nothing else is shown.
 */
blocked: boolean, certainty: Certainty, 
/**
 * What it gets in the way of, by the start: all are shown, a person decides.
 */
meets: Array<Meeting>, 
/**
 * The grace is over: a no-show may be noted.
 */
no_show_allowed: boolean, 
/**
 * The person would come earlier, if a time came free.
 */
wants_earlier: boolean, 
/**
 * The doctor is away then, or does not receive at that time.
 */
outside_hours: boolean, };

/** A step in the life of a visit. */
export type VisitStep = "confirm" | "arrive" | "check_in" | "fulfil" | "no_show" | "restore" | "undo";

/** Sheets that wait for a signature: of all, of one person, of those printed on a day. */
export type WaitingArgs = { person: PersonId | null, day: string | null, };

/** Sheets that somebody still has to sign, the latest first. */
export type WaitingPapers = { sheets: Array<SheetView>, 
/**
 * There are more people with such sheets than are shown.
 */
more: boolean, };

export type WaitingRow = { visit: VisitRow, 
/**
 * The free time suits it: the same doctor, long enough, earlier than its own.
 */
fits: boolean, };

/** Who waits for a time. */
export type WaitingView = { 
/**
 * The visit whose time came free.
 */
freed: VisitRow | null, 
/**
 * Visits to come whose people would come earlier; those that fit the free time first, then by their start.
 */
earlier: Array<WaitingRow>, 
/**
 * Cancelled and missed visits of people who have no other one since, the newest first.
 */
unscheduled: Array<VisitRow>, };

export type WaitlistArgs = { 
/**
 * The visit whose time came free: whom it would suit is marked.
 */
freed: AppointmentId | null, };

/** Hours by weekday, Monday first; `None` is a day off. */
export type Week = [DayHours | null, DayHours | null, DayHours | null, DayHours | null, DayHours | null, DayHours | null, DayHours | null];

/** A week, Monday first. */
export type WeekView = { days: Array<DayView>, };

/** How far a finding goes. */
export type Weight = "note" | "ask" | "refuse";

/** How the window behaves: for whoever is signed in, and at this desk. */
export type WindowSettings = { mine: Preferences, desk: DeskManners, };

export type WishArgs = { id: AppointmentId, earlier: boolean, };

/** A text as it stands in the editor. */
export type WordingArgs = { form: string, text: string, 
/**
 * Shown as a blank, not with an invented case.
 */
blank: boolean, };

export type WordingChecked = { complaints: Array<ComplaintView>, 
/**
 * What it would look like; `paper_pdf` gives the bytes. It cannot be printed.
 */
paper: PaperId | null, pages: number, };

export type WordingItem = { 
/**
 * As it is marked in the text, without the brackets.
 */
code: string, name: string, 
/**
 * Fields that the text must print for it.
 */
fields: Array<string>, };

/** A kind of paper as it is printed now. */
export type WordingRow = { form: string, title: string, revision: number, 
/**
 * The clinic's own text, not the one that comes with the program.
 */
edited: boolean, 
/**
 * The program has brought a newer text than the one that was edited: that one is printed.
 */
overtaken: boolean, 
/**
 * A PDF of the clinic's own.
 */
file: boolean, saved_at: string | null, saved_by: string, 
/**
 * People who have signed an earlier revision and are to sign anew.
 */
sign_again: number, 
/**
 * What is wrong with the text today: an act may have gone out of force.
 */
complaints: number, };

export type WordingSaveArgs = { form: string, text: string, 
/**
 * The revision that was edited.
 */
revision: number, 
/**
 * Whoever signed an earlier revision is to sign anew.
 */
sign_again: boolean, };

export type WordingSaved = { 
/**
 * Not saved because of these.
 */
complaints: Array<ComplaintView>, 
/**
 * As it is printed now.
 */
wording: WordingView, };

/** A text to be edited. */
export type WordingView = { form: string, title: string, 
/**
 * The one that is printed.
 */
revision: number, text: string, 
/**
 * What the paper must say.
 */
items: Array<WordingItem>, 
/**
 * What it may print.
 */
fields: Array<string>, 
/**
 * The newest first.
 */
revisions: Array<RevisionRow>, };

export type WorkerRow = { name: string, since: string, 
/**
 * At this desk.
 */
here: boolean, 
/**
 * Whoever is signed in.
 */
me: boolean, };

/** Every command: what it takes and what it answers. It rejects with a UiError. */
export interface Commands {
  app_view: { args: Nothing; view: AppView };
  connect: { args: ConnectArgs; view: AppView };
  found_clinic: { args: FoundArgs; view: AppView };
  rescue: { args: RescueArgs; view: AppView };
  sign_in: { args: SignInArgs; view: AppView };
  lock: { args: Nothing; view: AppView };
  touch: { args: Nothing; view: Nothing };
  shift_start: { args: Nothing; view: ShiftBrief };
  shift_brief: { args: Nothing; view: ShiftBrief };
  shift_team: { args: Nothing; view: TeamView };
  shift_note: { args: HandOverArgs; view: TeamView };
  shift_take: { args: TakeOverArgs; view: TeamView };
  shift_closing: { args: Nothing; view: ClosingView };
  shift_end: { args: ShiftEndArgs; view: ClosingView };
  sync_view: { args: Nothing; view: SyncView };
  sync_now: { args: Nothing; view: SyncView };
  outbox_list: { args: Nothing; view: Array<OutboxRow> };
  outbox_retry: { args: OutboxArgs; view: Nothing };
  outbox_discard: { args: OutboxArgs; view: Nothing };
  outbox_draft: { args: OutboxArgs; view: Draft };
  outbox_amend: { args: AmendArgs; view: Nothing };
  outbox_conflict: { args: OutboxArgs; view: ConflictView };
  outbox_resolve: { args: ResolveArgs; view: Nothing };
  queue_list: { args: QueueArgs; view: QueueView };
  request_card: { args: RequestArgs; view: RequestCard };
  request_claim: { args: RequestArgs; view: RequestCard };
  request_release: { args: RequestArgs; view: RequestCard };
  request_log_call: { args: LogCallArgs; view: RequestCard };
  request_retract_call: { args: RetractCallArgs; view: RequestCard };
  request_close: { args: CloseArgs; view: RequestCard };
  request_reopen: { args: RequestArgs; view: RequestCard };
  request_reread: { args: RequestArgs; view: Reread };
  request_link_person: { args: LinkPersonArgs; view: RequestCard };
  request_check: { args: RequestArgs; view: RequestCard };
  schedule_day: { args: DayArgs; view: DayView };
  schedule_week: { args: DayArgs; view: WeekView };
  schedule_openings: { args: OpeningsArgs; view: Array<Opening> };
  schedule_confirmations: { args: Nothing; view: ConfirmationView };
  schedule_waiting: { args: WaitlistArgs; view: WaitingView };
  visit_book: { args: BookArgs; view: Booked };
  visit_move: { args: MoveArgs; view: VisitRow };
  visit_step: { args: VisitArgs; view: VisitRow };
  visit_cancel: { args: CancelArgs; view: VisitRow };
  visit_wish: { args: WishArgs; view: VisitRow };
  certificate_find: { args: CertificateArgs; view: CertificateFound };
  certificate_card: { args: CertificateByIdArgs; view: CertificateView };
  certificate_last4: { args: LastFourArgs; view: LastFourView };
  certificate_issue: { args: IssueArgs; view: Redeemed };
  certificate_redeem: { args: RedeemArgs; view: Redeemed };
  certificate_reverse: { args: ReverseArgs; view: Redeemed };
  certificate_refund: { args: RedeemArgs; view: Redeemed };
  certificate_extend: { args: ExtendArgs; view: CertificateView };
  certificate_step: { args: CertificateStepArgs; view: CertificateView };
  certificate_paper: { args: CertificatePaperArgs; view: PaperPreview };
  certificates_of: { args: PersonArgs; view: Array<CertificateRow> };
  person_card: { args: PersonArgs; view: PersonCard };
  person_put: { args: PersonPutArgs; view: PersonCard };
  person_cover: { args: CoverArgs; view: CoverView };
  person_block: { args: BlockArgs; view: PersonCard };
  person_check: { args: PersonArgs; view: PersonCard };
  person_unblock: { args: UnblockArgs; view: PersonCard };
  person_merge: { args: MergeArgs; view: PersonCard };
  person_part: { args: PartArgs; view: PersonCard };
  consent_record: { args: ConsentArgs; view: PersonCard };
  contact_ask: { args: ContactArgs; view: ContactLeave };
  cases_list: { args: CasesArgs; view: CasesView };
  case_card: { args: CaseArgs; view: CaseCard };
  case_check: { args: CaseArgs; view: CaseCard };
  case_put: { args: CasePutArgs; view: CaseCard };
  case_step: { args: CaseStepArgs; view: CaseCard };
  case_step_back: { args: CaseStepBackArgs; view: CaseCard };
  case_affected: { args: CaseArgs; view: AffectedView };
  data_export: { args: ExportArgs; view: Exported };
  list_export: { args: ListExportArgs; view: Exported };
  destruction_queue: { args: Nothing; view: DestructionView };
  destruction_run: { args: DestroyArgs; view: DestructionView };
  audit_view: { args: AuditArgs; view: AuditView };
  policy_view: { args: Nothing; view: PolicyView };
  policy_check: { args: Nothing; view: PolicyView };
  policy_read: { args: PolicyReadArgs; view: PolicyView };
  search: { args: SearchArgs; view: SearchView };
  paper_preview: { args: PreviewArgs; view: PaperPreview };
  paper_print: { args: PrintArgs; view: Printed };
  paper_save: { args: SaveArgs; view: SavedFile };
  paper_kinds: { args: Nothing; view: Array<PaperKind> };
  paper_again: { args: SheetArgs; view: PaperPreview };
  paper_step: { args: PaperStepArgs; view: SheetView };
  paper_step_back: { args: PaperStepBackArgs; view: SheetView };
  paper_scan: { args: ScanArgs; view: SheetView };
  paper_scan_file: { args: ScanFileArgs; view: ScanRead };
  paper_scan_keep: { args: ScanKeepArgs; view: SheetView };
  paper_scanned: { args: SheetArgs; view: PaperPreview };
  papers_waiting: { args: WaitingArgs; view: WaitingPapers };
  doctors: { args: Nothing; view: Array<DoctorView> };
  papers_journal: { args: JournalArgs; view: Array<JournalRow> };
  packet_view: { args: PacketArgs; view: PacketView };
  packet_print: { args: PacketPrintArgs; view: PacketPrinted };
  packet_kinds: { args: PacketKindsArgs; view: Nothing };
  paper_ways: { args: Nothing; view: Array<PaperWay> };
  paper_way_put: { args: PaperWayArgs; view: Array<PaperWay> };
  paper_trial: { args: PaperWayArgs; view: Printed };
  printers: { args: Nothing; view: Array<PrinterView> };
  print_jobs: { args: Nothing; view: Array<JobView> };
  wordings_list: { args: Nothing; view: Array<WordingRow> };
  wording_open: { args: FormArgs; view: WordingView };
  wording_check: { args: WordingArgs; view: WordingChecked };
  wording_save: { args: WordingSaveArgs; view: WordingSaved };
  wording_sign_again: { args: FormArgs; view: Array<SignAgainRow> };
  own_form_new: { args: OwnFormNewArgs; view: OwnFormView };
  own_form_open: { args: FormArgs; view: OwnFormView };
  own_form_put: { args: OwnFormPutArgs; view: OwnFormView };
  own_form_retire: { args: FormArgs; view: Nothing };
  settings_view: { args: Nothing; view: SettingsView };
  settings_clinic: { args: ClinicArgs; view: SettingsView };
  settings_doctor: { args: DoctorArgs; view: SettingsView };
  settings_staff: { args: StaffArgs; view: SettingsView };
  settings_sources: { args: Nothing; view: Array<SourceRow> };
  window_settings: { args: Nothing; view: WindowSettings };
  window_settings_put: { args: WindowSettings; view: WindowSettings };
  keys_view: { args: Nothing; view: KeysView };
  kit_print: { args: KitPrintArgs; view: KeysView };
  kit_check: { args: KitCheckArgs; view: KeysView };
  copies_folder: { args: CopiesFolderArgs; view: KeysView };
  copy_now: { args: Nothing; view: KeysView };
  rescue_read: { args: Nothing; view: KeysView };
  desks_list: { args: Nothing; view: DesksView };
  desk_release: { args: DeskReleaseArgs; view: DesksView };
  desk_invite: { args: Nothing; view: InvitationView };
  reconnect: { args: ReconnectArgs; view: SyncView };
}
