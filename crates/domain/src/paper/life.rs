//! The life of a printed sheet.
//!
//! Invariant: a sheet that was printed is not a sheet that was signed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PaperRole;
use crate::{PaperId, PractitionerId, StaffId, fold};

/// What has become of a printed sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum PaperStage {
    Prepared,
    Printed,
    HandedOut,
    Signed,
    /// The person did not sign: a normal end.
    Refused,
    Spoiled,
    /// There is a copy; the original stays on paper.
    Scanned,
    Filed,
    /// A stage of a newer version.
    #[serde(other)]
    Unknown,
}

/// Who saw the signature.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    pub seen_by: Option<StaffId>,
    /// For consent to treatment: the medical worker who explained and signed.
    pub medical_worker: Option<PractitionerId>,
}

/// Why a sheet cannot become what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageRefusal {
    /// It does not follow from where the sheet is.
    OutOfOrder {
        stage: PaperStage,
    },
    NobodySawIt,
    NoMedicalWorker,
}

impl PaperStage {
    /// Whether nothing more is expected of the sheet.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Refused | Self::Spoiled | Self::Filed)
    }

    /// Whether the sheet bears a signature.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::Signed | Self::Scanned | Self::Filed)
    }

    /// Whether somebody still has to sign it: the list at check-in, check-out and at the end of a shift.
    #[must_use]
    pub const fn awaits_signature(self) -> bool {
        matches!(self, Self::Printed | Self::HandedOut)
    }

    /// The next stage, if it may follow.
    ///
    /// # Errors
    /// The order, or a signature without those who must have seen it.
    pub fn then(self, next: Self, role: PaperRole, witness: &Witness) -> Result<Self, StageRefusal> {
        use PaperStage::{Filed, HandedOut, Prepared, Printed, Refused, Scanned, Signed, Spoiled};
        let follows = matches!(
            (self, next),
            (Prepared, Printed | Spoiled)
                // printed again under its number, because the sheet was lost or spoiled
                | (Printed | HandedOut | Spoiled, Printed)
                | (Printed, HandedOut | Signed | Refused | Spoiled)
                | (HandedOut, Signed | Refused | Spoiled)
                | (Signed, Scanned | Filed)
                | (Scanned, Filed)
        );
        if !follows {
            return Err(StageRefusal::OutOfOrder { stage: self });
        }
        if next == Signed {
            if witness.seen_by.is_none() {
                return Err(StageRefusal::NobodySawIt);
            }
            if role.needs_medical_worker() && witness.medical_worker.is_none() {
                return Err(StageRefusal::NoMedicalWorker);
            }
        }
        Ok(next)
    }
}

/// Reads what a scanner types from the mark of a paper: the paper's id and the revision of its wording.
///
/// A keyboard scanner types by the layout in force, so Russian letters on Latin keys are read as Latin, and the mark
/// `_` of the id may come as `-`.
#[must_use]
pub fn read_mark(typed: &str) -> Option<(PaperId, u32)> {
    let latin: String = typed.trim().chars().map(fold::on_latin_key).collect::<String>().to_ascii_lowercase();
    let (id, revision) = latin.rsplit_once('-')?;
    let id = match id.split_once(['_', '-']) {
        Some((prefix, body)) => format!("{prefix}_{body}"),
        None => return None,
    };
    Some((id.parse().ok()?, revision.parse().ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn printed_is_not_signed() {
        let seen = |medical_worker: Option<u8>| Witness {
            seen_by: Some(StaffId::from_random([1; 16])),
            medical_worker: medical_worker.map(|n| PractitionerId::from_random([n; 16])),
        };
        let role = PaperRole::TreatmentByPatient;
        let sign = |from: PaperStage, witness: &Witness| from.then(PaperStage::Signed, role, witness);
        assert_eq!(
            sign(PaperStage::Prepared, &seen(Some(2))),
            Err(StageRefusal::OutOfOrder { stage: PaperStage::Prepared })
        );
        assert_eq!(sign(PaperStage::HandedOut, &Witness::default()), Err(StageRefusal::NobodySawIt));
        assert_eq!(sign(PaperStage::HandedOut, &seen(None)), Err(StageRefusal::NoMedicalWorker));
        assert_eq!(sign(PaperStage::HandedOut, &seen(Some(2))), Ok(PaperStage::Signed));
        let other = PaperRole::AboutPerson;
        assert_eq!(PaperStage::Printed.then(PaperStage::Signed, other, &seen(None)), Ok(PaperStage::Signed));
        let spoiled = PaperStage::Signed.then(PaperStage::Spoiled, role, &seen(None));
        assert_eq!(spoiled, Err(StageRefusal::OutOfOrder { stage: PaperStage::Signed }));
        assert!(PaperStage::HandedOut.awaits_signature() && !PaperStage::Refused.awaits_signature());
    }

    #[test]
    fn a_spoiled_sheet_is_printed_again_and_a_signed_one_is_not() {
        let again = |from: PaperStage| from.then(PaperStage::Printed, PaperRole::AboutPerson, &Witness::default());
        assert_eq!(again(PaperStage::Spoiled), Ok(PaperStage::Printed));
        assert_eq!(again(PaperStage::HandedOut), Ok(PaperStage::Printed));
        assert_eq!(again(PaperStage::Signed), Err(StageRefusal::OutOfOrder { stage: PaperStage::Signed }));
        assert_eq!(again(PaperStage::Refused), Err(StageRefusal::OutOfOrder { stage: PaperStage::Refused }));
    }

    #[test]
    fn a_scanner_may_type_in_the_russian_layout() {
        let id = PaperId::from_random([7; 16]);
        let mark = format!("{id}-3");
        assert_eq!(read_mark(&mark), Some((id.clone(), 3)));
        let russian: String = mark
            .chars()
            .map(|key| {
                let place = "qwertyuiop[]asdfghjkl;'zxcvbnm,.".chars().position(|latin| latin == key);
                place.and_then(|place| "йцукенгшщзхъфывапролджэячсмитьбю".chars().nth(place)).unwrap_or(key)
            })
            .collect();
        assert_ne!(russian, mark);
        assert_eq!(read_mark(&russian), Some((id.clone(), 3)));
        assert_eq!(read_mark(&mark.to_uppercase().replace('_', "-")), Some((id, 3)));
        assert_eq!(read_mark("12345"), None);
    }
}
