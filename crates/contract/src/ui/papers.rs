//! Papers and printers: one paper, its life, the papers of a day.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::{
    ActionId, AppointmentId, CaseId, DeskId, PaperId, PersonId, PractitionerId,
    paper::{PaperStage, Signer, Weight},
    person::{PaperRecord, PrintPurpose},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::PersonRow;

views! {
    pub struct PreviewArgs {
        /// `consent_pd`
        pub form: String,
        /// None: a blank to fill by hand.
        pub person: Option<PersonId>,
        /// The visit that the paper is for.
        pub visit: Option<AppointmentId>,
        /// Who is going to sign; none: whoever signs papers of this kind.
        pub signer: Option<Signer>,
        /// The day that a journal or a day sheet is about.
        pub day: Option<NaiveDate>,
        /// Whose day a day sheet shows.
        pub practitioner: Option<PractitionerId>,
        /// The block that a notice is about.
        pub block: Option<ActionId>,
        /// The case that it is printed for; of a leak `person` says to whom it goes.
        #[serde(default)]
        pub case: Option<CaseId>,
        /// The workstation that the act of its end is about.
        #[serde(default)]
        pub desk: Option<DeskId>,
    }

    /// What was found before printing, in words for the user.
    pub struct FindingView {
        pub weight: Weight,
        /// «не указана дата рождения: будет пустая строка»
        pub words: String,
    }

    /// A prepared paper; its bytes come from the raw command `paper_pdf`, unless it is refused.
    pub struct PaperPreview {
        pub paper: PaperId,
        pub title: String,
        pub pages: u32,
        pub revision: u32,
        /// The gravest first.
        pub findings: Vec<FindingView>,
        /// It goes out under its first number, marked «повторно».
        pub repeated: bool,
        /// How papers of this kind were printed last at this computer.
        pub way: PrintWay,
    }

    /// How a kind of paper is printed at this computer.
    pub struct PrintWay {
        /// None: the system's default printer.
        pub printer: Option<String>,
        pub copies: u32,
        /// On both sides.
        pub duplex: bool,
        /// `tray-2`; none: as the printer is set.
        pub tray: Option<String>,
    }

    /// How a kind of paper is printed here.
    pub struct PaperWay {
        pub form: String,
        pub title: String,
        pub way: PrintWay,
        /// False: never printed here, so it goes the usual way.
        pub remembered: bool,
    }

    pub struct PaperWayArgs {
        pub form: String,
        pub way: PrintWay,
    }

    pub struct PrintArgs {
        pub paper: PaperId,
        pub way: PrintWay,
        /// Everything that is asked was looked at by whoever prints.
        pub confirmed: bool,
    }

    pub struct PaperArgs {
        pub paper: PaperId,
    }

    pub struct SaveArgs {
        pub paper: PaperId,
        /// As in [`PrintArgs`].
        pub confirmed: bool,
    }

    pub struct PrinterView {
        pub name: String,
        pub is_default: bool,
    }

    pub struct Printed {
        pub printer: String,
        /// Number of the job in `print_jobs`.
        pub job: u32,
    }

    pub struct SavedFile {
        /// Where the file went; the user is told.
        pub path: String,
    }

    /// A kind of paper.
    pub struct PaperKind {
        pub form: String,
        pub title: String,
        /// A medical worker signs beside the patient.
        pub medical_worker: bool,
        /// It is made for somebody; the others are printed here as blanks.
        pub of_person: bool,
        /// A PDF of the clinic's own.
        pub file: bool,
    }
}

impl PreviewArgs {
    /// A paper of somebody, or a blank.
    #[must_use]
    pub fn of(form: &str, person: Option<PersonId>) -> Self {
        let (visit, signer, day) = (None, None, None);
        let (practitioner, block, case, desk) = (None, None, None, None);
        Self { form: form.to_owned(), person, visit, signer, day, practitioner, block, case, desk }
    }
}

impl PrintWay {
    /// One copy on the default printer.
    #[must_use]
    pub fn usual() -> Self {
        Self { printer: None, copies: 1, duplex: false, tray: None }
    }
}

impl PrintArgs {
    /// Copies on the default printer, after everything that is asked was looked at.
    #[must_use]
    pub fn of(paper: PaperId, copies: u32) -> Self {
        Self { paper, way: PrintWay { copies, ..PrintWay::usual() }, confirmed: true }
    }
}

views! {
    /// A printed sheet of somebody.
    pub struct SheetArgs {
        pub person: PersonId,
        pub paper: PaperId,
    }

    /// What became of a sheet.
    pub struct PaperStepArgs {
        pub person: PersonId,
        pub paper: PaperId,
        pub stage: PaperStage,
        /// Needed for a signed consent to treatment.
        pub medical_worker: Option<PractitionerId>,
    }

    /// Undo of the last step.
    pub struct PaperStepBackArgs {
        pub person: PersonId,
        pub paper: PaperId,
        pub step: ActionId,
    }

    /// A sheet with whom it is of.
    pub struct SheetView {
        pub person: PersonRow,
        pub paper: PaperRecord,
        pub title: String,
        pub stage: PaperStage,
        pub printed_by: String,
        pub medical_worker: bool,
    }

    /// What a scanner typed.
    pub struct ScanArgs {
        pub typed: String,
    }

    /// Sheets that wait for a signature: of all, of one person, of those printed on a day.
    pub struct WaitingArgs {
        pub person: Option<PersonId>,
        pub day: Option<NaiveDate>,
    }

    /// Sheets that somebody still has to sign, the latest first.
    pub struct WaitingPapers {
        pub sheets: Vec<SheetView>,
        /// There are more people with such sheets than are shown.
        pub more: bool,
    }

    /// A row of the journal of printed papers.
    pub struct JournalRow {
        pub paper: PaperId,
        pub title: String,
        /// None: it was printed for a case.
        pub person: Option<PersonRow>,
        /// The number of the case.
        pub case: Option<String>,
        pub printed_at: DateTime<Utc>,
        pub printed_by: String,
        pub purpose: PrintPurpose,
        pub copies: u32,
        pub stage: PaperStage,
    }

    pub struct JournalArgs {
        pub day: NaiveDate,
    }
}

views! {
    /// A kind in the packet of a visit.
    pub struct PacketKind {
        pub form: String,
        pub title: String,
        /// Not printed for somebody who has signed it.
        pub once: bool,
        pub copies: u32,
    }

    /// One visit's papers, or the papers of a whole day.
    pub struct PacketArgs {
        pub day: NaiveDate,
        pub visit: Option<AppointmentId>,
    }

    /// What the clinic prints for each visit, in this order.
    pub struct PacketKindsArgs {
        pub kinds: Vec<PacketKind>,
    }

    pub struct PacketView {
        pub day: NaiveDate,
        pub kinds: Vec<PacketKind>,
        pub visits: Vec<PacketVisit>,
    }

    /// A visit and what is to be printed for it.
    pub struct PacketVisit {
        pub visit: AppointmentId,
        /// Wall time.
        pub start: NaiveDateTime,
        pub practitioner: String,
        pub person: PersonRow,
        pub papers: Vec<PacketPaper>,
    }

    /// A paper of a packet.
    pub struct PacketPaper {
        pub form: String,
        pub title: String,
        pub copies: u32,
        /// It is printed already and waits to be signed: not printed again.
        pub waits: bool,
        /// What is known without making it.
        pub findings: Vec<FindingView>,
    }

    /// Prints one paper of a packet.
    pub struct PacketPrintArgs {
        pub visit: AppointmentId,
        pub form: String,
        /// As in [`PrintArgs`].
        pub confirmed: bool,
    }

    /// What came of it: printed, or what has to be answered first.
    pub struct PacketPrinted {
        /// None: not printed; the findings say why.
        pub printer: Option<String>,
        pub findings: Vec<FindingView>,
    }
}
