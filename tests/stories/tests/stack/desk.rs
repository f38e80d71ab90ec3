//! A desk of a story: its encrypted database, its keychain, its engine, and what dies with its process.

use std::path::PathBuf;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use contract::{
    ui::OutboxState,
    v1::{
        ActionEnvelope, ActionResult, Change, NewerChange, Parts, Sealed,
        keys::{KeyRecord, KeysView},
    },
};
use desk::merging::{self, Laid};
use domain::{
    Action, ActionId, CertificateId, Command, Context, DeskId, EntityRef, PersonId, State,
    personal::{PersonName, PersonPersonal, part},
};
use seal::{ChainError, ClinicPublicKey, ClinicSecretKey, DeskSecretKey, KeyRing, SealContext};
use serde_json::{Value, from_value, json, to_value, value::to_raw_value};
use sim::{Row, Rows, card, cast};
use store::{AuditEntry, DatabaseKey, NewAction, Opened, OpenedChange, OutboxRecord, Sides, Store, StoreError};
use sync::{Engine, Moment};
use tempfile::TempDir;

use crate::world::KeyTalk;

/// A field of a card that only the newer version knows.
const NEW_FIELD: &str = "nickname";

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
    /// What it is doing about the clinic's key.
    pub(crate) key_talk: Option<KeyTalk>,
    /// The clinic's keys that are in force.
    pub(crate) ring: KeyRing,
    pub(crate) own: DeskSecretKey,
    pub(crate) dies_taking_a_key: bool,
    /// It has the newer version.
    pub(crate) reads_newer: bool,
    /// It was let go.
    pub(crate) gone: bool,
    path: PathBuf,
    key: DatabaseKey,
    /// The clinic's key in the keychain.
    keychain: ClinicSecretKey,
    /// In the database: the changes of the key, and the newest one sealed to this desk.
    chain: (Vec<KeyRecord>, Option<Sealed>),
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
            key_talk: None,
            ring: KeyRing::of(clinic_key.clone()),
            own: DeskSecretKey::make().unwrap(),
            dies_taking_a_key: false,
            reads_newer: true,
            gone: false,
            path,
            key,
            keychain: clinic_key.clone(),
            chain: (Vec::new(), None),
            made: 0,
        }
    }

    /// The process is killed and started again on the same file.
    pub(crate) async fn starts(&mut self, now: DateTime<Utc>) {
        let again = Store::open(&self.path, &self.key).await.unwrap();
        std::mem::replace(&mut self.store, again).close().await;
        self.engine = Engine::default();
        self.waits_for = None;
        self.sleeps_until = None;
        self.key_talk = None;
        let (records, copy) = &self.chain;
        let of_keychain = KeyRing::of(self.keychain.clone());
        self.ring = of_keychain.follow(records, &self.own, self.id.as_str(), copy.as_ref()).unwrap();
        self.keychain = self.ring.newest().clone();
        if self.reads_newer {
            self.read_newer(now).await;
        }
    }

    /// Reads what it had to keep unread.
    async fn read_newer(&self, now: DateTime<Utc>) {
        let kept = self.store.newer().await.unwrap();
        let changes: Vec<Change> = kept.iter().map(|kept| serde_json::from_str(kept.raw.get()).unwrap()).collect();
        let changes: Vec<OpenedChange> = changes.into_iter().map(|change| self.open(change)).collect();
        if !changes.is_empty() {
            self.store.read_newer(&changes, now).await.unwrap();
        }
    }

    /// Takes the clinic's keys as the gateway has them: database, then keychain, then in force. Whether it dies in between.
    pub(crate) fn take_keys(&mut self, view: &KeysView) -> Result<bool, ChainError> {
        let ring = self.ring.follow(&view.records, &self.own, self.id.as_str(), view.own.as_ref())?;
        if ring.number() == self.ring.number() && ring.public() == self.ring.public() {
            return Ok(false);
        }
        self.chain = (view.records.clone(), view.own.clone());
        if std::mem::take(&mut self.dies_taking_a_key) {
            return Ok(true);
        }
        self.keychain = ring.newest().clone();
        self.ring = ring;
        Ok(false)
    }

    /// Actions to send, none of them sealed to an older key.
    pub(crate) async fn to_send(&self, most: usize) -> Vec<ActionEnvelope> {
        let public = self.ring.public();
        let older = self.store.sealed_otherwise(&public.key_id()).await.unwrap();
        let anew = older.into_iter().map(|(envelope, opened)| {
            let part = envelope.action.sealed_part().map(|(name, _)| opened[&name].clone());
            let (parts, _) = sealed(&envelope.action, part, &public);
            ActionEnvelope { parts, ..envelope }
        });
        self.store.seal_anew(&anew.collect::<Vec<_>>()).await.unwrap();
        self.store.outbox_to_send(most).await.unwrap()
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
                let mut row = row(person.version, State::Person(person.state.clone()));
                row.part = card_of(&self.card(&id).await);
                rows.insert(id.into(), row);
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

    /// What is sealed of a person, blocked or not.
    pub(crate) async fn card(&self, id: &PersonId) -> PersonPersonal {
        let open = self.store.for_check();
        open.person(id).await.unwrap().map(|person| person.personal.clone()).unwrap_or_default()
    }

    /// A person's card with what somebody wrote. An older desk does not know the last field: it carries it on.
    async fn written(&self, entity: &EntityRef, value: u32) -> Value {
        let EntityRef::Person(id) = entity else { panic!("only people have cards") };
        let mut written = self.card(id).await;
        let field = |n| Some(card::field(value, n)).filter(|value| *value != 0);
        let text = |n| field(n).map(|value| value.to_string());
        written.name = PersonName { family: text(0).unwrap_or_default(), ..PersonName::default() };
        written.note = text(1);
        if self.reads_newer {
            written.newer.remove(NEW_FIELD);
            written.newer.extend(field(card::FIELDS - 1).map(|value| (NEW_FIELD.to_owned(), json!(value))));
        }
        assert_eq!(card_of(&written), value, "what is written is what somebody wrote");
        to_value(written).unwrap()
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
        let personal = match (part, &action.command) {
            (Some(value), Command::PersonPut { .. }) => Some(self.written(&action.entity, value).await),
            _ => None,
        };
        let (parts, opened) = sealed(&action, personal, &self.ring.public());
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

    /// Edits that met others' are laid together as the product does it.
    pub(crate) async fn lays_together(&self, now: DateTime<Utc>) -> Vec<(Sides, Laid)> {
        let public = self.ring.public();
        merging::Desk::new(&self.store, &public, &self.id, now).lay_all().await.unwrap()
    }

    pub(crate) async fn hear(&self, results: &[ActionResult], now: DateTime<Utc>) {
        self.store.record_outcomes(results, now).await.unwrap();
    }

    /// Opens a page and stores it with its cursor; what `unread` says is kept as it came. How many those are.
    pub(crate) async fn store_page(
        &self,
        changes: Vec<Change>,
        unread: impl Fn(&Change) -> bool,
        (cursor, complete): (&str, bool),
        now: DateTime<Utc>,
    ) -> u64 {
        let (newer, known): (Vec<Change>, Vec<Change>) = changes.into_iter().partition(unread);
        let keep = |change: &Change| {
            let raw = to_raw_value(change).unwrap();
            NewerChange { seq: change.seq, id: change.id.to_string(), raw }
        };
        let newer: Vec<NewerChange> = newer.iter().map(keep).collect();
        let opened: Vec<OpenedChange> = known.into_iter().map(|change| self.open(change)).collect();
        self.store.apply_page_with_newer(&opened, &newer, cursor, now, complete).await.unwrap();
        newer.len() as u64
    }

    pub(crate) fn open(&self, change: Change) -> OpenedChange {
        let mut parts = Opened::new();
        for (name, sealed) in &change.parts {
            let place = SealContext { entity: change.id.as_str(), part: name, seal_id: &sealed.seal_id };
            let value = self.ring.open_json::<Value>(&place, sealed).expect("every desk can open it");
            parts.insert(name.clone(), value);
        }
        OpenedChange { seq: change.seq, id: change.id, version: change.version, state: change.state, parts }
    }
}

/// The card among opened parts, as the plan has it.
pub(crate) fn card_in(parts: &Opened) -> u32 {
    let card = parts.get(part::MAIN).cloned().unwrap_or_default();
    card_of(&from_value(card).unwrap_or_default())
}

/// A card as the plan has it: three numbers in one.
fn card_of(card: &PersonPersonal) -> u32 {
    let number = |text: &str| text.parse().unwrap_or_default();
    let new = card.newer.get(NEW_FIELD).and_then(Value::as_u64).unwrap_or_default();
    let note = card.note.as_deref().unwrap_or_default();
    let fields = [number(&card.name.family), number(note), u32::try_from(new).unwrap()];
    (0..card::FIELDS).zip(fields).fold(0, |card, (n, value)| card::with(card, n, value))
}

/// Seals the part that an action brings, if it brings one.
pub(crate) fn sealed(action: &Action, personal: Option<Value>, key: &ClinicPublicKey) -> (Parts, Opened) {
    let (Some((name, _)), Some(value)) = (action.sealed_part(), personal) else {
        return (Parts::new(), Opened::new());
    };
    let place = SealContext { entity: action.entity.as_str(), part: &name, seal_id: action.id.as_str() };
    let sealed = seal::seal_json(key, &place, &value).unwrap();
    (Parts::from([(name.clone(), sealed)]), Opened::from([(name, value)]))
}
