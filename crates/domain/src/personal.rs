//! What is about a person and therefore travels sealed: one struct per entity kind, one sealed *part* each.
//!
//! Invariant: `Debug` of every type here prints no value, so a log line cannot leak one.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ActionId, EntityRef, PersonId,
    case::{EraseGround, IncidentKind},
    phone::ParsedPhone,
};

/// Names of the sealed parts of an entity.
pub mod part {
    /// The main part of each kind: who asked, who the person is, a doctor's name, a code.
    pub const MAIN: &str = "main";
    /// What a site sent, field by field, of a request that was not understood ([`super::EnvelopePersonal`]).
    pub const ENVELOPE: &str = "envelope";
    /// What somebody wrote for the next shift ([`super::NotePersonal`]).
    pub const HANDOVER: &str = "note:handover";
}

/// The part that holds the note of a call.
#[must_use]
pub fn note_part(action: &ActionId) -> String {
    format!("note:{action}")
}

macro_rules! redacted {
    ($($name:ident),* $(,)?) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

/// Who sent a request and what they wrote.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RequestPersonal {
    pub name_raw: String,
    pub phone: Option<ParsedPhone>,
    pub email: Option<String>,
    /// What the visitor wants: «Имплантация».
    pub service: Option<String>,
    pub doctor: Option<String>,
    /// Wish in words («утро», «после 18:00»): never turned into a clock time by itself.
    pub preferred_time: Option<String>,
    /// The start that was chosen, only where the site sends a whole time: as its wall time with its offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wish_start: Option<DateTime<FixedOffset>>,
    pub comment: Option<String>,
    /// Fields the connector does not know, as the site sent them.
    #[serde(default)]
    pub extra: Vec<(String, String)>,
}

/// What a site sent, as far as it may be kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvelopePersonal {
    pub received_at: DateTime<Utc>,
    pub content_type: String,
    /// Field and value, in the site's order; one field `body` where there are none.
    pub fields: Vec<(String, String)>,
}

/// A person's name in three fields, and as it was given.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ts_rs::TS)]
pub struct PersonName {
    pub family: String,
    pub given: String,
    /// Empty when unknown: never «нет».
    pub patronymic: String,
}

impl PersonName {
    /// «Иванова Анна Петровна».
    #[must_use]
    pub fn full(&self) -> String {
        [&self.family, &self.given, &self.patronymic]
            .into_iter()
            .map(|s| s.trim())
            .filter(|s| !s.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// «Иванова А. П.»
    #[must_use]
    pub fn short(&self) -> String {
        let initial = |s: &str| s.trim().chars().next().map(|c| format!("{c}."));
        let mut words = vec![self.family.trim().to_owned()];
        words.extend(initial(&self.given));
        words.extend(initial(&self.patronymic));
        words.retain(|w| !w.is_empty());
        words.join(" ")
    }
}

/// What a sealed part says beyond what this version knows of it.
pub type Newer = serde_json::Map<String, serde_json::Value>;

/// What a card says of a person.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CardFields {
    pub name: PersonName,
    pub phones: Vec<ParsedPhone>,
    pub email: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub note: Option<String>,
}

/// A merge, as the card that stands for both keeps it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MergedCard {
    /// The card that was merged into this one. It says itself what it said.
    pub other: PersonId,
    /// What this card said.
    pub before: CardFields,
    /// What was chosen of both.
    pub chosen: CardFields,
}

/// A person's card.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PersonPersonal {
    pub name: PersonName,
    pub phones: Vec<ParsedPhone>,
    pub email: Option<String>,
    pub birth_date: Option<NaiveDate>,
    pub note: Option<String>,
    /// What the card said before other cards were merged into it, oldest first: so that each merge can be taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<MergedCard>,
    /// Fields of a newer version of this program: whoever writes the record as a whole carries them on.
    #[serde(flatten)]
    pub newer: Newer,
}

/// A member of the staff: sign-in and name on papers.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StaffPersonal {
    pub name: PersonName,
    pub login: String,
    /// Argon2id in PHC string form.
    pub secret_hash: String,
    /// Fields of a newer version of this program: whoever writes the record as a whole carries them on.
    #[serde(flatten)]
    pub newer: Newer,
}

/// A doctor's name and trade.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PractitionerPersonal {
    pub name: PersonName,
    pub speciality: String,
    /// Fields of a newer version of this program: whoever writes the record as a whole carries them on.
    #[serde(flatten)]
    pub newer: Newer,
}

/// What the visit is about.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AppointmentPersonal {
    pub service: Option<String>,
    pub note: Option<String>,
}

/// The code, and who bought it.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CertificatePersonal {
    pub code: String,
    pub buyer: Option<String>,
    pub recipient: Option<String>,
    /// The buyer's card, of what was sold at a desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Number of the till's receipt for the sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

/// Who answers for personal data at the clinic.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClinicPersonal {
    pub responsible: String,
    pub signatory: String,
    /// Fields of a newer version of this program: whoever writes the record as a whole carries them on.
    #[serde(flatten)]
    pub newer: Newer,
}

/// Whom a case is of and what it is about. The gateway does not learn which person has a case either.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CasePersonal {
    /// Of whom there is a card.
    pub person: Option<PersonId>,
    /// The name as it was given: of somebody without a card, or of an authority.
    pub who: String,
    /// How to answer: a phone, an e-mail, an address.
    pub contact: String,
    /// The substance, in a line or two.
    pub substance: String,
    /// Of an incident: how it came to it, and what was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentPersonal>,
    /// Of an act of destruction: what was destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destroyed: Option<DestroyedPersonal>,
    /// Fields of a newer version of this program: whoever writes the record as a whole carries them on.
    #[serde(flatten)]
    pub newer: Newer,
}

/// What the notices of an incident say. Texts are as somebody wrote them.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentPersonal {
    pub kind: IncidentKind,
    /// When it happened, if that is known: of the whole span the beginning.
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub causes: String,
    pub harm: String,
    pub measures: String,
    pub advice: String,
    /// Whose data it was, as far as somebody has named them. Of a computer it is everybody who is on it.
    #[serde(default)]
    pub people: Vec<PersonId>,
    /// Clause 7.2 of the policy: what speaks against the clinic's liability, and the proof.
    #[serde(default)]
    pub circumstances: String,
    /// Number and key that Роскомнадзор gave to the first notice.
    #[serde(default)]
    pub first_notice: String,
}

/// What the act of a destruction says, for as long as the act is kept: the records themselves are gone.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DestroyedPersonal {
    pub ground: EraseGround,
    /// Somebody's own words to it, or the number of the case that it follows.
    pub reason: String,
    pub subjects: Vec<DestroyedSubject>,
    /// What stays and why, in words: «обращение № 3: хранится 5 лет».
    pub left: Vec<String>,
}

/// One of those whose data were destroyed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DestroyedSubject {
    /// The act keeps the name (РКН order 179).
    pub name: String,
    pub categories: Vec<String>,
    /// Every record that is destroyed.
    pub records: Vec<EntityRef>,
    /// «согласие на рекламу: дано 03.03.2026, отозвано 10.10.2026»: the proof outlives the card by as long as the act.
    #[serde(default)]
    pub consents: Vec<String>,
}

/// The note of a call.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NotePersonal {
    pub text: String,
}

redacted!(
    RequestPersonal,
    EnvelopePersonal,
    PersonName,
    CardFields,
    MergedCard,
    PersonPersonal,
    StaffPersonal,
    PractitionerPersonal,
    AppointmentPersonal,
    CertificatePersonal,
    ClinicPersonal,
    CasePersonal,
    IncidentPersonal,
    DestroyedPersonal,
    DestroyedSubject,
    NotePersonal,
);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_version_wrote_on_a_card_is_carried_on_by_whoever_edits_it() {
        let written = serde_json::json!({
            "name": {"family": "Иванова", "given": "Анна", "patronymic": ""}, "phones": [], "email": null,
            "birth_date": null, "note": null, "pronouns": ["она", {"since": 2031}],
        });
        let card: PersonPersonal = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(card.newer.len(), 1, "what is known has its own place");
        assert_eq!(serde_json::to_value(&card).unwrap(), written);
    }
}
