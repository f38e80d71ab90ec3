//! What there is, in the same words whether a desk shows it or the gateway has it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use contract::{ui::*, v1::Change};
use desk::Desk;
use domain::{
    ActionId, AppointmentId, CertificateId, EntityRef, PersonId, RequestId, State,
    appointment::AppointmentStatus,
    personal::{PersonPersonal, part},
    request::RequestStatus,
};
use serde::{Deserialize, Serialize};

use super::hands::days;
use crate::witness::Witness;

/// A request: where it stands, and its calls that stand.
type SeenRequest = (RequestStatus, BTreeSet<ActionId>);
type SeenVisit = (AppointmentStatus, String, String, NaiveDateTime, NaiveDateTime, PersonId);
/// A certificate: what is left of it, and what was entered.
type SeenCertificate = (i64, Vec<i64>);
/// A person: who wrote the card, name, email, note.
type SeenPerson = (Option<ActionId>, String, String, String);

/// Everything.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub requests: BTreeMap<RequestId, SeenRequest>,
    pub visits: BTreeMap<AppointmentId, SeenVisit>,
    pub certificates: BTreeMap<CertificateId, SeenCertificate>,
    pub people: BTreeMap<PersonId, SeenPerson>,
}

/// What to look at.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Ids {
    requests: Vec<RequestId>,
    certificates: Vec<CertificateId>,
    people: Vec<PersonId>,
}

/// An action that the gateway refused, as the person at the desk sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refused {
    pub id: ActionId,
    pub entity: EntityRef,
    pub verb: String,
    /// Of a redemption: how much.
    pub kopecks: Option<i64>,
}

/// A desk's last word.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub refused: Vec<Refused>,
    pub seen: Seen,
}

pub(super) async fn refusals(desk: &Desk) -> Result<Vec<Refused>, UiError> {
    let mut refused = Vec::new();
    for row in desk.outbox_list(Nothing {}).await? {
        if row.state != OutboxState::Refused {
            continue;
        }
        let kopecks = match row.entity {
            EntityRef::Certificate(_) => match desk.outbox_draft(OutboxArgs { id: row.id.clone() }).await? {
                Draft::Redeem { amount } => Some(amount.0),
                _ => None,
            },
            _ => None,
        };
        refused.push(Refused { id: row.id, entity: row.entity, verb: row.verb, kopecks });
    }
    Ok(refused)
}

impl Seen {
    /// What the gateway has, opened with the clinic's key.
    pub(super) fn of(feed: &[Change], witness: &Witness) -> Self {
        let mut seen = Self::default();
        for change in feed {
            match (&change.id, &change.state) {
                (EntityRef::Request(id), Some(State::Request(request))) => {
                    let stand = request.attempts.iter().filter(|call| !call.retracted);
                    seen.requests.insert(id.clone(), (request.status, stand.map(|call| call.id.clone()).collect()));
                }
                (EntityRef::Appointment(id), Some(State::Appointment(visit))) => {
                    let (doctor, chair) = (visit.slot.practitioner.to_string(), visit.slot.chair.to_string());
                    let seen_visit =
                        (visit.status, doctor, chair, visit.slot.start, visit.slot.end, visit.person.clone());
                    seen.visits.insert(id.clone(), seen_visit);
                }
                (EntityRef::Certificate(id), Some(State::Certificate(certificate))) => {
                    let entered = certificate.ledger.iter().map(|entry| entry.amount.0).collect();
                    seen.certificates.insert(id.clone(), (certificate.balance().0, entered));
                }
                (EntityRef::Person(id), Some(State::Person(state))) => {
                    let card: PersonPersonal = witness.open(change, part::MAIN).unwrap_or_default();
                    let person = (
                        state.etag.clone(),
                        format!("{} {}", card.name.family, card.name.given),
                        card.email.unwrap_or_default(),
                        card.note.unwrap_or_default(),
                    );
                    seen.people.insert(id.clone(), person);
                }
                _ => {}
            }
        }
        seen
    }

    pub(super) fn ids(&self) -> Ids {
        Ids {
            requests: self.requests.keys().cloned().collect(),
            certificates: self.certificates.keys().cloned().collect(),
            people: self.people.keys().cloned().collect(),
        }
    }

    /// What a desk shows: of these, and whatever it lists beyond them.
    pub(super) async fn at(desk: &Desk, ids: &Ids) -> Result<Self, UiError> {
        let mut seen = Self::default();
        let mut requests: BTreeSet<RequestId> = ids.requests.iter().cloned().collect();
        for filter in [QueueFilter::Open, QueueFilter::Closed] {
            requests.extend(desk.queue_list(QueueArgs { filter }).await?.rows.into_iter().map(|row| row.id));
        }
        for id in requests {
            let card = desk.request_card(RequestArgs { id: id.clone() }).await?;
            let stand = card.calls.into_iter().filter(|call| !call.retracted).map(|call| call.id);
            seen.requests.insert(id, (card.row.status, stand.collect()));
        }
        for date in days() {
            for row in desk.schedule_day(DayArgs { date }).await?.visits {
                let (doctor, chair) = (row.practitioner.to_string(), row.chair.to_string());
                seen.visits.insert(row.id, (row.status, doctor, chair, row.start, row.end, row.person));
            }
        }
        for id in &ids.certificates {
            let card = desk.certificate_card(CertificateByIdArgs { id: id.clone() }).await?;
            let entered = card.ledger.iter().map(|row| row.amount.0).collect();
            seen.certificates.insert(id.clone(), (card.balance.0, entered));
        }
        for id in &ids.people {
            let card = desk.person_card(PersonArgs { id: id.clone() }).await?;
            let full = format!("{} {}", card.full_name.family, card.full_name.given);
            let person = (card.etag, full, card.email.unwrap_or_default(), card.note.unwrap_or_default());
            seen.people.insert(id.clone(), person);
        }
        Ok(seen)
    }

    /// What differs, in a few words each.
    pub(super) fn differs(&self, there: &Self) -> Vec<String> {
        let mut all = differing(&self.requests, &there.requests);
        all.extend(differing(&self.visits, &there.visits));
        all.extend(differing(&self.certificates, &there.certificates));
        all.extend(differing(&self.people, &there.people));
        all
    }
}

fn differing<K: Ord + std::fmt::Display, V: PartialEq + std::fmt::Debug>(
    here: &BTreeMap<K, V>,
    there: &BTreeMap<K, V>,
) -> Vec<String> {
    let ids: BTreeSet<&K> = here.keys().chain(there.keys()).collect();
    let differs = ids.into_iter().filter(|id| here.get(id) != there.get(id));
    differs.map(|id| format!("{id} is {:?} here and {:?} at the gateway", here.get(id), there.get(id))).collect()
}
