//! Holds what anybody was told against what is there in the end.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use contract::{ui::RedeemOutcome, v1::Change};
use domain::{
    ActionId, AppointmentId, CertificateId, EntityRef, PersonId, State,
    certificate::LedgerKind,
    personal::{RequestPersonal, part},
};

use super::{
    Site,
    hands::{Saved, Told},
    seen::{Refused, Report, Seen},
};
use crate::witness::Witness;

/// Shown of each kind of violation.
const SHOWN: usize = 3;

#[derive(Default)]
pub(super) struct Ledger {
    told: Vec<Told>,
    site: Site,
    refused: Vec<Refused>,
    /// What the gateway has of it.
    there: String,
    pub(super) violations: Vec<String>,
}

impl Ledger {
    pub(super) fn new(told: Vec<Told>, site: Site) -> Self {
        Self { told, site, ..Self::default() }
    }

    pub(super) fn hear(&mut self, report: Report) {
        self.refused.extend(report.refused);
    }

    fn broken(&mut self, what: &str, all: Vec<String>) {
        if !all.is_empty() {
            let shown: Vec<&String> = all.iter().take(SHOWN).collect();
            self.violations.push(format!("{what}: {} ({shown:?})", all.len()));
        }
    }

    pub(super) fn hold_against(&mut self, feed: &[Change], witness: &Witness) {
        self.calls(feed);
        self.visits(feed);
        self.money(feed);
        self.people(feed);
        self.requests(feed, witness);
        let sealed = feed.iter().flat_map(|change| change.parts.keys().map(move |name| (change, name)));
        let shut = sealed.filter(|(change, name)| witness.open::<serde_json::Value>(change, name).is_none());
        let shut = shut.map(|(change, name)| format!("{} {name}", change.id)).collect();
        self.broken("sealed parts that do not open", shut);
    }

    fn calls(&mut self, feed: &[Change]) {
        let mut there: BTreeMap<&ActionId, u32> = BTreeMap::new();
        for change in feed {
            if let Some(State::Request(request)) = &change.state {
                request.attempts.iter().for_each(|call| *there.entry(&call.id).or_default() += 1);
            }
        }
        let told = self.told.iter().filter_map(|told| match &told.saved {
            Saved::Call { id } => Some(id),
            _ => None,
        });
        let refused: BTreeSet<&ActionId> = self.refused.iter().map(|refused| &refused.id).collect();
        let lost =
            told.filter(|id| !there.contains_key(id) && !refused.contains(id)).map(ToString::to_string).collect();
        let twice = there.iter().filter(|(_, times)| **times > 1).map(|(id, _)| id.to_string()).collect();
        self.there = format!("{} calls", there.len());
        self.broken("calls that were saved and are lost", lost);
        self.broken("calls that are there twice", twice);
    }

    fn visits(&mut self, feed: &[Change]) {
        let there = feed.iter().filter_map(|change| match (&change.id, &change.state) {
            (EntityRef::Appointment(id), Some(State::Appointment(visit))) => Some((id, visit)),
            _ => None,
        });
        let there: BTreeMap<&AppointmentId, _> = there.collect();
        let refused: BTreeSet<&EntityRef> = self.refused.iter().map(|refused| &refused.entity).collect();
        let lost = self.told.iter().filter_map(|told| match &told.saved {
            Saved::Visit { id } if !there.contains_key(id) && !refused.contains(&EntityRef::from(id.clone())) => {
                Some(id)
            }
            _ => None,
        });
        let lost = lost.map(ToString::to_string).collect();
        let live: Vec<_> = there.iter().filter(|(_, visit)| visit.status.occupies()).collect();
        let mut meet = Vec::new();
        for (at, (id, visit)) in live.iter().enumerate() {
            for (other_id, other) in &live[at + 1..] {
                let shares = visit.slot.practitioner == other.slot.practitioner
                    || visit.slot.chair == other.slot.chair
                    || visit.person == other.person;
                if shares && visit.slot.meets(&other.slot) {
                    meet.push(format!("{id} and {other_id}"));
                }
            }
        }
        self.there += &format!(", {} visits", there.len());
        self.broken("visits that were saved and are lost", lost);
        self.broken("visits that meet", meet);
    }

    fn money(&mut self, feed: &[Change]) {
        let mut spent: BTreeMap<(&CertificateId, i64), u32> = BTreeMap::new();
        let mut overdrawn = Vec::new();
        for change in feed {
            let (EntityRef::Certificate(id), Some(State::Certificate(certificate))) = (&change.id, &change.state)
            else {
                continue;
            };
            let balance = certificate.balance().0;
            if !(0..=certificate.face_value.0).contains(&balance) {
                overdrawn.push(format!("{id}: {balance}"));
            }
            for entry in certificate.ledger.iter().filter(|entry| entry.kind == LedgerKind::Redeem) {
                *spent.entry((id, -entry.amount.0)).or_default() += 1;
            }
        }
        let refused = |certificate: &CertificateId, kopecks: i64| {
            let of = |refused: &&Refused| refused.entity == certificate.clone().into();
            self.refused.iter().filter(of).any(|refused| refused.kopecks == Some(kopecks))
        };
        let mut lost = Vec::new();
        for told in &self.told {
            let Saved::Redemption { certificate, kopecks, outcome } = &told.saved else { continue };
            let there = spent.contains_key(&(certificate, *kopecks));
            let known = match outcome {
                RedeemOutcome::Confirmed => there,
                // refused then and looked at, or given up later
                RedeemOutcome::Refused => !there && refused(certificate, *kopecks),
                RedeemOutcome::Held => there != refused(certificate, *kopecks),
            };
            if !known {
                lost.push(format!("{kopecks} of {certificate} ({outcome:?}, there: {there})"));
            }
        }
        let twice =
            spent.iter().filter(|(_, times)| **times > 1).map(|((id, kopecks), _)| format!("{kopecks} of {id}"));
        let twice = twice.collect();
        self.there += &format!(", {} redemptions", spent.len());
        self.broken("redemptions of which something else was said", lost);
        self.broken("redemptions that are there twice", twice);
        self.broken("certificates overdrawn", overdrawn);
    }

    fn people(&mut self, feed: &[Change]) {
        let there: BTreeSet<&EntityRef> = feed.iter().map(|change| &change.id).collect();
        let refused: BTreeSet<&EntityRef> = self.refused.iter().map(|refused| &refused.entity).collect();
        let told = self.told.iter().filter_map(|told| match &told.saved {
            Saved::Person { id } | Saved::Note { id } => Some(id),
            _ => None,
        });
        let entity = |id: &&PersonId| EntityRef::from((*id).clone());
        let lost = told.filter(|id| !there.contains(&entity(id)) && !refused.contains(&entity(id)));
        let lost = lost.map(ToString::to_string).collect();
        self.broken("people who were saved and are lost", lost);
    }

    fn requests(&mut self, feed: &[Change], witness: &Witness) {
        let mut phones: BTreeMap<String, u32> = BTreeMap::new();
        let mut there = BTreeSet::new();
        for change in feed {
            let EntityRef::Request(id) = &change.id else { continue };
            there.insert(id);
            if let Some(personal) = witness.open::<RequestPersonal>(change, part::MAIN) {
                let phone = personal.phone.map(|phone| phone.raw).unwrap_or_default();
                *phones.entry(phone).or_default() += 1;
            }
        }
        let lost = self.site.oks.iter().filter(|(_, id)| !there.contains(id)).map(|(_, id)| id.to_string()).collect();
        let ours = phones.iter().filter(|(phone, _)| self.site.sent.contains(*phone));
        let twice = ours.filter(|(_, times)| **times > 1).map(|(phone, _)| phone.clone()).collect();
        self.broken("requests that the site got an OK for and that are lost", lost);
        self.broken("visitors who are there twice", twice);
    }

    pub(super) fn compare(&mut self, desk: usize, seen: &Seen, there: &Seen) {
        self.broken(&format!("what desk {desk} shows and the gateway does not have so"), seen.differs(there));
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |of: fn(&Saved) -> bool| self.told.iter().filter(|told| of(&told.saved)).count();
        write!(
            f,
            "told {} actions ({} calls, {} visits, {} redemptions, {} people, {} notes); there {}; {} refused and looked at; \
             site sent {}, got {} OK; violations {}",
            self.told.len(),
            count(|saved| matches!(saved, Saved::Call { .. })),
            count(|saved| matches!(saved, Saved::Visit { .. })),
            count(|saved| matches!(saved, Saved::Redemption { .. })),
            count(|saved| matches!(saved, Saved::Person { .. })),
            count(|saved| matches!(saved, Saved::Note { .. })),
            self.there,
            self.refused.len(),
            self.site.sent.len(),
            self.site.oks.len(),
            self.violations.len(),
        )
    }
}
