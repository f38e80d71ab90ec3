//! What papers say, as plain data: one struct per family of papers.
//!
//! A family is what templates of its kinds may name. Invariants: an empty field is printed as a place to write by
//! hand, never as a word; nothing here shows itself through `Debug`, because all of it is about people.

mod certificates;
mod examples;
mod incidents;
mod letters;
mod people;
mod registers;
mod shape;
pub(crate) mod shown;

use serde::{Deserialize, Serialize};

pub use certificates::{CertificateOnPaper, CertificateSheet, Redemption, Refund};
pub use incidents::{AuthorityContact, Incident, IncidentNotice, Inquiry, LeakNotice};
pub use letters::{
    BlockNotice, Change, Claim, ClaimLetter, DataRow, EventRow, Extension, Letter, Purpose, RectificationNotice,
    Refusal, RequestOnPaper, SubjectReply, ThirdParty,
};
pub use people::{
    ConsentOnPaper, DisclosureOnPaper, Escort, Intake, MedicalWorker, PersonOnPaper, PersonSheet, Representative,
};
pub use registers::{
    Admitted, AdmittedList, CommissionMember, Count, DaySheet, DayVisit, Decommission, Destruction, Handover,
    HandoverTask, LogRow, NumberedPaper, RecoveryKit, Register, RegisterRow, Workstation,
};
pub(crate) use shape::{Shape, clean_all};

/// Implements `Debug` that says only what it is.
macro_rules! redacted {
    ($($name:ident),+ $(,)?) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    )+};
}
pub(crate) use redacted;

macro_rules! families {
    ($($(#[$meta:meta])* $family:ident($data:ty)),+ $(,)?) => {
        /// The data of one paper.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum PaperData {
            $($(#[$meta])* $family(Box<$data>),)+
        }

        /// Which data a paper is made of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Family {
            $($(#[$meta])* $family,)+
        }

        impl PaperData {
            pub const fn family(&self) -> Family {
                match self {
                    $(Self::$family(_) => Family::$family,)+
                }
            }

            /// Every field empty: what a blank is printed from.
            pub fn empty(family: Family) -> Self {
                match family {
                    $(Family::$family => Self::$family(Box::default()),)+
                }
            }

            /// An invented case with every field filled: for proofs of a template and for its check.
            pub fn example(family: Family) -> Self {
                match family {
                    $(Family::$family => Self::$family(Box::new(<$data>::example())),)+
                }
            }
        }

        $(
            impl From<$data> for PaperData {
                fn from(data: $data) -> Self {
                    Self::$family(Box::new(data))
                }
            }
        )+
    };
}

families! {
    /// Papers a person or a representative signs.
    Person(PersonSheet),
    /// Answer, refusal or extension to a data subject.
    Subject(SubjectReply),
    /// Blocking and its end.
    Block(BlockNotice),
    /// Rectification, its refusal, notice to a third party.
    Rectification(RectificationNotice),
    /// Act of destruction, log extract, notice to the subject.
    Destruction(Destruction),
    /// Notice of a leak to a person.
    Leak(LeakNotice),
    /// Notices of an incident to the authority.
    Incident(IncidentNotice),
    /// Receipt of a claim and the answer.
    Claim(ClaimLetter),
    /// Gift certificate and what goes with it.
    Certificate(CertificateSheet),
    /// Visits of one day.
    Day(DaySheet),
    /// Journals.
    Register(Register),
    /// Persons admitted to personal data.
    Admitted(AdmittedList),
    /// Hand-over of a shift.
    Handover(Handover),
    /// End of a workstation.
    Decommission(Decommission),
    /// Words that recover the clinic's key.
    Recovery(RecoveryKit),
}
