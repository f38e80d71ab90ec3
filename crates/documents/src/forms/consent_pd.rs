//! Consent to processing of personal data: what it asks of a request.
//!
//! The clauses of the wording bear the numbers of the items of 152-ФЗ ст. 9 ч. 4. Address and
//! identity document are never data: the form has empty rules for them, filled in by hand.

use minijinja::{Value, context};

use crate::clean::{Cleaned, clean};
use crate::russian_date;
use crate::{ClinicField, ClinicRequisites, PaperRequest, PaperWarning, PersonField, PersonOnPaper};

pub(super) const WORDING: &str = include_str!("../../templates/consent_pd.md");

pub(super) fn data(request: &PaperRequest) -> (Value, Vec<PaperWarning>) {
    let mut warnings = Vec::new();
    let clinic = clinic(&request.clinic, &mut warnings);
    let blank = PersonOnPaper::default();
    let person = person(request.person.as_ref().unwrap_or(&blank), &mut warnings);
    (context! { clinic, person }, warnings)
}

fn clinic(clinic: &ClinicRequisites, warnings: &mut Vec<PaperWarning>) -> Value {
    let mut wanted = |field: ClinicField, value: &str| {
        let text = clean(value).text;
        if text.is_empty() {
            warnings.push(PaperWarning::ClinicFieldEmpty { field });
        }
        text
    };
    let processors: Vec<String> = clinic
        .processors
        .iter()
        .map(|name| clean(name).text.trim_end_matches(['.', ';']).to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    context! {
        full_name => wanted(ClinicField::FullName, &clinic.full_name),
        address => wanted(ClinicField::Address, &clinic.address),
        privacy_email => wanted(ClinicField::PrivacyEmail, &clinic.privacy_email),
        inn => clean(&clinic.inn).text,
        ogrn => clean(&clinic.ogrn).text,
        responsible => clean(&clinic.responsible).text,
        processors,
    }
}

fn person(person: &PersonOnPaper, warnings: &mut Vec<PaperWarning>) -> Value {
    let mut cleaned = |field: PersonField, value: &str| {
        let Cleaned { text, dropped } = clean(value);
        if dropped > 0 {
            warnings.push(PaperWarning::CharactersDropped { field, count: dropped });
        }
        text
    };
    context! {
        full_name => cleaned(PersonField::FullName, &person.full_name),
        phone => cleaned(PersonField::Phone, &person.phone),
        email => cleaned(PersonField::Email, &person.email),
        birth_date => person.birth_date.map(russian_date::in_words).unwrap_or_default(),
    }
}
