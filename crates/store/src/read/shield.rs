//! Blocked data stay in: whatever says who a person is passes [`Shield::pass`] on its way out of the store.
//!
//! Invariants:
//! - no other module makes a record of a row that is about a person;
//! - a block covers the person with every card that was merged with theirs, their visits, the requests linked to them, the requests of nobody else with one of their
//!   numbers or their e-mail, and the certificates of such requests, and the person's cases: those that come later too;
//! - what is covered says that it is, and is empty but for [`BLOCKED`], whoever asks for it and by whatever way; only a
//!   store that was asked [`Store::for_check`] answers whole, and says so as well;
//! - rows are read before the shield: what was blocked meanwhile is covered.

use std::collections::HashSet;

use domain::{
    PersonId,
    appointment::Appointment,
    case::Case,
    certificate::Certificate,
    clinic::{Clinic, Practitioner},
    fold::fold,
    person::Person,
    personal::{
        AppointmentPersonal, CasePersonal, CertificatePersonal, ClinicPersonal, PersonName, PersonPersonal,
        PractitionerPersonal, RequestPersonal, StaffPersonal,
    },
    phone::ParsedPhone,
    request::Request,
    staff::Staff,
};
use serde::de::DeserializeOwned;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    Store,
    entity::{Personal, from_json, json, record},
    error::StoreError,
    model::{Identified, Record},
    view::linked_to,
};

/// What stands in the place of a name.
pub const BLOCKED: &str = "Данные заблокированы";

/// Whom and what the blocks cover at this moment.
#[derive(Default)]
pub(crate) struct Shield {
    people: HashSet<String>,
    /// Digits of every number that their phones may mean.
    numbers: HashSet<String>,
    /// Folded.
    emails: HashSet<String>,
    /// Requests that certificates came from, as far as they are covered.
    orders: HashSet<String>,
    /// Covered records are marked and come out whole.
    down: bool,
}

impl Shield {
    async fn up(connection: &mut SqliteConnection, down: bool) -> Result<Self, StoreError> {
        let rows = sqlx::query(
            "SELECT id, state, parts->'main' FROM entity WHERE kind = 'person' AND instr(state, '\"blocks\"') > 0",
        )
        .fetch_all(&mut *connection)
        .await?;
        let mut shield = Self { down, ..Self::default() };
        let mut linked = Vec::new();
        for row in &rows {
            let person: Person = from_json(row.try_get(1)?, "person")?;
            if person.is_blocked() {
                shield.people.insert(row.try_get(0)?);
                shield.cover(row.try_get(2)?);
                linked_to(connection, &person, &mut linked).await?;
            }
        }
        shield.cover_linked(connection, &linked).await?;
        if !shield.people.is_empty() {
            shield.orders = shield.orders(connection).await?;
        }
        Ok(shield)
    }

    /// What the card says, and what it said before others were merged into it.
    fn cover(&mut self, card: Option<&str>) {
        let card: PersonPersonal = card.and_then(|card| serde_json::from_str(card).ok()).unwrap_or_default();
        let before = card.merged.iter().map(|merge| merge.before.clone());
        for said in before.chain([card.fields()]) {
            let numbers = said.phones.iter().flat_map(ParsedPhone::candidates);
            self.numbers.extend(numbers.map(|phone| phone.digits().to_owned()));
            self.emails.extend(said.email.as_deref().map(fold).filter(|email| !email.is_empty()));
        }
    }

    /// The other cards of whoever is blocked.
    async fn cover_linked(
        &mut self,
        connection: &mut SqliteConnection,
        linked: &[(PersonId, Person)],
    ) -> Result<(), StoreError> {
        if linked.is_empty() {
            return Ok(());
        }
        let ids: Vec<&PersonId> = linked.iter().map(|(id, _)| id).collect();
        let rows =
            sqlx::query("SELECT e.id, e.parts->'main' FROM json_each(?1) j CROSS JOIN entity e ON e.id = j.value")
                .bind(json(&ids)?)
                .fetch_all(connection)
                .await?;
        for row in &rows {
            self.people.insert(row.try_get(0)?);
            self.cover(row.try_get(1)?);
        }
        Ok(())
    }

    /// Covered requests, by what is indexed: the person and the numbers.
    async fn orders(&self, connection: &mut SqliteConnection) -> Result<HashSet<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT e.id FROM json_each(?1) j CROSS JOIN request_index i ON i.person = j.value
                 CROSS JOIN entity e ON e.row = i.row
             UNION
             SELECT e.id FROM json_each(?2) j CROSS JOIN phone_index p ON p.digits = j.value
                 CROSS JOIN request_index i ON i.row = p.row AND i.person IS NULL CROSS JOIN entity e ON e.row = i.row",
        )
        .bind(json(&self.people)?)
        .bind(json(&self.numbers)?)
        .fetch_all(connection)
        .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// A record on its way out.
    pub(crate) fn pass<S, P>(&self, row: &SqliteRow) -> Result<Record<S, P>, StoreError>
    where
        S: Identified + DeserializeOwned,
        S::Id: TryFrom<String>,
        P: Personal,
        Record<S, P>: Guarded,
    {
        let mut passed: Record<S, P> = record(row)?;
        passed.blocked = !self.people.is_empty() && passed.covered(self);
        if passed.blocked && !self.down {
            passed.hide();
            passed.notes.clear();
        }
        Ok(passed)
    }
}

/// A record that may be about somebody whose data are blocked.
pub(crate) trait Guarded {
    /// Whether a block covers it.
    fn covered(&self, shield: &Shield) -> bool;
    /// Empties what is about the person.
    fn hide(&mut self);
}

impl Guarded for Record<Person, PersonPersonal> {
    fn covered(&self, shield: &Shield) -> bool {
        shield.people.contains(self.id.as_str())
    }

    fn hide(&mut self) {
        let name = PersonName { family: BLOCKED.to_owned(), ..PersonName::default() };
        self.personal = PersonPersonal { name, ..PersonPersonal::default() };
    }
}

impl Guarded for Record<Request, RequestPersonal> {
    fn covered(&self, shield: &Shield) -> bool {
        if let Some(person) = &self.state.person {
            return shield.people.contains(person.as_str());
        }
        let mut numbers = self.personal.phone.iter().flat_map(ParsedPhone::candidates);
        let email = self.personal.email.as_deref().map(fold);
        numbers.any(|phone| shield.numbers.contains(phone.digits()))
            || email.is_some_and(|email| shield.emails.contains(&email))
    }

    fn hide(&mut self) {
        self.personal = RequestPersonal { name_raw: BLOCKED.to_owned(), ..RequestPersonal::default() };
    }
}

impl Guarded for Record<Appointment, AppointmentPersonal> {
    fn covered(&self, shield: &Shield) -> bool {
        shield.people.contains(self.state.person.as_str())
    }

    fn hide(&mut self) {
        self.personal = AppointmentPersonal::default();
    }
}

impl Guarded for Record<Certificate, CertificatePersonal> {
    fn covered(&self, shield: &Shield) -> bool {
        self.state.request.as_ref().is_some_and(|order| shield.orders.contains(order.as_str()))
            || self.personal.person.as_ref().is_some_and(|buyer| shield.people.contains(buyer.as_str()))
    }

    fn hide(&mut self) {
        // whoever holds the paper has the code
        let code = std::mem::take(&mut self.personal.code);
        self.personal = CertificatePersonal { code, buyer: Some(BLOCKED.to_owned()), ..CertificatePersonal::default() };
    }
}

impl Guarded for Record<Case, CasePersonal> {
    fn covered(&self, shield: &Shield) -> bool {
        self.personal.person.as_ref().is_some_and(|person| shield.people.contains(person.as_str()))
    }

    fn hide(&mut self) {
        // whose it is stays: the block is answered through the card
        let person = self.personal.person.take();
        self.personal = CasePersonal { person, who: BLOCKED.to_owned(), ..CasePersonal::default() };
    }
}

macro_rules! about_the_clinic {
    ($($state:ident, $part:ident;)*) => {$(
        impl Guarded for Record<$state, $part> {
            fn covered(&self, _shield: &Shield) -> bool {
                false
            }

            fn hide(&mut self) {}
        }
    )*};
}
about_the_clinic!(Clinic, ClinicPersonal; Staff, StaffPersonal; Practitioner, PractitionerPersonal;);

impl Record<Person, PersonPersonal> {
    /// Blocked, and nothing is shown.
    #[must_use]
    pub fn is_stub(&self) -> bool {
        self.blocked && self.personal.name.family == BLOCKED
    }
}

impl Store {
    /// The same store for whoever answers for the data and has to check them: what is blocked comes out whole and marked.
    #[must_use]
    pub fn for_check(&self) -> Self {
        let mut store = self.clone();
        store.shield_down = true;
        store
    }

    /// The shield of this moment; ask for it after the rows were read.
    pub(crate) async fn shield(&self, connection: &mut SqliteConnection) -> Result<Shield, StoreError> {
        Shield::up(connection, self.shield_down).await
    }
}
