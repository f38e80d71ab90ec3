//! Papers: who may sign, what is looked at before printing, and what a printed sheet may become (`life`).
//!
//! Invariants: a blocked person's paper is refused whatever else is true; an age that is not certain is asked about and
//! never assumed.

mod life;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

pub use life::{PaperStage, StageRefusal, Witness, read_mark};

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

/// Codes of the clinic's own PDF files begin so.
pub const OWN: &str = "own_";
/// The same of those that are consent to treatment.
pub const OWN_TREATMENT: &str = "own_treatment_";

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

impl PaperRole {
    /// The role of a form, by its code. Records carry codes of every version, so an unknown one is a paper about somebody.
    #[must_use]
    pub fn of_form(form: &str) -> Self {
        match form {
            "intervention_consent" | "intervention_refusal" => Self::TreatmentByPatient,
            "intervention_consent_representative" => Self::TreatmentByRepresentative,
            "minor_contract_consent" => Self::MinorContract,
            "subject_answer"
            | "subject_refusal"
            | "subject_extension"
            | "block_notice"
            | "unblock_notice"
            | "rectification_notice"
            | "rectification_refusal"
            | "destruction_notice"
            | "leak_notice" => Self::OwedToPerson,
            own if own.starts_with(OWN_TREATMENT) => Self::TreatmentByPatient,
            _ => Self::AboutPerson,
        }
    }

    /// Who signs papers of this role.
    #[must_use]
    pub const fn signer(self) -> Signer {
        match self {
            Self::TreatmentByRepresentative | Self::MinorContract => Signer::LegalRepresentative,
            Self::TreatmentByPatient | Self::AboutPerson | Self::OwedToPerson => Signer::Patient,
        }
    }

    /// Whether a medical worker signs beside the patient (1051н).
    #[must_use]
    pub const fn needs_medical_worker(self) -> bool {
        matches!(self, Self::TreatmentByPatient | Self::TreatmentByRepresentative)
    }
}

/// Who is going to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
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

/// A paper for somebody's visit, as the clinic has set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Code of the form.
    pub form: &'a str,
    /// Once it was signed it is not printed again.
    pub once: bool,
}

/// The papers of a visit by the age of the patient: what the clinic wants, in its order, less what was signed once and for
/// all, and what the law gives to somebody else to sign. Where the age is not certain nothing is left out: the paper's own
/// preflight asks.
#[must_use]
pub fn packet<'a>(wanted: &[Wanted<'a>], age: AgeGroup, signed: &[&str]) -> Vec<&'a str> {
    let fits = |role: PaperRole| match age {
        AgeGroup::Under15 => !matches!(role, PaperRole::TreatmentByPatient | PaperRole::MinorContract),
        AgeGroup::From15To17 => role != PaperRole::TreatmentByRepresentative,
        AgeGroup::Adult => !matches!(role, PaperRole::TreatmentByRepresentative | PaperRole::MinorContract),
        AgeGroup::Uncertain(Uncertainty::NoBirthDate) => role.signer() == Signer::Patient,
        AgeGroup::Uncertain(_) => true,
    };
    wanted
        .iter()
        .filter(|wanted| fits(PaperRole::of_form(wanted.form)) && !(wanted.once && signed.contains(&wanted.form)))
        .map(|wanted| wanted.form)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

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
    fn a_file_of_the_clinics_own_may_be_consent_to_treatment() {
        assert_eq!(PaperRole::of_form("own_treatment_7k4m"), PaperRole::TreatmentByPatient);
        assert_eq!(PaperRole::of_form("own_7k4m"), PaperRole::AboutPerson);
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
    fn a_packet_is_what_this_patient_signs() {
        let wanted = |form, once| Wanted { form, once };
        let clinic = [
            wanted("consent_pd", true),
            wanted("intervention_consent", false),
            wanted("intervention_consent_representative", false),
            wanted("minor_contract_consent", false),
        ];
        let of = |age, signed: &[&str]| packet(&clinic, age, signed);
        assert_eq!(of(AgeGroup::Adult, &[]), ["consent_pd", "intervention_consent"]);
        assert_eq!(of(AgeGroup::Adult, &["consent_pd", "intervention_consent"]), ["intervention_consent"]);
        assert_eq!(of(AgeGroup::Under15, &["consent_pd"]), ["intervention_consent_representative"]);
        assert_eq!(of(AgeGroup::From15To17, &["consent_pd"]), ["intervention_consent", "minor_contract_consent"]);
        // most cards have no birth date: the grown-up's papers, and the preflight asks
        let unknown = AgeGroup::Uncertain(Uncertainty::NoBirthDate);
        assert_eq!(of(unknown, &[]), ["consent_pd", "intervention_consent"]);
        assert_eq!(of(AgeGroup::Uncertain(Uncertainty::DecidingBirthday), &[]).len(), 4);
    }
}
