//! Backups: of one moment, read again, restored on either database.

use std::{io::Write, path::Path};

use connectors::Connector;
use contract::v1::{ActionsRequest, ActionsResponse, Change, ChangesPage, Outcome, ProblemCode};
use domain::{CertificateId, Command, EntityRef, Kopecks, Refusal, State};
use gateway::{BackupError, Gateway, GatewayError, Journals, verify_backup};

use crate::{
    ON_POSTGRES,
    place::Place,
    world::{World, ask, book, get, post, slot},
};

const NO_JOURNAL: Journals = Journals { others: Vec::new(), none: true };

async fn certificate(world: &World, form: &gateway::SourceUrl) -> CertificateId {
    let body = r#"{"name":"Анна","certificate":{"code":"A","face_value":100}}"#;
    assert_eq!(world.submit(form, "application/json", body).await.status, 200);
    let sold = world.changes().await.into_iter().find_map(|change| match change.id {
        EntityRef::Certificate(id) => Some(id),
        _ => None,
    });
    sold.unwrap()
}

async fn feed(gateway: &Gateway, world: &World) -> Vec<Change> {
    ask(&gateway.router(), get("/v1/changes", Some(&world.desk.token))).await.json::<ChangesPage>().changes
}

fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777 == 0o600
}

/// From one database into another, the other kind too, and back: nothing changes but the epoch.
#[tokio::test]
async fn a_restored_gateway_goes_on_where_the_backup_stands() {
    let world = World::staffed().await;
    let form = world.source(Connector::Form).await;
    let sold = EntityRef::from(certificate(&world, &form).await);
    let person = world.person().await;
    let visit = EntityRef::from(world.visit());
    let booking = world.plain(&visit, 0, book(slot(1, 1, 10), &person, None));
    let redeem = world.plain(&sold, 1, Command::CertificateRedeem { amount: Kopecks(6_000) });
    let known = [booking, redeem];
    assert!(world.push(&known).await.iter().all(|result| matches!(result.outcome, Outcome::Applied { .. })));
    let (before, cursor) = (world.changes().await, world.page(None, 1_000).await.cursor);

    let mut file = world.place.dir.path().join("backup-0");
    let made = world.gateway.backup(&file).await.unwrap();
    assert!(is_private(&file));
    assert_eq!((made.seq, &made), (before.last().unwrap().seq, &verify_backup(&file).unwrap()));
    assert!(matches!(world.gateway.backup(&file).await, Err(BackupError::Exists(_))));

    let others: &[fn() -> Place] =
        if ON_POSTGRES { &[Place::on_postgres, Place::on_sqlite, Place::on_postgres] } else { &[Place::on_sqlite] };
    let mut epochs = vec![made.epoch];
    for (n, place) in others.iter().enumerate() {
        let place = place();
        let restored = Gateway::restore(place.config(), &file, &NO_JOURNAL).await.unwrap();
        assert_eq!((restored.rows, restored.seq), (made.rows, made.seq));
        let gateway = Gateway::open_with_clock(place.config(), world.clock.clone()).await.unwrap();
        assert_eq!(feed(&gateway, &world).await, before);
        let router = gateway.router();
        let since = get(&format!("/v1/changes?since={cursor}"), Some(&world.desk.token));
        assert_eq!(ask(&router, since).await.code(), ProblemCode::ResyncRequired);
        // what was decided is remembered, what was taken is taken, what was spent is spent
        let again = post("/v1/actions", Some(&world.desk.token), &ActionsRequest { actions: known.to_vec() });
        assert!(ask(&router, again).await.json::<ActionsResponse>().results.iter().all(|result| result.duplicate));
        let late = world.plain(&world.visit().into(), 0, book(slot(1, 2, 10), &person, None));
        let much = world.plain(&sold, 2, Command::CertificateRedeem { amount: Kopecks(4_001) });
        let late = post("/v1/actions", Some(&world.desk.token), &ActionsRequest { actions: vec![late, much] });
        let late: ActionsResponse = ask(&router, late).await.json();
        assert!(matches!(&late.results[0].outcome, Outcome::Conflict { refusal: Refusal::SlotTaken { .. } }));
        let left = Refusal::BalanceTooLow { balance: Kopecks(4_000) };
        assert_eq!(late.results[1].outcome, Outcome::Conflict { refusal: left });
        // the site's address works on, and what it sends again is known
        let again = post(&form.path, None, &serde_json::json!({ "name": "Борис" }));
        assert_eq!(ask(&router, again).await.status, 200);
        assert_eq!(feed(&gateway, &world).await.len(), before.len() + 1);
        assert!(matches!(Gateway::restore(place.config(), &file, &NO_JOURNAL).await, Err(GatewayError::Backup(BackupError::NotEmpty))));
        gateway.close().await.unwrap();

        // the next one is restored from a backup of a database that was restored itself
        let clean = Place::make();
        Gateway::restore(clean.config(), &file, &NO_JOURNAL).await.unwrap();
        let gateway = Gateway::open(clean.config()).await.unwrap();
        file = world.place.dir.path().join(format!("backup-{}", n + 1));
        epochs.push(gateway.backup(&file).await.unwrap().epoch);
        gateway.close().await.unwrap();
    }
    epochs.sort();
    epochs.dedup();
    assert_eq!(epochs.len(), others.len() + 1, "each restore begins an epoch");
}

/// Two desks edit one card: the one on what a restore has taken back, the other on what came since. Both call theirs the
/// second version.
#[tokio::test]
async fn an_edit_of_the_lost_history_does_not_go_over_one_of_the_new() {
    let world = World::staffed().await;
    let person: EntityRef = world.person().await.into();
    let file = world.place.dir.path().join("morning.backup");
    world.gateway.backup(&file).await.unwrap();
    let other = world.edit(&person, &serde_json::json!({"phone": "of the other"})).await;
    assert!(matches!(world.do_it(world.edit(&person, &serde_json::json!({"v": 2})).await).await, Outcome::Applied { .. }));
    let late = world.edit(&person, &serde_json::json!({"v": 3})).await;

    let place = if ON_POSTGRES { Place::on_postgres() } else { Place::on_sqlite() };
    Gateway::restore(place.config(), &file, &NO_JOURNAL).await.unwrap();
    let gateway = Gateway::open_with_clock(place.config(), world.clock.clone()).await.unwrap();
    let push = |edit| post("/v1/actions", Some(&world.desk.token), &ActionsRequest { actions: vec![edit] });
    let told: ActionsResponse = ask(&gateway.router(), push(other)).await.json();
    assert!(matches!(&told.results[0].outcome, Outcome::Applied { versions } if versions[0].1 == 2), "{told:?}");
    assert_eq!(late.action.base_version, 2);
    let told: ActionsResponse = ask(&gateway.router(), push(late)).await.json();
    let refusal = Refusal::ChangedMeanwhile { version: 2 };
    assert_eq!(told.results[0].outcome, Outcome::Conflict { refusal });
    gateway.close().await.unwrap();
}

/// Desks and a site go on while it is made: it is of one moment all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_under_load_is_of_one_moment() {
    let world = World::staffed().await;
    let form = world.source(Connector::Form).await;
    for n in 0..20 {
        world.callback(&form, &format!("Имя {n}")).await;
    }
    let (done, until) = tokio::sync::watch::channel(false);
    let load = async {
        let mut n = 0;
        while !*until.borrow() {
            world.clock.advance(chrono::Duration::seconds(30));
            let request = EntityRef::from(world.callback(&form, &format!("Ещё {n}")).await);
            world.do_it(world.plain(&request, 1, Command::RequestClaim)).await;
            n += 1;
        }
    };
    let save = async {
        let mut backups = Vec::new();
        for n in 0..5 {
            let file = world.place.dir.path().join(format!("backup-{n}"));
            backups.push((world.gateway.backup(&file).await.unwrap(), file));
        }
        done.send_replace(true);
        backups
    };
    let ((), backups) = tokio::join!(load, save);
    for (backup, file) in backups {
        let place = Place::make();
        Gateway::restore(place.config(), &file, &NO_JOURNAL).await.unwrap();
        let gateway = Gateway::open_with_clock(place.config(), world.clock.clone()).await.unwrap();
        let changes = feed(&gateway, &world).await;
        assert_eq!(changes.last().unwrap().seq, backup.seq);
        // each entity that stands at its first version has its sealed part, each claimed one was written whole
        for change in changes.iter().filter(|change| matches!(change.id, EntityRef::Request(_))) {
            let Some(State::Request(request)) = &change.state else { panic!("a request") };
            assert_eq!((change.version == 2, change.parts.len()), (request.claim.is_some(), 1));
        }
        gateway.close().await.unwrap();
    }
}

/// Cut off anywhere, or with a byte that fell over: nothing is restored, and the place stays free for a good one.
#[tokio::test]
async fn a_damaged_backup_restores_nothing() {
    let world = World::staffed().await;
    let form = world.source(Connector::Form).await;
    world.callback(&form, "Анна").await;
    let file = world.place.dir.path().join("backup");
    world.gateway.backup(&file).await.unwrap();
    let good = std::fs::read(&file).unwrap();
    let bad = world.place.dir.path().join("bad");
    let place = Place::make();
    let mut damaged: Vec<Vec<u8>> = (0..good.len()).step_by(97).map(|end| good[..end].to_vec()).collect();
    damaged.extend((0..good.len()).step_by(61).map(|at| {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        bytes
    }));
    // whole for zstd, and yet not what was written
    let text = zstd_lines(&good);
    let lines: Vec<&str> = text.lines().collect();
    let without = |n: usize| lines.iter().enumerate().filter(|(at, _)| *at != n).map(|(_, line)| format!("{line}\n")).collect::<String>();
    damaged.extend([1, lines.len() - 3, lines.len() - 2, lines.len() - 1].map(|n| packed(&without(n))));
    damaged.push(packed(&text.replace("\"clinic\"", "\"clinik\"")));
    damaged.push(packed(&format!("{text}{{}}\n")));
    for bytes in &damaged {
        std::fs::write(&bad, bytes).unwrap();
        // a bit of the frame that says nothing about what is in it
        if zstd::decode_all(bytes.as_slice()).is_ok_and(|decoded| decoded == text.as_bytes()) {
            continue;
        }
        let error = Gateway::restore(place.config(), &bad, &NO_JOURNAL).await.unwrap_err();
        assert!(matches!(error, GatewayError::Backup(BackupError::Damaged)), "{error:?}");
    }
    std::fs::write(&bad, packed(&text.replacen("\"reception_backup\":1", "\"reception_backup\":2", 1))).unwrap();
    assert!(matches!(verify_backup(&bad), Err(BackupError::Newer)));
    Gateway::restore(place.config(), &file, &NO_JOURNAL).await.unwrap();
}

fn zstd_lines(bytes: &[u8]) -> String {
    String::from_utf8(zstd::decode_all(bytes).unwrap()).unwrap()
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Where a backup is written, and the journal of erasures, somebody else looks too.
#[tokio::test]
async fn neither_a_backup_nor_the_journal_holds_anything_about_a_person() {
    let world = World::staffed().await;
    let canaries = crate::intake::night(&world).await;
    let file = world.place.dir.path().join("backup");
    world.gateway.backup(&file).await.unwrap();
    for change in world.changes().await {
        if matches!(change.id, EntityRef::Request(_)) {
            world.gateway.erase(&change.id).await.unwrap();
        }
    }
    let mut said = zstd_lines(&std::fs::read(&file).unwrap());
    assert!(said.contains("req_"), "the search itself finds what is there");
    said.push_str(&std::fs::read_to_string(world.place.journal()).unwrap());
    for canary in &canaries {
        for spelling in [canary.clone(), canary.to_lowercase()] {
            assert!(!said.contains(&spelling), "{spelling}");
        }
    }
    for secret in [&world.desk.token, &world.key.to_hex()] {
        assert!(!said.contains(secret.as_str()));
    }
}
