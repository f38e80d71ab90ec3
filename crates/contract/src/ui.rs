//! What the window sees and sends. Every command takes one `…Args` struct and answers with one view.
//!
//! Times are instants (RFC 3339 text) unless a field says *wall*: then it is wall time in the clinic's zone,
//! `2026-11-23T10:30:00`. `Debug` of views with personal data is deliberately not derived into logs: the shell logs
//! command names only.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::{
    ActionId, AppointmentId, CertificateId, ChairId, EntityRef, Kopecks, PaperId, PersonId, PractitionerId, Refusal,
    RequestId, StaffId,
    appointment::{AppointmentStatus, CancelReason},
    certificate::{CertificateOrigin, CertificateStatus, LedgerKind},
    person::{PaperRecord, PersonSource},
    personal::PersonName,
    phone::{PhoneStatus, PhoneWarning},
    request::{CallOutcome, CloseReason, RequestKind, RequestStatus, Source},
    staff::Role,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! views {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$fmeta:meta])* pub $field:ident : $ty:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Serialize, Deserialize, TS)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$fmeta])* pub $field: $ty),* }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

/// Nothing to say or to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Nothing {}

// ---------------------------------------------------------------------------------------------------------- session

/// Where the application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No gateway yet: connect by code, or found a clinic.
    NotConnected,
    Locked,
    SignedIn,
    /// The database cannot be opened: see `trouble`.
    Trouble,
}

views! {
    /// The first thing that the window asks for.
    pub struct AppView {
        pub phase: Phase,
        pub clinic_name: Option<String>,
        /// Present in the demo only: how to sign in.
        pub demo: Option<DemoHint>,
        pub staff: Option<StaffView>,
        pub trouble: Option<UiError>,
        pub version: String,
        /// IANA zone of the clinic.
        pub zone: Option<String>,
        /// The window locks itself after so many seconds without a key or a click.
        pub idle_lock_seconds: u32,
    }

    pub struct DemoHint {
        pub logins: Vec<DemoLogin>,
    }

    pub struct DemoLogin {
        pub login: String,
        pub secret: String,
        pub role: Role,
    }

    pub struct StaffView {
        pub id: StaffId,
        pub name: String,
        pub role: Role,
    }

    pub struct ConnectArgs {
        /// `https://gateway.example.ru`
        pub gateway: String,
        /// One-time code.
        pub code: String,
        pub desk_name: String,
    }

    /// Founds a clinic at a fresh gateway.
    pub struct FoundArgs {
        pub gateway: String,
        pub code: String,
        pub desk_name: String,
        pub clinic_name: String,
        /// IANA zone, always asked for.
        pub zone: String,
        pub manager_name: PersonName,
        pub manager_login: String,
        pub manager_secret: String,
    }

    pub struct SignInArgs {
        pub login: String,
        /// Password or PIN.
        pub secret: String,
    }
}

// ------------------------------------------------------------------------------------------------------- sync, shift

/// How the link to the gateway is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// Not tried yet.
    Unknown,
    Online,
    Syncing,
    Offline,
    /// The gateway refuses this desk.
    Refused,
}

views! {
    /// Always visible. Also the payload of the event `sync`.
    pub struct SyncView {
        pub link: Link,
        /// Data as of: the last complete pull.
        pub as_of: Option<DateTime<Utc>>,
        /// The last answer of the gateway to anything.
        pub last_contact: Option<DateTime<Utc>>,
        pub unsent: u32,
        /// Refused actions that a person has to look at.
        pub refused: u32,
        /// While pulling: rows so far.
        pub pulled: u32,
        /// This computer's clock minus the gateway's, seconds; worth a banner past 120.
        pub clock_drift_seconds: Option<i32>,
        /// Next try when offline.
        pub retry_at: Option<DateTime<Utc>>,
    }

    /// The brief at the start of a shift.
    pub struct ShiftBrief {
        pub as_of: Option<DateTime<Utc>>,
        /// False: the gateway did not answer; the brief is from this desk's own data.
        pub fresh: bool,
        /// When the shift before this one started at this desk.
        pub since: Option<DateTime<Utc>>,
        /// Requests that came since then.
        pub new_requests: u32,
        pub overdue: u32,
        pub due_today: u32,
        pub visits_today: u32,
        pub unconfirmed_today: u32,
        pub unsent: u32,
        pub refused: u32,
        /// The first rows of the queue.
        pub first: Vec<QueueRow>,
    }

    /// One action of this desk that is not settled.
    pub struct OutboxRow {
        pub id: ActionId,
        pub verb: String,
        /// «Иванова А. П.», «Заявка Петрова»: what it was about.
        pub about: String,
        pub entity: EntityRef,
        pub at: DateTime<Utc>,
        pub state: OutboxState,
        pub refusal: Option<Refusal>,
        pub tries: u32,
    }

    pub struct OutboxArgs {
        pub id: ActionId,
    }
}

/// Where an action of this desk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// «Сохранено здесь, ждёт отправки»
    Saved,
    /// Sent, no answer yet: unknown, not failed.
    Unknown,
    /// Refused: needs a person.
    Refused,
    /// Waits for an earlier refused one on the same entity.
    Held,
}

/// How sure a shown record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The gateway has it.
    Confirmed,
    /// This desk's own change is not confirmed yet.
    Saved,
    /// This desk's own change was refused; the confirmed state is shown.
    Refused,
}

// ------------------------------------------------------------------------------------------------------------- queue

/// Which requests to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QueueFilter {
    Open,
    Overdue,
    Mine,
    /// Closed, newest first.
    Closed,
}

views! {
    pub struct QueueArgs {
        pub filter: QueueFilter,
    }

    /// One row of the queue.
    pub struct QueueRow {
        pub id: RequestId,
        pub kind: RequestKind,
        pub status: RequestStatus,
        pub name: String,
        /// `+7 ••• •••-67-89`
        pub phone_masked: String,
        pub service: Option<String>,
        pub submitted_at: DateTime<Utc>,
        /// When it is due in clinic hours.
        pub due_at: Option<DateTime<Utc>>,
        pub overdue: bool,
        pub tries: u32,
        /// Name of whoever works on it now.
        pub claimed_by: Option<String>,
        pub claimed_by_me: bool,
        /// Other open requests with the same phone.
        pub same_phone: u32,
        pub certainty: Certainty,
    }

    pub struct QueueView {
        pub rows: Vec<QueueRow>,
        pub open: u32,
        pub overdue: u32,
    }

    pub struct RequestArgs {
        pub id: RequestId,
    }

    pub struct PhoneView {
        /// As it was given.
        pub raw: String,
        /// `+7 912 345-67-89`, or the raw text when it could not be read.
        pub display: String,
        pub masked: String,
        pub e164: Option<String>,
        pub ext: Option<String>,
        pub status: PhoneStatus,
        pub warnings: Vec<PhoneWarning>,
    }

    pub struct CallView {
        pub id: ActionId,
        pub at: DateTime<Utc>,
        pub staff: String,
        pub outcome: CallOutcome,
        pub note: Option<String>,
        pub retracted: bool,
    }

    /// The whole request.
    pub struct RequestCard {
        pub row: QueueRow,
        pub phone: Option<PhoneView>,
        pub email: Option<String>,
        pub doctor: Option<String>,
        pub preferred_time: Option<String>,
        pub comment: Option<String>,
        pub extra: Vec<(String, String)>,
        pub source: Source,
        /// «согласие не подтверждено» unless the site brought its record.
        pub consent_field: Option<String>,
        pub calls: Vec<CallView>,
        pub next_try_at: Option<DateTime<Utc>>,
        /// Suggested next try if nobody answers now.
        pub suggested_try_at: Option<DateTime<Utc>>,
        pub suggest_close: bool,
        pub person: Option<PersonRow>,
        /// People with the same phone: a chooser, never a merge.
        pub matches: Vec<PersonRow>,
        pub same_phone: Vec<QueueRow>,
        pub appointment: Option<AppointmentId>,
        /// An open visit of the same phone.
        pub next_visit: Option<VisitRow>,
    }

    pub struct LogCallArgs {
        pub id: RequestId,
        pub outcome: CallOutcome,
        pub note: Option<String>,
        pub next_try_at: Option<DateTime<Utc>>,
    }

    pub struct RetractCallArgs {
        pub id: RequestId,
        pub call: ActionId,
    }

    pub struct CloseArgs {
        pub id: RequestId,
        pub reason: CloseReason,
    }

    pub struct LinkPersonArgs {
        pub id: RequestId,
        pub person: PersonId,
    }
}

// ---------------------------------------------------------------------------------------------------------- schedule

views! {
    pub struct DayArgs {
        /// Wall date.
        pub date: NaiveDate,
    }

    pub struct ColumnView {
        pub id: String,
        pub title: String,
        pub subtitle: String,
    }

    pub struct VisitRow {
        pub id: AppointmentId,
        pub status: AppointmentStatus,
        pub practitioner: PractitionerId,
        pub practitioner_name: String,
        pub chair: ChairId,
        pub chair_name: String,
        /// Wall.
        pub start: NaiveDateTime,
        /// Wall, exclusive.
        pub end: NaiveDateTime,
        pub person: PersonId,
        /// «Иванова А. П.»
        pub person_name: String,
        pub phone_masked: String,
        pub service: Option<String>,
        pub note: Option<String>,
        pub confirmed: bool,
        pub cancel_reason: Option<CancelReason>,
        pub moved: u32,
        pub certainty: Certainty,
        /// Meets another live visit: both are shown, a person decides.
        pub clashes: bool,
        /// The grace is over: a no-show may be noted.
        pub no_show_allowed: bool,
    }

    /// A day of the schedule.
    pub struct DayView {
        pub date: NaiveDate,
        /// Wall time of the clinic now.
        pub now: NaiveDateTime,
        /// Wall; None when the clinic is closed that day.
        pub opens: Option<NaiveDateTime>,
        pub closes: Option<NaiveDateTime>,
        pub practitioners: Vec<ColumnView>,
        pub chairs: Vec<ColumnView>,
        /// Where a doctor usually works: doctor's id, chair's id.
        pub usual_chairs: Vec<(String, String)>,
        pub visits: Vec<VisitRow>,
        pub visit_minutes: u32,
    }

    pub struct BookArgs {
        pub person: PersonId,
        pub practitioner: PractitionerId,
        pub chair: ChairId,
        pub start: NaiveDateTime,
        pub end: NaiveDateTime,
        pub service: Option<String>,
        pub note: Option<String>,
        /// The request that the visit answers.
        pub request: Option<RequestId>,
        pub agreed: bool,
    }

    pub struct MoveArgs {
        pub id: AppointmentId,
        pub practitioner: PractitionerId,
        pub chair: ChairId,
        pub start: NaiveDateTime,
        pub end: NaiveDateTime,
    }

    pub struct VisitArgs {
        pub id: AppointmentId,
        pub step: VisitStep,
    }

    pub struct CancelArgs {
        pub id: AppointmentId,
        pub reason: CancelReason,
    }

    pub struct Booked {
        pub id: AppointmentId,
        pub visit: VisitRow,
    }
}

/// A step in the life of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VisitStep {
    Confirm,
    Arrive,
    CheckIn,
    Fulfil,
    NoShow,
    /// Undo: back to booked.
    Restore,
}

// -------------------------------------------------------------------------------------------- certificates, people

views! {
    pub struct CertificateArgs {
        /// As typed; look-alike letters are folded for the lookup only.
        pub code: String,
    }

    pub struct CertificateByIdArgs {
        pub id: CertificateId,
    }

    pub struct LedgerRow {
        pub at: DateTime<Utc>,
        pub kind: LedgerKind,
        pub amount: Kopecks,
        pub balance: Kopecks,
        pub staff: Option<String>,
    }

    pub struct CertificateView {
        pub id: CertificateId,
        /// Last four of the code.
        pub last4: String,
        pub status: CertificateStatus,
        pub origin: CertificateOrigin,
        pub face_value: Kopecks,
        pub balance: Kopecks,
        pub issued_at: DateTime<Utc>,
        pub expires_on: Option<NaiveDate>,
        pub buyer: Option<String>,
        pub ledger: Vec<LedgerRow>,
        /// Age of the data shown: the last complete pull.
        pub as_of: Option<DateTime<Utc>>,
    }

    /// «Не найден» looks the same for a near miss and for nonsense.
    pub struct CertificateFound {
        pub certificate: Option<CertificateView>,
        /// Seconds to wait after too many wrong codes.
        pub wait_seconds: u32,
    }

    pub struct PersonArgs {
        pub id: PersonId,
    }

    pub struct PersonRow {
        pub id: PersonId,
        pub name: String,
        pub phone_masked: String,
        pub birth_date: Option<NaiveDate>,
        pub certainty: Certainty,
    }

    pub struct PersonCard {
        pub row: PersonRow,
        pub full_name: PersonName,
        pub phones: Vec<PhoneView>,
        pub email: Option<String>,
        pub birth_date: Option<NaiveDate>,
        pub note: Option<String>,
        pub source: PersonSource,
        /// Pass it back with an edit.
        pub version: u32,
        pub visits: Vec<VisitRow>,
        pub requests: Vec<QueueRow>,
        pub papers: Vec<PaperRecord>,
        /// Others with one of these phones: a household.
        pub household: Vec<PersonRow>,
    }

    /// Creates (`id` none) or edits a person.
    pub struct PersonPutArgs {
        pub id: Option<PersonId>,
        /// The version that was shown; 0 for a new person.
        pub version: u32,
        pub name: PersonName,
        pub phones: Vec<String>,
        pub email: Option<String>,
        pub birth_date: Option<NaiveDate>,
        pub note: Option<String>,
        pub source: PersonSource,
        /// Links this request to the person in the same breath.
        pub request: Option<RequestId>,
    }
}

// ------------------------------------------------------------------------------------------------------------ search

views! {
    pub struct SearchArgs {
        pub query: String,
        pub limit: u32,
    }

    pub struct SearchHit {
        pub kind: HitKind,
        pub id: EntityRef,
        pub title: String,
        pub subtitle: String,
    }

    pub struct SearchView {
        pub hits: Vec<SearchHit>,
        /// Set when nothing was found as typed and the other keyboard layout was: «показано для „иванов“».
        pub shown_for: Option<String>,
    }
}

/// What a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    Person,
    Request,
    Certificate,
}

// ------------------------------------------------------------------------------------------------------------ papers

views! {
    pub struct PreviewArgs {
        /// `consent_pd`
        pub form: String,
        /// None: a blank to fill by hand.
        pub person: Option<PersonId>,
    }

    /// A prepared paper; its bytes come from the raw command `paper_pdf`.
    pub struct PaperPreview {
        pub paper: PaperId,
        pub title: String,
        pub pages: u32,
        pub revision: u32,
        /// In words for the user: «не указана дата рождения: будет пустая строка».
        pub warnings: Vec<String>,
    }

    pub struct PrintArgs {
        pub paper: PaperId,
        /// None: the system's default printer.
        pub printer: Option<String>,
        pub copies: u32,
    }

    pub struct PaperArgs {
        pub paper: PaperId,
    }

    pub struct PrinterView {
        pub name: String,
        pub is_default: bool,
    }

    pub struct Printed {
        pub printer: String,
    }

    pub struct SavedFile {
        /// Where the file went; the user is told.
        pub path: String,
    }
}

// ------------------------------------------------------------------------------------------------------------ errors

/// What went wrong, for the window to put into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    // session
    NotSignedIn,
    WrongSecret,
    TooManyTries,
    Forbidden,
    // store
    KeychainMissing,
    KeychainLocked,
    KeyLost,
    WrongKey,
    PlainDatabase,
    NewerSchema,
    DatabaseDamaged,
    DatabaseBusy,
    DiskFull,
    // connection
    NotConnected,
    GatewayUnreachable,
    GatewayRefused,
    CodeMistyped,
    CodeRefused,
    BadAddress,
    // work
    Refused,
    NotFound,
    BadInput,
    // papers
    PaperUnknown,
    NoPrinter,
    PrintFailed,
    PaperFailed,
    Internal,
}

/// An error as the window gets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct UiError {
    pub code: Code,
    /// With [`Code::Refused`]: why.
    pub refusal: Option<Refusal>,
    /// With [`Code::TooManyTries`]: how long to wait.
    pub wait_seconds: Option<u32>,
    /// With [`Code::BadInput`]: which field.
    pub field: Option<String>,
}

impl UiError {
    /// An error that is only its code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, refusal: None, wait_seconds: None, field: None }
    }
}
