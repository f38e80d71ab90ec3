//! What can be looked up about an entity: one function derives all of it from the state and the opened parts.
//!
//! Invariants: pure; everything derived is folded by the domain's functions, the same that fold a query; a request that
//! is closed and linked to a person is not searched for (its person is), and neither is what has no name, phone or
//! e-mail; [`Texts::mark`] is 0 exactly when there is nothing to look up.

use contract::ui::Certainty;
use domain::{
    State,
    fold::{fold, fold_code},
    person::PaperRecord,
    personal::{CertificatePersonal, PersonPersonal, RequestPersonal, StaffPersonal, part},
    phone::ParsedPhone,
};
use serde::Deserialize;

use crate::model::Opened;

/// `key_index.kind` of certificates' codes.
pub(crate) const CODE: &str = "code";
/// `key_index.kind` of staff logins.
pub(crate) const LOGIN: &str = "login";

/// Text by which an entity is found.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Texts {
    /// For the trigram index: folded name, digits of phones, e-mail; one a line. Empty: not searched for.
    pub(crate) text: String,
    /// The folded name alone. Empty: not searched for.
    pub(crate) name: String,
    /// Digits of every number that the phones may mean.
    pub(crate) phones: Vec<String>,
    /// A code or a login.
    pub(crate) key: Option<(&'static str, String)>,
}

impl Texts {
    /// Fingerprint of all texts; tells whether the index has to be touched. 0: nothing.
    pub(crate) fn mark(&self) -> i64 {
        if *self == Self::default() {
            return 0;
        }
        let mut mark = Fnv::new();
        mark.add(&self.text);
        mark.add(&self.name);
        for phone in &self.phones {
            mark.add(phone);
        }
        if let Some((kind, value)) = &self.key {
            mark.add(kind);
            mark.add(value);
        }
        mark.value()
    }

    fn add_phones<'a>(&mut self, phones: impl IntoIterator<Item = &'a ParsedPhone>) -> Vec<String> {
        let mut searched = Vec::new();
        for parsed in phones {
            let digits: Vec<String> = parsed.candidates().map(|phone| phone.digits().to_owned()).collect();
            if digits.is_empty() {
                searched.push(parsed.raw.chars().filter(char::is_ascii_digit).collect());
            }
            searched.extend(digits.iter().cloned());
            self.phones.extend(digits);
        }
        self.phones.sort_unstable();
        self.phones.dedup();
        searched
    }

    fn add_line(&mut self, said: &str) {
        let folded = fold(said);
        if !folded.is_empty() && !self.text.lines().any(|line| line == folded) {
            self.text = format!("{}\n{folded}", self.text);
        }
    }

    fn set_text(&mut self, name: &str, digits: &[String], email: Option<&str>) {
        self.name = fold(name);
        let email = email.map(fold);
        let lines =
            std::iter::once(self.name.as_str()).chain(digits.iter().map(String::as_str)).chain(email.as_deref());
        self.text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    }
}

/// FNV-1a, 64 bits: a fingerprint, not a secret.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain(std::iter::once(0xff)) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn value(&self) -> i64 {
        i64::from_ne_bytes(self.0.max(1).to_ne_bytes())
    }
}

fn main_part<'a, P: Deserialize<'a>>(parts: &'a Opened) -> Option<P> {
    P::deserialize(parts.get(part::MAIN)?).ok()
}

/// The texts of an entity.
pub(crate) fn texts(state: &State, parts: &Opened) -> Texts {
    let mut texts = Texts::default();
    match state {
        State::Person(_) => {
            if let Some(person) = main_part::<PersonPersonal>(parts) {
                // whoever asks by what the card said before another one was merged into it finds it too
                let before = || person.merged.iter().map(|merge| &merge.before);
                let digits = texts.add_phones(before().flat_map(|said| &said.phones).chain(&person.phones));
                texts.set_text(&person.name.full(), &digits, person.email.as_deref());
                for said in before() {
                    texts.add_line(&said.name.full());
                    texts.add_line(said.email.as_deref().unwrap_or_default());
                }
            }
        }
        State::Request(request) => {
            if let Some(personal) = main_part::<RequestPersonal>(parts) {
                let digits = texts.add_phones(&personal.phone);
                if request.status.is_open() || request.person.is_none() {
                    texts.set_text(&personal.name_raw, &digits, personal.email.as_deref());
                }
            }
        }
        State::Certificate(_) => {
            if let Some(personal) = main_part::<CertificatePersonal>(parts) {
                let people = [personal.buyer, personal.recipient].into_iter().flatten().collect::<Vec<_>>().join(" ");
                texts.set_text(&people, &[], None);
                texts.key = Some((CODE, fold_code(&personal.code)));
            }
        }
        State::Staff(_) => {
            texts.key = main_part::<StaffPersonal>(parts).map(|staff| (LOGIN, fold_login(&staff.login)));
        }
        State::Clinic(_) | State::Practitioner(_) | State::Appointment(_) | State::Case(_) => {}
    }
    texts
}

/// A login as it is compared.
pub(crate) fn fold_login(login: &str) -> String {
    login.trim().to_lowercase()
}

/// Columns of `request_index`.
pub(crate) struct RequestColumns<'a> {
    pub(crate) is_open: bool,
    pub(crate) submitted_at: i64,
    pub(crate) next_try_at: Option<i64>,
    pub(crate) closed_at: Option<i64>,
    pub(crate) person: Option<&'a str>,
}

/// Columns of `visit_index`.
pub(crate) struct VisitColumns<'a> {
    pub(crate) starts: String,
    pub(crate) ends: String,
    pub(crate) practitioner: &'a str,
    pub(crate) chair: &'a str,
    pub(crate) person: &'a str,
    pub(crate) occupies: bool,
}

/// Columns of `paper_index`.
pub(crate) struct PaperColumns<'a> {
    pub(crate) paper: &'a str,
    pub(crate) printed_at: i64,
    pub(crate) awaits: bool,
}

/// Columns of a kind's own index.
pub(crate) enum Columns<'a> {
    Request(RequestColumns<'a>),
    Visit(VisitColumns<'a>),
    /// One row for each printed paper.
    Person(Vec<PaperColumns<'a>>),
    None,
}

/// The kind's own columns. A refused booking is shown, but takes up nothing.
pub(crate) fn columns(state: &State, certainty: Certainty) -> Columns<'_> {
    match state {
        State::Request(request) => Columns::Request(RequestColumns {
            is_open: request.status.is_open(),
            submitted_at: request.submitted_at.timestamp_millis(),
            next_try_at: request.next_try_at.map(|at| at.timestamp_millis()),
            closed_at: request.closed_at.map(|at| at.timestamp_millis()),
            person: request.person.as_ref().map(domain::PersonId::as_str),
        }),
        State::Appointment(visit) => Columns::Visit(VisitColumns {
            starts: wall(visit.slot.start),
            ends: wall(visit.slot.end),
            practitioner: visit.slot.practitioner.as_str(),
            chair: visit.slot.chair.as_str(),
            person: visit.person.as_str(),
            occupies: visit.status.occupies() && certainty != Certainty::Refused,
        }),
        State::Person(person) => Columns::Person(person.papers.iter().map(paper_columns).collect()),
        _ => Columns::None,
    }
}

fn paper_columns(paper: &PaperRecord) -> PaperColumns<'_> {
    PaperColumns {
        paper: paper.id.as_str(),
        printed_at: paper.printed_at.timestamp_millis(),
        awaits: paper.awaits_signature(),
    }
}

/// Wall time as it is compared in SQL.
pub(crate) fn wall(time: chrono::NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S").to_string()
}
