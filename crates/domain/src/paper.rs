//! Papers: who may sign, what is looked at before printing, and what a printed sheet may become.
//!
//! Invariants: a blocked person's paper is refused whatever else is true; an age that is not certain is asked about and
//! never assumed; a sheet that was printed is not a sheet that was signed.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::{StaffId, fold};

/// The age of majority, and the age from which a patient consents to treatment.
const MAJORITY: i32 = 18;
const CONSENTS_FROM: i32 = 15;

/// Who may sign consent to treatment, by age on the day of the visit (323-ФЗ ст. 20, 54).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgeGroup {
    /// A parent or another legal representative signs.
    Under15,
    /// Signs consent to treatment alone; the contract needs the representative's written consent.
    From15To17,
    Adult,
    /// No birth date, or the day is a birthday that decides: ask.
    Uncertain(Uncertainty),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Uncertainty {
    NoBirthDate,
    /// The day of the visit is the birthday that decides: by one reading the age is reached the day after.
    DecidingBirthday,
    /// Born after the visit.
    NotBornYet,
}

/// The age group on a day, in the clinic's calendar.
#[must_use]
pub fn age_group(birth: Option<NaiveDate>, on: NaiveDate) -> AgeGroup {
    let Some(birth) = birth else { return AgeGroup::Uncertain(Uncertainty::NoBirthDate) };
    if birth > on {
        return AgeGroup::Uncertain(Uncertainty::NotBornYet);
    }
    for (years, below) in [(CONSENTS_FROM, AgeGroup::Under15), (MAJORITY, AgeGroup::From15To17)] {
        let (first, last) = deciding_days(birth, years);
        if on < first {
            return below;
        }
        if on <= last {
            return AgeGroup::Uncertain(Uncertainty::DecidingBirthday);
        }
    }
    AgeGroup::Adult
}

/// The first and the last day on which an age may be said to be reached: one day, and both 28 February and 1 March for
/// those born on 29 February.
fn deciding_days(birth: NaiveDate, years: i32) -> (NaiveDate, NaiveDate) {
    let year = birth.year() + years;
    match birth.with_year(year) {
        Some(day) => (day, day),
        None => (
            NaiveDate::from_ymd_opt(year, 2, 28).unwrap_or(birth),
            NaiveDate::from_ymd_opt(year, 3, 1).unwrap_or(birth),
        ),
    }
}

/// What a paper is to the law, as far as printing it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperRole {
    /// Consent to treatment or refusal of it, signed by the patient.
    TreatmentByPatient,
    /// The same, signed by a legal representative.
    TreatmentByRepresentative,
    /// Consent of a representative to the contract of somebody of 15 to 17.
    MinorContract,
    /// Another paper about a person.
    AboutPerson,
    /// An answer or a notice that a blocked person is owed.
    OwedToPerson,
}

/// Who is going to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signer {
    Patient,
    /// Parent, adopter, guardian or custodian who showed a document.
    LegalRepresentative,
    /// Grandparent, nanny, step-parent: may accompany, may not sign.
    Escort,
}

/// What is known before a paper is made.
#[derive(Debug, Clone, Copy)]
pub struct Preflight<'a> {
    pub role: PaperRole,
    pub signer: Signer,
    pub birth: Option<NaiveDate>,
    /// Day of the visit in the clinic's zone, else today.
    pub on: NaiveDate,
    pub blocked: bool,
    /// Other people of the same name.
    pub namesakes: u32,
    /// The name and the last four digits were read back.
    pub identity_confirmed: bool,
    /// Fields of the paper that have no value.
    pub empty_fields: &'a [String],
    /// Requisites the paper must have and the settings lack.
    pub empty_requisites: &'a [String],
    /// Keys of acts the wording rests on that are not in force.
    pub dead_acts: &'a [String],
}

/// How far a finding goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Good to know.
    Note,
    /// A person must answer before the paper is made.
    Ask,
    /// The paper is not made.
    Refuse,
}

/// What was found before a paper was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    Blocked,
    ActNotInForce {
        act: String,
    },
    /// The signer has no right to sign this.
    MayNotSign,
    NeedsRepresentative,
    /// From 15 the patient signs, not the representative.
    PatientSignsAlone,
    NotAMinor,
    AgeUncertain {
        why: Uncertainty,
    },
    /// Read back the name and the last four digits.
    Namesake {
        others: u32,
    },
    RequisiteEmpty {
        field: String,
    },
    FieldEmpty {
        field: String,
    },
}

impl Finding {
    #[must_use]
    pub const fn weight(&self) -> Weight {
        match self {
            Self::Blocked | Self::ActNotInForce { .. } | Self::MayNotSign | Self::NeedsRepresentative => Weight::Refuse,
            Self::PatientSignsAlone
            | Self::NotAMinor
            | Self::AgeUncertain { .. }
            | Self::Namesake { .. }
            | Self::RequisiteEmpty { .. } => Weight::Ask,
            Self::FieldEmpty { .. } => Weight::Note,
        }
    }
}

/// Looks at a paper before it is made; the gravest findings first.
#[must_use]
pub fn preflight(before: &Preflight<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if before.blocked && before.role != PaperRole::OwedToPerson {
        findings.push(Finding::Blocked);
    }
    findings.extend(before.dead_acts.iter().map(|act| Finding::ActNotInForce { act: act.clone() }));
    findings.extend(who_signs(before));
    if before.namesakes > 0 && !before.identity_confirmed {
        findings.push(Finding::Namesake { others: before.namesakes });
    }
    findings.extend(before.empty_requisites.iter().map(|field| Finding::RequisiteEmpty { field: field.clone() }));
    findings.extend(before.empty_fields.iter().map(|field| Finding::FieldEmpty { field: field.clone() }));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight()));
    findings
}

fn who_signs(before: &Preflight<'_>) -> Vec<Finding> {
    let of_treatment = matches!(
        before.role,
        PaperRole::TreatmentByPatient | PaperRole::TreatmentByRepresentative | PaperRole::MinorContract
    );
    if !of_treatment {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let by_representative = before.role != PaperRole::TreatmentByPatient;
    let right_hand = if by_representative { Signer::LegalRepresentative } else { Signer::Patient };
    if before.signer != right_hand {
        findings.push(Finding::MayNotSign);
    }
    match (age_group(before.birth, before.on), before.role) {
        (AgeGroup::Uncertain(why), _) => findings.push(Finding::AgeUncertain { why }),
        (AgeGroup::Under15, PaperRole::TreatmentByPatient) => findings.push(Finding::NeedsRepresentative),
        (AgeGroup::From15To17, PaperRole::TreatmentByRepresentative) => findings.push(Finding::PatientSignsAlone),
        (AgeGroup::Under15, PaperRole::MinorContract)
        | (AgeGroup::Adult, PaperRole::MinorContract | PaperRole::TreatmentByRepresentative) => {
            findings.push(Finding::NotAMinor);
        }
        _ => {}
    }
    findings
}

/// What has become of a printed sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
}

/// Who saw the signature.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    pub seen_by: Option<StaffId>,
    /// For consent to treatment: the medical worker who explained and signed.
    pub medical_worker: Option<String>,
}

/// Why a sheet cannot become what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageRefusal {
    /// It does not follow from where the sheet is.
    OutOfOrder,
    NobodySawIt,
    NoMedicalWorker,
}

impl PaperStage {
    /// Whether nothing more is expected of the sheet.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Refused | Self::Spoiled | Self::Filed)
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
                | (Printed, HandedOut | Signed | Refused | Spoiled)
                | (HandedOut, Signed | Refused | Spoiled)
                | (Signed, Scanned | Filed)
                | (Scanned, Filed)
        );
        if !follows {
            return Err(StageRefusal::OutOfOrder);
        }
        if next == Signed {
            if witness.seen_by.is_none() {
                return Err(StageRefusal::NobodySawIt);
            }
            let of_treatment = matches!(role, PaperRole::TreatmentByPatient | PaperRole::TreatmentByRepresentative);
            let named = witness.medical_worker.as_deref().is_some_and(|name| !name.trim().is_empty());
            if of_treatment && !named {
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
pub fn read_mark(typed: &str) -> Option<(crate::PaperId, u32)> {
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
    use crate::PaperId;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn the_deciding_birthday_is_asked_about() {
        let group = |on| age_group(Some(day(2011, 11, 24)), on);
        let uncertain = AgeGroup::Uncertain(Uncertainty::DecidingBirthday);
        assert_eq!(group(day(2026, 11, 23)), AgeGroup::Under15);
        assert_eq!(group(day(2026, 11, 24)), uncertain);
        assert_eq!(group(day(2026, 11, 25)), AgeGroup::From15To17);
        assert_eq!(group(day(2029, 11, 23)), AgeGroup::From15To17);
        assert_eq!(group(day(2029, 11, 24)), uncertain);
        assert_eq!(group(day(2029, 11, 25)), AgeGroup::Adult);
        assert_eq!(age_group(None, day(2026, 11, 24)), AgeGroup::Uncertain(Uncertainty::NoBirthDate));
        assert_eq!(group(day(2011, 11, 23)), AgeGroup::Uncertain(Uncertainty::NotBornYet));
    }

    #[test]
    fn those_born_on_the_29th_of_february_are_asked_about_twice() {
        let group = |on| age_group(Some(day(2012, 2, 29)), on);
        let uncertain = AgeGroup::Uncertain(Uncertainty::DecidingBirthday);
        assert_eq!(group(day(2027, 2, 27)), AgeGroup::Under15);
        assert_eq!(group(day(2027, 2, 28)), uncertain);
        assert_eq!(group(day(2027, 3, 1)), uncertain);
        assert_eq!(group(day(2027, 3, 2)), AgeGroup::From15To17);
    }

    fn ordinary() -> Preflight<'static> {
        Preflight {
            role: PaperRole::TreatmentByPatient,
            signer: Signer::Patient,
            birth: Some(day(1987, 3, 14)),
            on: day(2026, 11, 24),
            blocked: false,
            namesakes: 0,
            identity_confirmed: false,
            empty_fields: &[],
            empty_requisites: &[],
            dead_acts: &[],
        }
    }

    #[test]
    fn an_ordinary_paper_has_no_findings() {
        assert_eq!(preflight(&ordinary()), []);
    }

    #[test]
    fn a_grandmother_signs_nothing_and_a_child_does_not_sign_alone() {
        let child = Preflight { birth: Some(day(2016, 5, 1)), ..ordinary() };
        assert_eq!(preflight(&child), [Finding::NeedsRepresentative]);
        let by = |signer| preflight(&Preflight { role: PaperRole::TreatmentByRepresentative, signer, ..child });
        assert_eq!(by(Signer::LegalRepresentative), []);
        assert_eq!(by(Signer::Escort), [Finding::MayNotSign]);
        let teenager = Preflight { birth: Some(day(2010, 5, 1)), ..ordinary() };
        assert_eq!(preflight(&teenager), []);
        let role = PaperRole::TreatmentByRepresentative;
        let mother = Preflight { role, signer: Signer::LegalRepresentative, ..teenager };
        assert_eq!(preflight(&mother), [Finding::PatientSignsAlone]);
        assert_eq!(preflight(&Preflight { role: PaperRole::MinorContract, ..mother }), []);
    }

    #[test]
    fn a_blocked_person_is_refused_before_anything_else_and_still_gets_answers() {
        let fields = ["person.email".to_owned()];
        let blocked = Preflight { blocked: true, namesakes: 2, empty_fields: &fields, birth: None, ..ordinary() };
        let findings = preflight(&blocked);
        assert_eq!(findings.first(), Some(&Finding::Blocked));
        assert_eq!(findings.last().map(Finding::weight), Some(Weight::Note));
        let owed = Preflight { role: PaperRole::OwedToPerson, namesakes: 0, empty_fields: &[], ..blocked };
        assert_eq!(preflight(&owed), []);
    }

    #[test]
    fn a_namesake_is_asked_about_until_the_name_was_read_back() {
        let twins = Preflight { namesakes: 1, ..ordinary() };
        assert_eq!(preflight(&twins), [Finding::Namesake { others: 1 }]);
        assert_eq!(preflight(&Preflight { identity_confirmed: true, ..twins }), []);
    }

    #[test]
    fn printed_is_not_signed() {
        let seen = |medical_worker: Option<&str>| Witness {
            seen_by: Some(StaffId::from_random([1; 16])),
            medical_worker: medical_worker.map(str::to_owned),
        };
        let role = PaperRole::TreatmentByPatient;
        let sign = |from: PaperStage, witness: &Witness| from.then(PaperStage::Signed, role, witness);
        assert_eq!(sign(PaperStage::Prepared, &seen(Some("Ким"))), Err(StageRefusal::OutOfOrder));
        assert_eq!(sign(PaperStage::HandedOut, &Witness::default()), Err(StageRefusal::NobodySawIt));
        assert_eq!(sign(PaperStage::HandedOut, &seen(Some(" "))), Err(StageRefusal::NoMedicalWorker));
        assert_eq!(sign(PaperStage::HandedOut, &seen(Some("Ким"))), Ok(PaperStage::Signed));
        let other = PaperRole::AboutPerson;
        assert_eq!(PaperStage::Printed.then(PaperStage::Signed, other, &seen(None)), Ok(PaperStage::Signed));
        assert_eq!(PaperStage::Signed.then(PaperStage::Spoiled, role, &seen(None)), Err(StageRefusal::OutOfOrder));
        assert!(PaperStage::HandedOut.awaits_signature() && !PaperStage::Refused.awaits_signature());
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
