//! A computer of the clinic is lost with everything on it. It is let go from the window; the others go on reading old and
//! new, and whoever has the lost one opens nothing newer, not even with a copy of the gateway's database.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::common::{
    ACCOUNT, Clinic, MANAGER, MovedClock, comes, register,
    relay::{Fate, Relay},
    settled, sign_in,
};
use chrono::Utc;
use contract::{
    ui::*,
    v1::{Sealed, keys::KeyRecord},
};
use desk::{Desk, platform::clock::Clock};
use domain::DeskId;
use gateway::{Gateway, GatewayConfig, Journals};
use seal::{ClinicSecretKey, DeskSecretKey, KeyRing, SealContext};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);
const ACTIONS: &str = "POST /v1/actions";
const CHANGES: &str = "GET /v1/changes";
const DESK_KEY: &str = "PUT /v1/desks/key";

fn home(clinic: &Clinic, account: &str) -> PathBuf {
    clinic.dir.path().join(account)
}

/// One more desk of the clinic, at this address; the manager is signed in.
async fn joined(clinic: &Clinic, first: &Desk, account: &str, url: &str) -> Desk {
    let desk = clinic.desk_at(&home(clinic, account), account).await;
    let code = first.desk_invite(Nothing {}).await.unwrap().code;
    let args = ConnectArgs { gateway: url.to_owned(), code, desk_name: account.to_owned() };
    desk.connect(args).await.unwrap();
    settled(&desk).await;
    sign_in(&desk, MANAGER).await;
    desk
}

/// The gateway as a copy has it, where nothing was noted since.
async fn restored_without_a_journal(clinic: &Clinic, copy: &Path) -> Gateway {
    let config = || GatewayConfig::at(clinic.dir.path().join("restored.db"));
    Gateway::restore(config(), copy, &Journals { others: Vec::new(), none: true }).await.unwrap();
    Gateway::open(config()).await.unwrap()
}

async fn found(desk: &Desk, family: &str) -> usize {
    desk.search(SearchArgs { query: family.to_owned(), limit: 20 }).await.unwrap().hits.len()
}

async fn list(desk: &Desk) -> DesksView {
    desk.desks_list(Nothing {}).await.unwrap()
}

async fn id_of(desk: &Desk, name: &str) -> DeskId {
    list(desk).await.desks.into_iter().find(|row| row.name == name).expect(name).id
}

async fn let_go(by: &Desk, name: &str) -> DesksView {
    by.desk_release(DeskReleaseArgs { id: id_of(by, name).await }).await.unwrap()
}

/// Every desk has given its own key, so that it is among those that get the next one.
async fn all_have_given_their_keys(clinic: &Clinic) {
    comes("the keys of the desks", async || {
        let desks = clinic.gateway.desks().await.unwrap();
        desks.iter().all(|desk| desk.key.is_some() || desk.revoked_at.is_some()).then_some(())
    })
    .await;
}

async fn changed(desk: &Desk, number: u32) -> DesksView {
    comes("the new key", async || Some(list(desk).await).filter(|view| view.key.number == number && !view.key.due))
        .await
}

fn entry(clinic: &Clinic, account: &str) -> Value {
    serde_json::from_str(&clinic.keychain.entries.lock().unwrap()[account]).unwrap()
}

/// What somebody has who copied a computer of the clinic: its keychain and, later, a dump of the gateway's database.
struct Thief {
    ring: KeyRing,
    own: DeskSecretKey,
    desk: String,
}

impl Thief {
    fn copies(clinic: &Clinic, account: &str) -> Self {
        let link = &entry(clinic, account)["link"];
        let secret = ClinicSecretKey::from_hex(link["clinic_secret"].as_str().unwrap()).unwrap();
        let own = DeskSecretKey::from_hex(link["desk_secret"].as_str().unwrap()).unwrap();
        Self { ring: KeyRing::of(secret), own, desk: link["desk"].as_str().unwrap().to_owned() }
    }

    /// How many sealed parts of the dump there are, and how many open.
    fn tries_everything(&self, dump: &[(String, Value)]) -> (usize, usize) {
        let text = |row: &Value, column: &str| row[column].as_str().unwrap_or_default().to_owned();
        let records: Vec<KeyRecord> = dump
            .iter()
            .filter(|(table, _)| table == "key_change")
            .map(|(_, row)| KeyRecord {
                number: u32::try_from(row["number"].as_u64().unwrap()).unwrap(),
                public_key: text(row, "public_key"),
                proof: text(row, "proof"),
                previous: serde_json::from_str(&text(row, "previous")).unwrap(),
            })
            .collect();
        assert!(!records.is_empty());
        let copies = dump.iter().filter_map(|(_, row)| serde_json::from_str::<Sealed>(row["key_copy"].as_str()?).ok());
        let mut rings = vec![self.ring.clone()];
        for copy in copies {
            for (_, row) in dump.iter().filter(|(table, _)| table == "desk") {
                rings.extend(self.ring.follow(&records, &self.own, row["id"].as_str().unwrap(), Some(&copy)));
            }
        }
        rings.extend(self.ring.follow(&records, &self.own, &self.desk, None));
        let (mut all, mut opened) = (0, 0);
        for (_, row) in dump.iter().filter(|(table, _)| table == "part") {
            let sealed: Sealed = serde_json::from_value(row.clone()).unwrap();
            let (entity, part) = (text(row, "entity"), text(row, "name"));
            let place = SealContext { entity: &entity, part: &part, seal_id: &sealed.seal_id };
            all += 1;
            opened += usize::from(rings.iter().any(|ring| ring.open(&place, &sealed).is_ok()));
        }
        (all, opened)
    }
}

/// The rows of the gateway's database, as whoever steals a backup has them.
async fn dump(clinic: &Clinic, name: &str) -> Vec<(String, Value)> {
    let file = clinic.dir.path().join(name);
    clinic.gateway.backup(&file).await.unwrap();
    let text = zstd::decode_all(std::fs::read(&file).unwrap().as_slice()).unwrap();
    let lines = text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    lines.filter_map(|row| Some((row[0].as_str()?.to_owned(), row[1].clone()))).collect()
}

async fn relayed(clinic: &Clinic) -> Relay {
    Relay::to(clinic.gateway.router(), clinic.keychain.clone()).await
}

/// A clinic whose first desk speaks through a relay.
async fn founded_behind_a_relay() -> (Clinic, Desk, Relay) {
    let (clinic, first) = Clinic::founded().await;
    let relay = relayed(&clinic).await;
    first.point_at(&relay.url).await.unwrap();
    (clinic, first, relay)
}

/// A copy of the gateway as it is now.
async fn copied(clinic: &Clinic) -> PathBuf {
    let copy = clinic.dir.path().join("copy");
    clinic.gateway.backup(&copy).await.unwrap();
    copy
}

fn no_line(_: &str) -> Fate {
    Fate::Answered(502, Vec::new(), json!({}))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_computer_is_let_go_and_the_clinic_goes_on_with_a_key_that_it_cannot_have() {
    let (clinic, first) = Clinic::founded().await;
    let relay = relayed(&clinic).await;
    let lost = joined(&clinic, &first, "lost", &clinic.url).await;
    let away = joined(&clinic, &first, "away", &relay.url).await;
    settled(&first).await;
    all_have_given_their_keys(&clinic).await;
    register(&first, "Прежнев").await;
    settled(&first).await;
    settled(&away).await;
    let thief = Thief::copies(&clinic, "lost");

    // one desk has no line and works on; another one is gone
    relay.decide(no_line);
    for n in 0..12 {
        register(&away, &format!("Дальний{n:02}")).await;
    }
    assert_eq!(away.sync(PATIENCE).await.unwrap().unsent, 12);
    let told = let_go(&first, "lost").await;
    assert!(told.desks.last().unwrap().released_at.is_some(), "it stands at the end of the list");
    let view = changed(&first, 2).await;
    assert!(view.key.changed_at.is_some() && view.desks.iter().filter(|row| row.this).count() == 1);
    let end = comes("the end of its access", async || lost.app_view(Nothing {}).await.unwrap().cut_off);
    end.await;

    // work goes on
    clinic.visitor(json!({"name": "Новиков Пётр", "phone": "8 913 555-12-34"})).await;
    register(&first, "Новиков").await;
    settled(&first).await;
    assert_eq!((found(&first, "Прежнев").await, found(&first, "Новиков").await), (1, 2));
    let fourth = joined(&clinic, &first, "fourth", &clinic.url).await;
    assert_eq!((found(&fourth, "Прежнев").await, found(&fourth, "Новиков").await), (1, 2));

    // the line is back, at first for what goes out: what is sealed to the older key is not taken
    relay.look_away();
    relay.decide(|call| if call == CHANGES { no_line(call) } else { Fate::Pass });
    let refused = async || {
        away.sync(Duration::from_secs(1)).await.unwrap();
        relay.seen().iter().any(|asked| asked.call == ACTIONS && asked.status == 409).then_some(())
    };
    comes("that the older key is not taken", refused).await;
    // nothing is lost and nothing is there twice
    relay.pass_everything();
    let view = settled(&away).await;
    assert_eq!((view.unsent, view.refused), (0, 0));
    assert_eq!((found(&away, "Прежнев").await, found(&away, "Новиков").await), (1, 2));
    settled(&first).await;
    for n in 0..12 {
        assert_eq!(found(&first, &format!("Дальний{n:02}")).await, 1, "{n}");
    }
    let rows = dump(&clinic, "stolen").await;
    let people = rows.iter().filter(|(table, row)| table == "entity" && row["kind"] == "person").count();
    assert_eq!(people, 14);

    // the thief has what was on the computer, and now the gateway's database too
    let newer = rows
        .iter()
        .filter(|(table, row)| table == "part" && row["key_id"] != thief.ring.public().key_id().as_str())
        .count();
    let (all, opened) = thief.tries_everything(&rows);
    assert!(newer >= 14, "the people, the request: {newer}");
    assert_eq!(opened, all - newer, "what came before, and nothing newer");
    let text: String = rows.iter().map(|(_, row)| row.to_string()).collect();
    let newest = entry(&clinic, ACCOUNT)["link"]["clinic_secret"].as_str().unwrap().to_owned();
    assert!(!text.contains(&newest));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_breaks_off_between_two_steps_is_finished_at_the_next_start() {
    let (clinic, first) = Clinic::founded().await;
    let relay = relayed(&clinic).await;
    let second = joined(&clinic, &first, "second", &relay.url).await;
    let third = joined(&clinic, &first, "third", &clinic.url).await;
    all_have_given_their_keys(&clinic).await;
    let before = entry(&clinic, "second")["link"]["clinic_secret"].clone();
    relay.decide(no_line);
    let_go(&first, "third").await;
    changed(&first, 2).await;
    register(&first, "Новиков").await;
    settled(&first).await;
    drop(third);

    // the keychain fails when the database has the key already
    *clinic.keychain.fails_at_write.lock().unwrap() = Some(0);
    relay.pass_everything();
    let view = second.sync(PATIENCE).await.unwrap();
    assert_eq!(view.link, Link::Offline, "nothing is opened or sealed with a key that is not kept");
    assert_eq!(entry(&clinic, "second")["link"]["clinic_secret"], before);
    second.close().await;
    drop(second);
    *clinic.keychain.fails_at_write.lock().unwrap() = None;

    // it is finished without the gateway
    relay.decide(no_line);
    let second = clinic.desk_at(&home(&clinic, "second"), "second").await;
    let newest = entry(&clinic, ACCOUNT)["link"]["clinic_secret"].clone();
    assert_eq!(entry(&clinic, "second")["link"]["clinic_secret"], newest);
    relay.pass_everything();
    settled(&second).await;
    sign_in(&second, MANAGER).await;
    assert_eq!(found(&second, "Новиков").await, 1);
    // the entry still fits into what Windows keeps
    assert!(clinic.keychain.entries.lock().unwrap().values().all(|entry| entry.len() < 2560));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_that_makes_the_key_may_die_at_any_moment_of_it() {
    for lost_answer in [true, false] {
        let (clinic, first) = Clinic::founded().await;
        let second = joined(&clinic, &first, "second", &clinic.url).await;
        all_have_given_their_keys(&clinic).await;
        second.close().await;
        drop(second);
        // the only desk that is left makes it through a line that breaks
        let relay = relayed(&clinic).await;
        first.point_at(&relay.url).await.unwrap();
        relay.decide(move |call| match call {
            "POST /v1/keys" if lost_answer => Fate::AnswerLost,
            "POST /v1/keys" => no_line(call),
            _ => Fate::Pass,
        });
        let id = id_of(&first, "second").await;
        assert!(clinic.gateway.revoke_desk(&id).await.unwrap());
        first.sync(PATIENCE).await.unwrap();
        comes("the change", async || (relay.saw("POST /v1/keys") > 0).then_some(())).await;
        register(&first, "Новиков").await;
        first.close().await;
        drop(first);
        let first = clinic.desk().await;
        settled(&first).await;
        sign_in(&first, MANAGER).await;
        changed(&first, 2).await;
        settled(&first).await;
        assert_eq!(found(&first, "Новиков").await, 1);
    }
}

/// The gateway's clock, moved by the story.
#[derive(Debug)]
struct Later(Arc<MovedClock>);

impl gateway::platform::Clock for Later {
    fn now(&self) -> chrono::DateTime<Utc> {
        self.0.now()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_has_given_no_key_is_waited_for_and_then_comes_in_again_by_a_code() {
    let clinic = Clinic::unfounded().await;
    let config = GatewayConfig::at(clinic.dir.path().join("gateway.db"));
    let gateway = Gateway::open_with_clock(config, Arc::new(Later(clinic.clock.clone()))).await.unwrap();
    let relay = Relay::to(gateway.router(), clinic.keychain.clone()).await;
    let first = clinic.desk().await;
    let code = gateway.founding_code().await.unwrap().unwrap();
    first.found_clinic(FoundArgs { gateway: relay.url.clone(), ..clinic.founding(&code) }).await.unwrap();
    sign_in(&first, MANAGER).await;
    settled(&first).await;
    // a desk of an older version knows nothing of keys of its own
    let older = Relay::to(gateway.router(), clinic.keychain.clone()).await;
    older.decide(|call| if call == DESK_KEY { no_line(call) } else { Fate::Pass });
    let second = joined(&clinic, &first, "second", &older.url).await;
    let third = joined(&clinic, &first, "third", &relay.url).await;
    let third_id = id_of(&first, "third").await;
    drop(third);
    assert!(gateway.revoke_desk(&third_id).await.unwrap());
    let view = comes("the wait", async || Some(list(&first).await).filter(|view| view.key.due)).await;
    assert_eq!(view.key.waits_for, ["second"]);
    first.sync(PATIENCE).await.unwrap();
    assert_eq!(list(&first).await.key.number, 1, "it is waited for");
    register(&second, "Прежнев").await;
    settled(&second).await;

    older.decide(no_line);
    clinic.clock.forward(3 * 86_400 + 60);
    sign_in(&first, MANAGER).await;
    first.sync(PATIENCE).await.unwrap();
    let view = changed(&first, 2).await;
    let row = view.desks.iter().find(|row| row.name == "second").unwrap();
    assert!(row.lacks_key && row.released_at.is_none());
    register(&first, "Новиков").await;
    settled(&first).await;

    // updated meanwhile: it says what it lacks, keeps what was done, and comes in by a code
    older.pass_everything();
    sign_in(&second, MANAGER).await;
    register(&second, "Дальний").await;
    let view = second.sync(PATIENCE).await.unwrap();
    assert_eq!((view.link, view.lacks_key, view.unsent), (Link::Refused, true, 1));
    let wrong = ReconnectArgs { code: "ABCD".into(), desk_name: "second".into() };
    assert_eq!(second.reconnect(wrong).await.unwrap_err().code, Code::CodeMistyped);
    let code = first.desk_invite(Nothing {}).await.unwrap().code;
    second.reconnect(ReconnectArgs { code: code.clone(), desk_name: "second".into() }).await.unwrap();
    let view = settled(&second).await;
    assert_eq!((view.unsent, view.refused, view.lacks_key), (0, 0, false));
    for family in ["Прежнев", "Новиков", "Дальний"] {
        assert_eq!(found(&second, family).await, 1, "{family}");
    }
    let again = second.reconnect(ReconnectArgs { code, desk_name: "second".into() }).await;
    assert_eq!(again.unwrap_err().code, Code::BadInput, "it is in");
    settled(&first).await;
    assert_eq!(found(&first, "Дальний").await, 1);
    let inside = list(&first).await.desks.into_iter().filter(|row| row.released_at.is_none());
    assert_eq!(
        inside.map(|row| (row.name, row.lacks_key)).collect::<Vec<_>>(),
        [("Ресепшн 1".to_owned(), false), ("second".to_owned(), false)]
    );
    assert_eq!(list(&first).await.key.number, 2, "nobody was let go by that");
    second.close().await;
    drop(second);
    let second = clinic.desk_at(&home(&clinic, "second"), "second").await;
    settled(&second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_whose_tokens_nobody_knows_comes_back_with_its_database_and_its_outbox() {
    let (clinic, first, relay) = founded_behind_a_relay().await;
    settled(&first).await;
    let copy = copied(&clinic).await;
    let second = joined(&clinic, &first, "second", &relay.url).await;
    register(&second, "Прежнев").await;
    settled(&second).await;
    let restored = restored_without_a_journal(&clinic, &copy).await;
    relay.switch_to(restored.router());
    register(&second, "Дальний").await;
    let view = second.sync(PATIENCE).await.unwrap();
    assert_eq!((view.link, view.lacks_key, view.unsent), (Link::Refused, false, 1));
    settled(&first).await;
    let code = first.desk_invite(Nothing {}).await.unwrap().code;
    // the computer is switched off between the gateway's yes and the keychain
    *clinic.keychain.fails_at_write.lock().unwrap() = Some(0);
    let cut = second.reconnect(ReconnectArgs { code, desk_name: "second".into() }).await.unwrap_err();
    assert_eq!(cut.code, Code::KeychainMissing);
    *clinic.keychain.fails_at_write.lock().unwrap() = None;
    second.close().await;
    drop(second);
    let second = clinic.desk_at(&home(&clinic, "second"), "second").await;
    let view = settled(&second).await;
    assert_eq!((view.link, view.unsent, view.refused), (Link::Online, 0, 0));
    sign_in(&second, MANAGER).await;
    settled(&first).await;
    for family in ["Прежнев", "Дальний"] {
        assert_eq!((found(&second, family).await, found(&first, family).await), (1, 1), "{family}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_gateway_knows_no_desk_any_more_its_operator_lets_one_in_that_has_the_key() {
    let (clinic, first, relay) = founded_behind_a_relay().await;
    settled(&first).await;
    let copy = copied(&clinic).await;
    let second = joined(&clinic, &first, "second", &relay.url).await;
    settled(&second).await;
    // the founding computer is scrapped, and the key is changed after it
    let first_id = id_of(&first, "Ресепшн 1").await;
    drop(first);
    assert!(clinic.gateway.revoke_desk(&first_id).await.unwrap());
    changed(&second, 2).await;
    register(&second, "Прежнев").await;
    settled(&second).await;
    let restored = restored_without_a_journal(&clinic, &copy).await;
    relay.switch_to(restored.router());
    register(&second, "Дальний").await;
    let view = second.sync(PATIENCE).await.unwrap();
    assert_eq!((view.link, view.unsent), (Link::Refused, 1));

    let code = restored.readmission_code().await.unwrap().expect("there is a clinic");
    second.reconnect(ReconnectArgs { code: code.clone(), desk_name: "second".into() }).await.unwrap();
    settled(&second).await;
    changed(&second, 2).await;
    for family in ["Прежнев", "Дальний"] {
        assert_eq!(found(&second, family).await, 1, "{family}");
    }
    // a code for others is this desk's to make again; the operator's brings no key, so nobody new comes in by it
    let third = joined(&clinic, &second, "third", &relay.url).await;
    settled(&third).await;
    assert_eq!(found(&third, "Дальний").await, 1);
    let code = restored.readmission_code().await.unwrap().unwrap();
    let stranger = clinic.desk_at(&home(&clinic, "stranger"), "stranger").await;
    let args = ConnectArgs { gateway: relay.url.clone(), code, desk_name: "stranger".into() };
    assert_eq!(stranger.connect(args).await.unwrap_err().code, Code::CodeRefused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_restored_without_its_journal_gets_the_newest_key_from_a_desk() {
    let (clinic, first, relay) = founded_behind_a_relay().await;
    let second = joined(&clinic, &first, "second", &relay.url).await;
    let third = joined(&clinic, &first, "third", &relay.url).await;
    all_have_given_their_keys(&clinic).await;
    let copy = copied(&clinic).await;
    let_go(&first, "third").await;
    changed(&first, 2).await;
    drop(third);
    register(&first, "Новиков").await;
    settled(&first).await;
    settled(&second).await;

    let restored = restored_without_a_journal(&clinic, &copy).await;
    relay.switch_to(restored.router());
    register(&second, "Дальний").await;
    let view = settled(&second).await;
    assert_eq!((view.unsent, view.refused), (0, 0));
    assert_eq!(list(&first).await.key.number, 2);
    settled(&first).await;
    for family in ["Новиков", "Дальний"] {
        assert_eq!(found(&first, family).await, 1, "{family}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_manager_lets_desks_go_and_none_lets_itself_go() {
    let (clinic, first) = Clinic::founded().await;
    let second = joined(&clinic, &first, "second", &clinic.url).await;
    let own = id_of(&second, "second").await;
    let refused = second.desk_release(DeskReleaseArgs { id: own.clone() }).await.unwrap_err();
    assert_eq!(refused.code, Code::BadInput);
    sign_in(&second, crate::common::RECEPTIONIST).await;
    assert_eq!(second.desks_list(Nothing {}).await.unwrap_err().code, Code::Forbidden);
    assert_eq!(second.desk_invite(Nothing {}).await.unwrap_err().code, Code::Forbidden);
    assert_eq!(second.desk_release(DeskReleaseArgs { id: own.clone() }).await.unwrap_err().code, Code::Forbidden);
    assert!(clinic.gateway.desks().await.unwrap().iter().all(|desk| desk.revoked_at.is_none()));
    let unknown = DeskReleaseArgs { id: DeskId::from_random([9; 16]) };
    assert_eq!(first.desk_release(unknown).await.unwrap_err().code, Code::NotFound);
}
