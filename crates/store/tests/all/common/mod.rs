//! A small clinic for the stories: ids from fixed bytes, invented people, real encrypted files in a temporary folder.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use contract::v1::{ActionEnvelope, ActionResult, Outcome, Parts, Sealed};
use domain::{
    Action, ActionId, AppointmentId, CertificateId, ChairId, ClinicId, Command, Context, DeskId, EntityRef, Kopecks,
    PersonId, PractitionerId, RequestId, StaffId, State,
    appointment::Slot,
    certificate::{Certificate, CertificateOrigin, LedgerEntry, LedgerKind},
    clinic::{Chair, Clinic, Practice, Requisites},
    hours::{DayHours, OpeningHours},
    person::{Person, PersonSource},
    personal::{
        CertificatePersonal, ClinicPersonal, NotePersonal, PersonName, PersonPersonal, RequestPersonal, StaffPersonal,
    },
    phone,
    request::{Request, RequestKind, Source},
    staff::{Role, Staff},
};
use serde_json::{Value, to_value};
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use store::{AuditEntry, DatabaseKey, NewAction, Opened, OpenedChange, Store, StoreError};

pub(crate) const KEY: [u8; 32] = [0x5a; 32];

pub(crate) fn key() -> DatabaseKey {
    DatabaseKey::from_random(KEY)
}

/// 16 bytes out of a number.
pub(crate) fn bytes(n: u32) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&n.to_be_bytes());
    bytes[12..].copy_from_slice(&n.wrapping_mul(0x9E37_79B9).to_be_bytes());
    bytes
}

macro_rules! ids {
    ($($function:ident => $id:ident),* $(,)?) => {$(
        pub(crate) fn $function(n: u32) -> $id {
            $id::from_random(bytes(n))
        }
    )*};
}
ids!(person_id => PersonId, request_id => RequestId, visit_id => AppointmentId, certificate_id => CertificateId,
    action_id => ActionId, doctor_id => PractitionerId, chair_id => ChairId);

pub(crate) fn anna() -> StaffId {
    StaffId::from_random(bytes(1))
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-23T03:00:00Z".parse().unwrap()
}

pub(crate) fn wall(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

pub(crate) fn context() -> Context {
    Context { now: now(), desk: DeskId::from_random(bytes(1)) }
}

pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

pub(crate) fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("desk.db");
    Place { folder, path }
}

/// A fresh store with the clinic in it.
pub(crate) async fn clinic_store() -> (Place, Store) {
    let place = place();
    let store = Store::create(&place.path, &key()).await.unwrap();
    store.apply_page(&founding(), "founded", now(), true).await.unwrap();
    (place, store)
}

/// A connection past the store, with its key.
pub(crate) async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(path)
        .disable_statement_logging()
        .pragma("key", format!("\"x'{}'\"", key().to_hex().as_str()))
        .busy_timeout(std::time::Duration::from_secs(5))
        .connect()
        .await
        .unwrap()
}

pub(crate) async fn raw_run(path: &Path, statement: &'static str) {
    let mut connection = raw(path).await;
    sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

pub(crate) async fn raw_count(path: &Path, statement: &'static str) -> i64 {
    let mut connection = raw(path).await;
    let count = sqlx::query_scalar(statement).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    count
}

// ------------------------------------------------------------------------------------------------------------ changes

pub(crate) fn main_part<T: serde::Serialize>(part: &T) -> Opened {
    Opened::from([("main".to_owned(), to_value(part).unwrap())])
}

pub(crate) fn change(seq: u64, id: impl Into<EntityRef>, version: u64, state: State, parts: Opened) -> OpenedChange {
    OpenedChange { seq, id: id.into(), version, state: Some(state), parts }
}

pub(crate) fn erased(seq: u64, id: impl Into<EntityRef>, version: u64) -> OpenedChange {
    OpenedChange { seq, id: id.into(), version, state: None, parts: Opened::new() }
}

pub(crate) fn founding() -> Vec<OpenedChange> {
    let day = DayHours { opens: "09:00:00".parse().unwrap(), closes: "20:00:00".parse().unwrap() };
    let clinic = Clinic {
        zone: chrono_tz::Asia::Krasnoyarsk,
        hours: OpeningHours { week: [Some(day); 7], closed_on: std::collections::BTreeSet::new() },
        chairs: vec![Chair { id: chair_id(1), name: "Кресло 1".to_owned() }],
        requisites: Requisites::default(),
        practice: Practice::default(),
        services: Vec::new(),
        recovery: Vec::new(),
        etag: None,
    };
    let staff = StaffPersonal {
        name: name("Орлова", "Анна", "Петровна"),
        login: "Anna".to_owned(),
        secret_hash: "$argon2id$".to_owned(),
        ..StaffPersonal::default()
    };
    vec![
        change(1, ClinicId::from_random(bytes(1)), 1, State::Clinic(clinic), main_part(&ClinicPersonal::default())),
        change(2, anna(), 1, State::Staff(Staff::new(Role::Manager, true)), main_part(&staff)),
    ]
}

pub(crate) fn name(family: &str, given: &str, patronymic: &str) -> PersonName {
    PersonName { family: family.to_owned(), given: given.to_owned(), patronymic: patronymic.to_owned() }
}

pub(crate) fn person_part(family: &str, given: &str, patronymic: &str, phone: &str) -> PersonPersonal {
    PersonPersonal { name: name(family, given, patronymic), phones: vec![phone::parse(phone)], ..Default::default() }
}

pub(crate) fn person_state() -> State {
    State::Person(Person::new(PersonSource::Site, now()))
}

pub(crate) fn person(seq: u64, n: u32, family: &str, given: &str, patronymic: &str, phone: &str) -> OpenedChange {
    change(seq, person_id(n), 1, person_state(), main_part(&person_part(family, given, patronymic, phone)))
}

pub(crate) fn request_state(minutes: i64) -> Request {
    let source = Source { connector: "form".to_owned(), source: "src".to_owned(), site: None };
    let at = now() + Duration::minutes(minutes);
    Request::received(RequestKind::Callback, at, at, source)
}

pub(crate) fn request_part(name: &str, phone: &str) -> RequestPersonal {
    RequestPersonal { name_raw: name.to_owned(), phone: Some(phone::parse(phone)), ..Default::default() }
}

pub(crate) fn request(seq: u64, n: u32, name: &str, phone: &str) -> OpenedChange {
    let state = State::Request(request_state(i64::from(n)));
    change(seq, request_id(n), 1, state, main_part(&request_part(name, phone)))
}

pub(crate) fn certificate(seq: u64, n: u32, code: &str, buyer: &str) -> OpenedChange {
    let sale = LedgerEntry {
        action: None,
        at: now(),
        kind: LedgerKind::Sale,
        amount: Kopecks::roubles(5000),
        staff: None,
        of: None,
    };
    let state = Certificate {
        origin: CertificateOrigin::Paid,
        face_value: Kopecks::roubles(5000),
        issued_at: now(),
        expires_on: None,
        blocked: false,
        revoked_at: None,
        refund_requested_at: None,
        ledger: vec![sale],
        request: None,
    };
    let part = CertificatePersonal { code: code.to_owned(), buyer: Some(buyer.to_owned()), ..Default::default() };
    change(seq, certificate_id(n), 1, State::Certificate(state), main_part(&part))
}

// ------------------------------------------------------------------------------------------------------------ actions

pub(crate) fn slot(doctor: u32, start: &str, end: &str) -> Slot {
    Slot { practitioner: doctor_id(doctor), chair: chair_id(doctor), start: wall(start), end: wall(end) }
}

pub(crate) fn action(n: u32, entity: impl Into<EntityRef>, base_version: u64, command: Command) -> Action {
    Action { id: action_id(n), entity: entity.into(), base_version, if_match: None, actor: anna(), at: now(), command }
}

pub(crate) fn envelope(action: Action, opened: &Opened) -> ActionEnvelope {
    let seal = |name: &String| {
        let seal_id = action.id.as_str().to_owned();
        (name.clone(), Sealed { key_id: "k".to_owned(), seal_id, data: "c2VhbGVk".to_owned() })
    };
    let parts: Parts = opened.keys().map(seal).collect();
    ActionEnvelope { action, parts }
}

pub(crate) async fn commit_with(store: &Store, action: Action, opened: Opened) -> Result<(), StoreError> {
    let audit = AuditEntry::of_action(&action, now());
    let envelope = envelope(action, &opened);
    let new = NewAction { envelope: &envelope, opened, context: &context(), audit };
    store.commit_action(new).await
}

pub(crate) async fn commit(store: &Store, action: Action) -> Result<(), StoreError> {
    commit_with(store, action, Opened::new()).await
}

pub(crate) fn note(action: &ActionId, text: &str) -> Opened {
    let part: Value = to_value(NotePersonal { text: text.to_owned() }).unwrap();
    Opened::from([(domain::personal::note_part(action), part)])
}

pub(crate) fn applied(n: u32, versions: &[(EntityRef, u64)]) -> ActionResult {
    ActionResult { id: action_id(n), duplicate: false, outcome: Outcome::Applied { versions: versions.to_vec() } }
}

pub(crate) fn conflict(n: u32, refusal: domain::Refusal) -> ActionResult {
    ActionResult { id: action_id(n), duplicate: false, outcome: Outcome::Conflict { refusal } }
}
