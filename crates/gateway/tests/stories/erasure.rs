//! What is erased or blocked stays so, whatever comes later.

use axum::http::StatusCode;
use connectors::Connector;
use contract::v1::{Change, Outcome, ProblemCode};
use domain::{
    CertificateId, Command, EntityRef, Kopecks, PersonId, Refusal, RequestId, State,
    case::EraseGround,
    person::{BlockGround, BlockRequester, LiftGround, PersonSource},
};
use gateway::{BackupError, Gateway, GatewayError, JournalError, Journals, SourceUrl};
use serde_json::json;

use crate::{
    place::Place,
    world::{World, ask, book, get, slot},
};

const SITE: &str = r#"{"name":"Анна","phone":"8 900 000-12-34","certificate":{"code":"A1","face_value":5000}}"#;

/// A request with a certificate, a person, and their visit.
struct Anna {
    form: SourceUrl,
    request: RequestId,
    certificate: CertificateId,
    person: PersonId,
    visit: EntityRef,
}

impl Anna {
    async fn comes(world: &World) -> Self {
        let form = world.source(Connector::Form).await;
        let request = submitted(world, &form).await;
        let person = world.person().await;
        let visit = EntityRef::from(world.visit());
        let booking = world.plain(&visit, 0, book(slot(1, 1, 10), &person, None));
        assert!(matches!(world.do_it(booking).await, Outcome::Applied { .. }));
        let certificate = match world.change_of(&request.clone().into()).await.state {
            Some(State::Request(request)) => request.certificate.unwrap(),
            other => panic!("{other:?}"),
        };
        Self { form, request, certificate, person, visit }
    }

    fn all(&self) -> [EntityRef; 4] {
        [self.request.clone().into(), self.certificate.clone().into(), self.person.clone().into(), self.visit.clone()]
    }
}

async fn submitted(world: &World, form: &SourceUrl) -> RequestId {
    let reply = world.submit(form, "application/json", SITE).await;
    assert_eq!(reply.status, StatusCode::OK);
    reply.json::<serde_json::Value>()["id"].as_str().unwrap().parse().unwrap()
}

/// Everything that is in the feed of a gateway that was opened again.
async fn feed(gateway: &Gateway, world: &World) -> Vec<Change> {
    let reply = ask(&gateway.router(), get("/v1/changes", Some(&world.desk.token))).await;
    reply.json::<contract::v1::ChangesPage>().changes
}

fn is_erased(changes: &[Change], entity: &EntityRef) -> bool {
    let change = changes.iter().find(|change| change.id == *entity).expect("a tombstone at least");
    change.state.is_none() && change.parts.is_empty()
}

#[tokio::test]
async fn what_is_erased_leaves_a_tombstone_and_nothing_else() {
    let world = World::staffed().await;
    let anna = Anna::comes(&world).await;
    let sealed: Vec<String> =
        world.changes().await.iter().filter(|change| anna.all().contains(&change.id)).flat_map(|change| change.parts.values().map(|part| part.data.clone())).collect();
    let raw = |sealed: &String| {
        let raw = world.place.raw();
        raw.iter().any(|(_, bytes)| bytes.windows(sealed.len()).any(|window| window == sealed.as_bytes()))
    };
    assert!(sealed.len() >= 3 && sealed.iter().all(raw), "the search finds what is there");
    let before = world.page(None, 1_000).await;
    for entity in anna.all() {
        assert!(world.gateway.erase(&entity).await.unwrap());
        assert!(!world.gateway.erase(&entity).await.unwrap(), "once");
    }
    let after = world.page(Some(&before.cursor), 1_000).await.changes;
    assert_eq!(after.len(), 4, "desks hear of it in the feed");
    assert!(anna.all().iter().all(|entity| is_erased(&after, entity)));
    assert!(!sealed.iter().any(raw), "not even sealed");

    // sent again by the site, taken up again by a desk
    assert_eq!(submitted(&world, &anna.form).await, anna.request, "known, and not made again");
    let version = after.iter().find(|change| change.id == anna.person.clone().into()).unwrap().version;
    let put = Command::PersonPut { source: PersonSource::DeskPhone };
    for base in [0, version] {
        let put = world.sealed(&anna.person.clone().into(), base, put.clone(), &json!({"name": "x"}));
        assert_eq!(world.do_it(put).await, Outcome::Rejected { refusal: Refusal::NotFound });
    }
    let redeem = Command::CertificateRedeem { amount: Kopecks(1) };
    let redeem = world.plain(&anna.certificate.clone().into(), version, redeem);
    assert_eq!(world.do_it(redeem).await, Outcome::Rejected { refusal: Refusal::NotFound });
    assert!(anna.all().iter().all(|entity| is_erased(&after, entity)));
    // the slot is free for somebody else
    let other = world.person().await;
    let booking = world.plain(&world.visit().into(), 0, book(slot(1, 1, 10), &other, None));
    assert!(matches!(world.do_it(booking).await, Outcome::Applied { .. }));
}

#[tokio::test]
async fn a_blocked_certificate_is_kept_and_not_spent() {
    let world = World::staffed().await;
    let anna = Anna::comes(&world).await;
    let certificate = EntityRef::from(anna.certificate.clone());
    assert!(world.gateway.block(&certificate).await.unwrap());
    assert!(!world.gateway.block(&certificate).await.unwrap());
    assert!(!world.gateway.block(&anna.request.clone().into()).await.unwrap(), "nothing that could be blocked");
    let redeem = world.plain(&certificate, 2, Command::CertificateRedeem { amount: Kopecks(1) });
    assert_eq!(world.do_it(redeem).await, Outcome::Conflict { refusal: Refusal::CertificateBlocked });
}

#[tokio::test]
async fn a_block_made_at_a_desk_outlives_every_backup_and_a_lifted_one_does_not() {
    let world = World::staffed().await;
    let anna = Anna::comes(&world).await;
    let person = EntityRef::from(anna.person.clone());
    let backup = world.place.dir.path().join("before.backup");
    world.gateway.backup(&backup).await.unwrap();
    let block = Command::PersonBlock { requester: BlockRequester::Subject, ground: BlockGround::Unreliable };
    let block = world.plain(&person, 1, block);
    let id = block.action.id.clone();
    assert!(matches!(world.do_it(block).await, Outcome::Applied { .. }));
    let blocked = Outcome::Conflict { refusal: Refusal::PersonBlocked };
    let booking = || world.plain(&world.visit().into(), 0, book(slot(2, 2, 12), &anna.person, None));
    assert_eq!(world.do_it(booking()).await, blocked);
    let moved = world.plain(&anna.visit, 1, Command::AppointmentMove { slot: slot(1, 1, 15) });
    assert_eq!(world.do_it(moved).await, blocked);
    let came = world.plain(&anna.visit, 1, Command::AppointmentArrive);
    assert!(matches!(world.do_it(came).await, Outcome::Applied { .. }), "who came is written down all the same");

    let is_blocked = async || {
        let place = Place::make();
        let journals = Journals { others: vec![world.place.journal()], none: false };
        Gateway::restore(place.config(), &backup, &journals).await.unwrap();
        let gateway = Gateway::open_with_clock(place.config(), world.clock.clone()).await.unwrap();
        let changes = feed(&gateway, &world).await;
        gateway.close().await.unwrap();
        match changes.into_iter().find(|change| change.id == person).unwrap().state {
            Some(State::Person(person)) => person.is_blocked(),
            other => panic!("{other:?}"),
        }
    };
    assert!(is_blocked().await, "the backup does not know of it, the journal does");
    let lift = Command::PersonUnblock { block: Some(id), ground: LiftGround::Rectified };
    assert!(matches!(world.do_it(world.plain(&person, 2, lift)).await, Outcome::Applied { .. }));
    assert!(matches!(world.do_it(booking()).await, Outcome::Applied { .. }));
    assert!(!is_blocked().await, "lifted since");
    let again = Command::PersonBlock { requester: BlockRequester::Subject, ground: BlockGround::Dispute };
    assert!(matches!(world.do_it(world.plain(&person, 3, again)).await, Outcome::Applied { .. }));
    assert!(is_blocked().await, "and blocked once more");
}

#[tokio::test]
async fn a_desk_that_was_let_go_is_not_let_in_by_an_older_backup() {
    let world = World::staffed().await;
    let second = world.second_desk().await;
    let backup = world.place.dir.path().join("before.backup");
    world.gateway.backup(&backup).await.unwrap();
    assert!(world.gateway.revoke_desk(&second.id).await.unwrap());

    let place = Place::make();
    let journals = Journals { others: vec![world.place.journal()], none: false };
    Gateway::restore(place.config(), &backup, &journals).await.unwrap();
    let gateway = Gateway::open_with_clock(place.config(), world.clock.clone()).await.unwrap();
    let code = async |token: &str| ask(&gateway.router(), get("/v1/changes", Some(token))).await;
    assert_eq!(code(&second.token).await.code(), ProblemCode::DeskRevoked);
    assert_eq!(code(&world.desk.token).await.status, StatusCode::OK, "the others are");
    gateway.close().await.unwrap();
}

#[tokio::test]
async fn an_erasure_that_cannot_be_noted_does_not_happen() {
    let world = World::staffed().await;
    let anna = Anna::comes(&world).await;
    std::fs::remove_file(world.place.journal()).unwrap();
    std::fs::create_dir(world.place.journal()).unwrap();
    let before = world.changes().await;
    let error = world.gateway.erase(&anna.visit).await.unwrap_err();
    assert!(matches!(error, GatewayError::Journal(JournalError::File { .. })), "{error:?}");
    assert_eq!(world.changes().await, before);
}

#[tokio::test]
async fn a_desk_destroys_and_it_is_known_when_every_desk_has_heard() {
    let world = World::staffed().await;
    let anna = Anna::comes(&world).await;
    let backup = world.place.dir.path().join("backup");
    world.gateway.backup(&backup).await.unwrap();
    let sealed: Vec<String> = world.change_of(&anna.person.clone().into()).await.parts.into_values().map(|part| part.data).collect();
    let in_backup = |sealed: &String| {
        let text = zstd::decode_all(std::fs::File::open(&backup).unwrap()).unwrap();
        text.windows(sealed.len()).any(|window| window == sealed.as_bytes())
    };
    assert!(!sealed.is_empty() && sealed.iter().all(in_backup));
    let erase = Command::Erase { ground: EraseGround::Demanded, holds_seen: Default::default() };
    let visit = world.plain(&anna.visit, 1, erase.clone());
    let id = visit.clone();
    assert!(matches!(world.do_it(visit).await, Outcome::Applied { .. }));
    assert!(matches!(world.do_it(id).await, Outcome::Applied { .. }), "the same again is the same");
    let person = EntityRef::from(anna.person.clone());
    assert!(matches!(world.do_it(world.plain(&person, 1, erase.clone())).await, Outcome::Applied { .. }));
    let certificate = EntityRef::from(anna.certificate.clone());
    assert_eq!(
        world.do_it(world.plain(&certificate, 1, erase.clone())).await,
        Outcome::Rejected { refusal: Refusal::MoneyOwed }
    );
    let changes = world.changes().await;
    assert!(is_erased(&changes, &anna.visit) && is_erased(&changes, &person));
    let raw = |sealed: &String| {
        world.place.raw().iter().any(|(_, bytes)| bytes.windows(sealed.len()).any(|window| window == sealed.as_bytes()))
    };
    assert!(!sealed.iter().any(raw));
    // the desk has it all and says so by asking once more
    let caught_up = || async { world.gateway.desks().await.unwrap().remove(0).caught_up_at };
    assert!(caught_up().await.is_none(), "it is noted from time to time");
    let end = world.page(None, 1_000).await.cursor;
    world.page(Some(&end), 1_000).await;
    let keys = ask(&world.gateway.router(), get("/v1/keys", Some(&world.desk.token))).await;
    let keys: contract::v1::keys::KeysView = keys.json();
    assert!(keys.desks[0].caught_up_at.is_some());
    // what was saved before is rewritten, and is still a backup of its moment
    let before = gateway::verify_backup(&backup).unwrap();
    let after = gateway::cleanse(&world.place.config(), &backup).await.unwrap();
    assert!(!sealed.iter().any(in_backup));
    assert_eq!(after.made_at, before.made_at);
    assert_eq!(gateway::verify_backup(&backup).unwrap(), after);
    // without its journal nothing is destroyed
    std::fs::remove_file(world.place.journal()).unwrap();
    std::fs::create_dir(world.place.journal()).unwrap();
    let request = world.plain(&anna.request.clone().into(), 1, erase);
    assert_eq!(world.do_it(request).await, Outcome::RetryLater);
}

/// A backup is older than an erasure and a block. After its restore both are done again before anybody is let in.
#[tokio::test]
async fn what_was_erased_or_blocked_after_a_backup_stays_so_after_its_restore() {
    let world = World::staffed().await;
    let anna = Anna::comes(&world).await;
    let backup = world.place.dir.path().join("backup");
    world.gateway.backup(&backup).await.unwrap();
    let [request, certificate, person, visit] = anna.all();
    for entity in [&request, &person] {
        assert!(world.gateway.erase(entity).await.unwrap());
    }
    assert!(world.gateway.block(&certificate).await.unwrap());
    world.gateway.close().await.unwrap();

    let lost = Place::make();
    let restore = async |place: &Place, journals: Journals| Gateway::restore(place.config(), &backup, &journals).await;
    let error = restore(&lost, Journals::default()).await.unwrap_err();
    assert!(matches!(error, GatewayError::Journal(JournalError::Missing(_))), "{error:?}");

    let journals = Journals { others: vec![world.place.journal()], none: false };
    restore(&lost, journals).await.unwrap();
    let gateway = Gateway::open_with_clock(lost.config(), world.clock.clone()).await.unwrap();
    let changes = feed(&gateway, &world).await;
    assert!(is_erased(&changes, &request) && is_erased(&changes, &person) && !is_erased(&changes, &visit));
    let blocked = changes.iter().find(|change| change.id == certificate).unwrap();
    assert!(matches!(&blocked.state, Some(State::Certificate(certificate)) if certificate.blocked));
    gateway.close().await.unwrap();

    // whoever says that there is no journal gets what the backup holds
    let careless = Place::make();
    restore(&careless, Journals { others: Vec::new(), none: true }).await.unwrap();
    let gateway = Gateway::open_with_clock(careless.config(), world.clock.clone()).await.unwrap();
    assert!(!is_erased(&feed(&gateway, &world).await, &request));
    gateway.close().await.unwrap();

    // a journal that does not say what it must
    std::fs::write(lost.journal(), "erased per_0\n").unwrap();
    let error = Gateway::open(lost.config()).await.unwrap_err();
    assert!(matches!(error, GatewayError::Journal(JournalError::Unreadable { line: 1, .. })), "{error:?}");
    let third = Place::make();
    let journals = Journals { others: vec![lost.journal()], none: false };
    assert!(restore(&third, journals).await.is_err());
    let error = Gateway::restore(third.config(), &third.journal(), &Journals::default()).await.unwrap_err();
    assert!(matches!(error, GatewayError::Backup(BackupError::Damaged | BackupError::File(_))), "{error:?}");
}

/// The administrator has put back a copy of the database itself and said nothing to the gateway.
#[tokio::test]
async fn an_older_copy_of_the_database_is_noticed_and_mended_before_anybody_is_let_in() {
    let mut world = World::staffed().await;
    let anna = Anna::comes(&world).await;
    world.gateway.close().await.unwrap();
    let copy = world.place.copy();
    world.gateway = Gateway::open_with_clock(world.place.config(), world.clock.clone()).await.unwrap();
    world.router = world.gateway.router();
    let cursor = world.page(None, 1_000).await.cursor;
    assert!(world.gateway.erase(&anna.request.clone().into()).await.unwrap());
    world.gateway.close().await.unwrap();

    let mut config = copy.config();
    config.suppression_journal = Some(world.place.journal());
    let gateway = Gateway::open_with_clock(config, world.clock.clone()).await.unwrap();
    assert!(is_erased(&feed(&gateway, &world).await, &anna.request.clone().into()));
    let since = get(&format!("/v1/changes?since={cursor}"), Some(&world.desk.token));
    assert_eq!(ask(&gateway.router(), since).await.code(), ProblemCode::ResyncRequired, "a new epoch");
    gateway.close().await.unwrap();
}
