//! A desk of a story: its encrypted database, its engine, and what dies with its process.

use std::path::PathBuf;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use contract::{
    ui::OutboxState,
    v1::{ActionEnvelope, ActionResult, Change, Parts},
};
use domain::{
    Action, ActionId, CertificateId, Command, Context, DeskId, EntityRef, PersonId, State,
    personal::{PersonName, PersonPersonal},
};
use seal::{ClinicSecretKey, SealContext};
use serde_json::{Value, to_value};
use sim::{Row, Rows, cast};
use store::{AuditEntry, DatabaseKey, NewAction, Opened, OpenedChange, OutboxRecord, Store, StoreError};
use sync::{Engine, Moment};
use tempfile::TempDir;

pub(crate) struct Desk {
    pub(crate) number: usize,
    /// How often it lost its keys.
    pub(crate) life: u32,
    pub(crate) id: DeskId,
    pub(crate) token: String,
    pub(crate) engine: Engine,
    /// The request that it waits to be answered.
    pub(crate) waits_for: Option<u64>,
    pub(crate) sleeps_until: Option<Moment>,
    pub(crate) skew: Duration,
    pub(crate) store: Store,
    path: PathBuf,
    key: DatabaseKey,
    clinic_key: ClinicSecretKey,
    made: u64,
}

impl Desk {
    pub(crate) async fn new(
        number: usize,
        life: u32,
        (id, token): (DeskId, String),
        dir: &TempDir,
        clinic_key: &ClinicSecretKey,
    ) -> Self {
        let path = dir.path().join(format!("desk-{number}-{life}.db"));
        let key = DatabaseKey::from_random(*seal::make_bytes::<32>().unwrap());
        let store = Store::create(&path, &key).await.unwrap();
        Self {
            number,
            life,
            id,
            token,
            engine: Engine::default(),
            waits_for: None,
            sleeps_until: None,
            skew: Duration::zero(),
            store,
            path,
            key,
            clinic_key: clinic_key.clone(),
            made: 0,
        }
    }

    /// The process is killed and started again on the same file.
    pub(crate) async fn starts(&mut self) {
        let again = Store::open(&self.path, &self.key).await.unwrap();
        std::mem::replace(&mut self.store, again).close().await;
        self.engine = Engine::default();
        self.waits_for = None;
        self.sleeps_until = None;
    }

    /// What the screen shows, as far as an act needs it.
    pub(crate) async fn shown(&self, certificates: &[CertificateId]) -> Rows {
        let mut rows = Rows::new();
        let row = |version, state| Row::bare(version, 0, state);
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(0, 0, 0).unwrap();
        for visit in self.store.visits_between(day(22), day(26)).await.unwrap() {
            rows.insert(visit.id.into(), row(visit.version, State::Appointment(visit.state)));
        }
        for n in 0..cast::PEOPLE {
            let id: PersonId = cast::person(n);
            if let Some(person) = self.store.person(&id).await.unwrap() {
                rows.insert(id.into(), row(person.version, State::Person(person.state.clone())));
            }
        }
        for (n, id) in (0..).zip(certificates) {
            if let Some(certificate) = self.store.certificate(id).await.unwrap() {
                // under the name that the plan knows it by
                let name = cast::certificate(n).into();
                rows.insert(name, row(certificate.version, State::Certificate(certificate.state)));
            }
        }
        rows
    }

    /// The version that an action on the entity stands on.
    pub(crate) async fn version(&self, entity: &EntityRef) -> u64 {
        let store = &self.store;
        let version = match entity {
            EntityRef::Request(id) => store.request(id).await.unwrap().map(|record| record.version),
            EntityRef::Appointment(id) => store.visit(id).await.unwrap().map(|record| record.version),
            EntityRef::Person(id) => store.person(id).await.unwrap().map(|record| record.version),
            EntityRef::Certificate(id) => store.certificate(id).await.unwrap().map(|record| record.version),
            _ => None,
        };
        version.unwrap_or_default()
    }

    /// What an edit of the entity stands on.
    async fn etag(&self, entity: &EntityRef, command: &Command) -> Option<ActionId> {
        match (entity, command) {
            (EntityRef::Person(id), Command::PersonPut { .. }) => {
                self.store.person(id).await.unwrap()?.state.etag.clone()
            }
            _ => None,
        }
    }

    /// Keeps what somebody does, if the rule allows it on this screen. With it the person is told «сохранено».
    pub(crate) async fn keep(
        &mut self,
        event: usize,
        entity: EntityRef,
        command: Command,
        part: Option<u32>,
        now: DateTime<Utc>,
    ) -> Option<ActionEnvelope> {
        self.made += 1;
        let mut random = [0; 16];
        random[..8].copy_from_slice(&(event as u64 + 1).to_be_bytes());
        random[8..].copy_from_slice(&self.made.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        random[15] = u8::try_from(self.number).unwrap();
        let action = Action {
            id: ActionId::from_random(random),
            base_version: self.version(&entity).await,
            if_match: self.etag(&entity, &command).await,
            entity,
            actor: cast::staff(u8::try_from(self.number).unwrap()),
            at: now,
            command,
        };
        let personal = part.filter(|_| matches!(action.command, Command::PersonPut { .. })).map(card);
        let (parts, opened) = sealed(&action, personal, &self.clinic_key);
        let envelope = ActionEnvelope { action, parts };
        let context = Context { now, desk: self.id.clone() };
        let audit = AuditEntry::of_action(&envelope.action, now);
        match self.store.commit_action(NewAction { envelope: &envelope, opened, context: &context, audit }).await {
            Ok(()) => Some(envelope),
            Err(StoreError::Refused(_)) => None,
            Err(error) => panic!("{error:?}"),
        }
    }

    pub(crate) async fn outbox(&self) -> Vec<OutboxRecord> {
        self.store.outbox().await.unwrap()
    }

    pub(crate) async fn unsent(&self) -> Vec<ActionEnvelope> {
        let outbox = self.outbox().await.into_iter().filter(|record| record.state != OutboxState::Refused);
        outbox.map(|record| record.envelope).collect()
    }

    /// Somebody gives up a refused action; whether there was one.
    pub(crate) async fn discard(&self, which: u8, now: DateTime<Utc>) -> Option<ActionId> {
        let refused = self.outbox().await.into_iter().filter(|record| record.state == OutboxState::Refused);
        let refused: Vec<ActionId> = refused.map(|record| record.envelope.action.id).collect();
        let id = refused.get(usize::from(which) % refused.len().max(1))?.clone();
        self.store.outbox_discard(&id, AuditEntry::new(now, None, "outbox.discard")).await.unwrap();
        Some(id)
    }

    pub(crate) async fn hear(&self, results: &[ActionResult], now: DateTime<Utc>) {
        self.store.record_outcomes(results, now).await.unwrap();
    }

    /// Opens a page and stores it with its cursor.
    pub(crate) async fn store_page(&self, changes: Vec<Change>, cursor: &str, complete: bool, now: DateTime<Utc>) {
        let opened: Vec<OpenedChange> = changes.into_iter().map(|change| self.open(change)).collect();
        self.store.apply_page(&opened, cursor, now, complete).await.unwrap();
    }

    fn open(&self, change: Change) -> OpenedChange {
        let mut parts = Opened::new();
        for (name, sealed) in &change.parts {
            let place = SealContext { entity: change.id.as_str(), part: name, seal_id: &sealed.seal_id };
            let value = seal::open_json::<Value>(&self.clinic_key, &place, sealed).expect("every desk can open it");
            parts.insert(name.clone(), value);
        }
        OpenedChange { seq: change.seq, id: change.id, version: change.version, state: change.state, parts }
    }
}

fn card(value: u32) -> Value {
    let name = PersonName { family: format!("Имя {value}"), ..PersonName::default() };
    to_value(PersonPersonal { name, ..PersonPersonal::default() }).unwrap()
}

/// Seals the part that an action brings, if it brings one.
pub(crate) fn sealed(action: &Action, personal: Option<Value>, key: &ClinicSecretKey) -> (Parts, Opened) {
    let (Some((name, _)), Some(value)) = (action.sealed_part(), personal) else {
        return (Parts::new(), Opened::new());
    };
    let place = SealContext { entity: action.entity.as_str(), part: &name, seal_id: action.id.as_str() };
    let sealed = seal::seal_json(&key.public(), &place, &value).unwrap();
    (Parts::from([(name.clone(), sealed)]), Opened::from([(name, value)]))
}
