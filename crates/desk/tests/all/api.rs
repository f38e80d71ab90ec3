//! How a desk speaks to its gateway: versions, tokens, an end of its access, what a newer gateway sends.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use crate::common::{
    ACCOUNT, Clinic, MANAGER, comes, register,
    relay::{Fate, Relay},
    settled, sign_in,
};
use chrono::Utc;
use contract::{
    ui::*,
    v1::{NewerChange, Problem, ProblemCode},
};
use desk::{Desk, platform::keychain::KeychainError};
use domain::DeskId;
use gateway::{Gateway, GatewayConfig, Journals};
use serde_json::{Value, json, value::to_raw_value};
use store::{DatabaseKey, Store};

const CHANGES: &str = "GET /v1/changes";
const ACTIONS: &str = "POST /v1/actions";
const TOKEN: &str = "POST /v1/desks/token";

/// A clinic whose desk reaches the gateway through a relay; the manager is signed in.
async fn founded() -> (Clinic, Relay, Desk) {
    let clinic = Clinic::unfounded().await;
    let relay = Relay::to(clinic.gateway.router(), clinic.keychain.clone()).await;
    let desk = clinic.desk().await;
    let code = clinic.gateway.founding_code().await.unwrap().unwrap();
    desk.found_clinic(FoundArgs { gateway: relay.url.clone(), ..clinic.founding(&code) }).await.unwrap();
    sign_in(&desk, MANAGER).await;
    settled(&desk).await;
    (clinic, relay, desk)
}

/// The same with a second desk, which goes through the relay too.
async fn with_a_second_desk() -> (Clinic, Relay, Desk, Desk) {
    let (clinic, relay, first) = founded().await;
    let second = clinic.desk_at(&second_home(&clinic), "second").await;
    join(&first, &second, &relay.url).await.unwrap();
    settled(&second).await;
    sign_in(&second, MANAGER).await;
    (clinic, relay, first, second)
}

fn second_home(clinic: &Clinic) -> PathBuf {
    clinic.dir.path().join("second")
}

async fn join(first: &Desk, second: &Desk, url: &str) -> Result<AppView, UiError> {
    let code = first.invite().await.unwrap();
    second.connect(ConnectArgs { gateway: url.into(), code, desk_name: "Ресепшн 2".into() }).await
}

async fn synced(desk: &Desk) -> SyncView {
    desk.sync(Duration::from_secs(20)).await.unwrap()
}

fn token_in_keychain(clinic: &Clinic, account: &str) -> String {
    let entries = clinic.keychain.entries.lock().unwrap();
    let entry: Value = serde_json::from_str(&entries[account]).unwrap();
    entry["link"]["token"].as_str().unwrap().to_owned()
}

async fn gateway_that_wants(clinic: &Clinic, version: &str) -> Gateway {
    let config = GatewayConfig {
        min_desk_version: Some(version.parse().unwrap()),
        ..GatewayConfig::at(clinic.dir.path().join("gateway.db"))
    };
    Gateway::open_beside(config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_says_which_version_asks() {
    let (_clinic, relay, desk) = founded().await;
    desk.invite().await.unwrap();
    comes("the stream", async || (relay.saw("GET /v1/events") > 0).then_some(())).await;
    for call in ["POST /v1/desks/enroll", CHANGES, ACTIONS, "GET /v1/events", "POST /v1/desks/invite"] {
        assert!(relay.saw(call) > 0, "{call}");
    }
    for asked in relay.seen() {
        assert_eq!(asked.version.as_deref(), Some("0.1.0"), "{}", asked.call);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_is_too_old_is_told_so_works_on_and_catches_up_when_it_is_updated() {
    let (clinic, relay, desk) = founded().await;
    let code = desk.invite().await.unwrap();
    relay.switch_to(gateway_that_wants(&clinic, "1.4.0").await.router());
    register(&desk, "Петров").await;
    let view = synced(&desk).await;
    assert_eq!((view.link, view.needs_version.as_deref(), view.unsent), (Link::Outdated, Some("1.4.0"), 1));
    let row = desk.outbox_list(Nothing {}).await.unwrap().remove(0);
    assert_eq!(row.state, OutboxState::Saved, "turned away at the door: nothing of it arrived");
    register(&desk, "Семёнов").await;
    assert_eq!(desk.sync_view(Nothing {}).await.unwrap().unsent, 2, "work goes on");

    let second = clinic.desk_at(&second_home(&clinic), "second").await;
    let join = |code: &str| ConnectArgs { gateway: relay.url.clone(), code: code.into(), desk_name: "2".into() };
    let refused = second.connect(join(&code)).await.unwrap_err();
    assert_eq!((refused.code, refused.needs_version.as_deref()), (Code::Outdated, Some("1.4.0")));
    second.close().await;
    drop(second);
    let second = clinic.desk_of_version(&second_home(&clinic), "second", "1.4.0").await;
    second.connect(join(&code)).await.expect("the code was not used up");

    desk.close().await;
    drop(desk);
    let updated = clinic.desk_of_version(&clinic.home(), ACCOUNT, "1.4.1").await;
    let view = settled(&updated).await;
    assert_eq!((view.unsent, view.refused, view.needs_version), (0, 0, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_desk_gets_no_body_and_its_data_are_fresh_all_the_same() {
    let (clinic, relay, desk) = founded().await;
    let before = settled(&desk).await.as_of.unwrap();
    clinic.clock.forward(240);
    relay.look_away();
    let view = synced(&desk).await;
    let last = relay.seen().into_iter().rfind(|asked| asked.call == CHANGES).unwrap();
    assert_eq!(last.status, 304);
    assert!(view.as_of.unwrap() >= before + chrono::Duration::seconds(240));
    let drift = view.clock_drift_seconds.unwrap();
    assert!((238..=242).contains(&drift), "the clock is compared by the answer's date: {drift}");

    clinic.visitor(json!({"name": "Семёнов Пётр", "phone": "8 913 555-12-34"})).await;
    synced(&desk).await;
    sign_in(&desk, MANAGER).await;
    assert_eq!(desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await.unwrap().open, 1);
}

const MONTH: i64 = 31 * 86_400;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_exchanged_once_a_month_and_kept_before_it_is_used() {
    let (clinic, relay, desk) = founded().await;
    let first = token_in_keychain(&clinic, ACCOUNT);
    settled(&desk).await;
    assert_eq!(relay.saw(TOKEN), 0, "a new one is not exchanged");
    clinic.clock.forward(MONTH);
    settled(&desk).await;
    let second = token_in_keychain(&clinic, ACCOUNT);
    assert!(relay.saw(TOKEN) == 1 && first != second);

    // the computer is switched off before the new one was used
    desk.close().await;
    drop(desk);
    let desk = clinic.desk().await;
    settled(&desk).await;
    let last = relay.seen().pop().unwrap();
    assert_eq!(last.token.as_deref(), Some(second.as_str()));
    let known = relay.seen().into_iter().filter(|asked| asked.token.is_some());
    assert!(known.clone().count() > 3 && known.clone().all(|asked| asked.kept && asked.status < 400));
    assert_eq!(relay.saw(TOKEN), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_that_goes_wrong_costs_nothing() {
    let (clinic, relay, desk) = founded().await;
    let first = token_in_keychain(&clinic, ACCOUNT);
    clinic.clock.forward(MONTH);
    relay.decide(|call| if call == TOKEN { Fate::AnswerLost } else { Fate::Pass });
    settled(&desk).await;
    settled(&desk).await;
    assert_eq!((relay.saw(TOKEN), token_in_keychain(&clinic, ACCOUNT)), (1, first.clone()), "asked again later");

    relay.pass_everything();
    clinic.clock.forward(2 * 3600);
    *clinic.keychain.fails_at_write.lock().unwrap() = Some(0);
    settled(&desk).await;
    *clinic.keychain.fails_at_write.lock().unwrap() = None;
    settled(&desk).await;
    assert_eq!((relay.saw(TOKEN), token_in_keychain(&clinic, ACCOUNT)), (2, first.clone()));

    clinic.clock.forward(2 * 3600);
    settled(&desk).await;
    assert_ne!(token_in_keychain(&clinic, ACCOUNT), first);
    assert_eq!(settled(&desk).await.link, Link::Online);
    let mut tokens: Vec<_> = relay.seen().into_iter().filter_map(|asked| asked.token).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 2, "the old one, then the new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_restored_from_an_older_copy_is_met_with_an_earlier_token() {
    let (clinic, relay, desk) = founded().await;
    let copy = clinic.dir.path().join("copy");
    clinic.gateway.backup(&copy).await.unwrap();
    let first = token_in_keychain(&clinic, ACCOUNT);
    for _ in 0..2 {
        clinic.clock.forward(MONTH);
        settled(&desk).await;
        settled(&desk).await;
    }
    assert_eq!(relay.saw(TOKEN), 2);
    let config = || GatewayConfig::at(clinic.dir.path().join("restored.db"));
    let none = Journals { others: Vec::new(), none: true };
    Gateway::restore(config(), &copy, &none).await.unwrap();
    let restored = Gateway::open(config()).await.unwrap();
    relay.switch_to(restored.router());
    sign_in(&desk, MANAGER).await;
    register(&desk, "Петров").await;
    let view = settled(&desk).await;
    assert_eq!((view.link, view.refused), (Link::Online, 0));
    assert_eq!(relay.saw(TOKEN), 3, "and exchanged at once");
    let now = token_in_keychain(&clinic, ACCOUNT);
    assert_ne!(now, first);
    settled(&desk).await;
    assert_eq!(relay.seen().pop().unwrap().token, Some(now));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_token_takes_nothing_away() {
    let (clinic, relay, desk) = founded().await;
    let kept = clinic.keychain.entries.lock().unwrap().clone();
    let unknown = || Fate::Answered(401, Vec::new(), json!(Problem::new(ProblemCode::Unauthorized)));
    relay.decide(move |_| unknown());
    register(&desk, "Петров").await;
    let view = synced(&desk).await;
    assert_eq!((view.link, view.unsent), (Link::Refused, 1));
    assert_eq!(*clinic.keychain.entries.lock().unwrap(), kept);
    register(&desk, "Семёнов").await;
    relay.pass_everything();
    assert_eq!(settled(&desk).await.link, Link::Online);
}

async fn desk_id(clinic: &Clinic, n: usize) -> DeskId {
    clinic.gateway.desks().await.unwrap()[n].id.clone()
}

async fn cut_off(desk: &Desk) -> CutOffView {
    comes("the end of its access", async || {
        let view = desk.app_view(Nothing {}).await.unwrap();
        view.cut_off.filter(|_| view.phase == Phase::NotConnected)
    })
    .await
}

/// Databases in a folder: the one in use, and those that were set aside.
fn databases(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let has_check = |path: &PathBuf| path.with_added_extension("kcv").exists();
    let mut found: Vec<_> = entries.filter(has_check).collect();
    found.sort();
    found
}

fn is_aside(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("desk.db.set-aside-"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_is_let_go_opens_nothing_any_more_and_destroys_nothing() {
    let (clinic, relay, first, second) = with_a_second_desk().await;
    let revoked = Arc::new(AtomicBool::new(false));
    let passes = Arc::clone(&revoked);
    relay.decide(move |call| match call {
        ACTIONS if !passes.load(Ordering::SeqCst) => Fate::Answered(500, Vec::new(), json!({})),
        _ => Fate::Pass,
    });
    let person = register(&second, "Канарейкин").await;
    synced(&second).await;
    let key = clinic.keychain.entries.lock().unwrap()["second"].clone();
    let mut events = second.events();
    assert!(clinic.gateway.revoke_desk(&desk_id(&clinic, 1).await).await.unwrap());
    revoked.store(true, Ordering::SeqCst);

    // it asks by itself: nobody has to press anything
    let told = cut_off(&second).await;
    assert_eq!(told.unsent, 1);
    assert!(std::iter::from_fn(|| events.try_recv().ok()).any(|event| matches!(event, desk::DeskEvent::Locked)));
    let closed = second.person_card(PersonArgs { id: person.row.id.clone() }).await.unwrap_err();
    assert_eq!(closed.code, Code::NotSignedIn);
    let login = SignInArgs { login: MANAGER.0.into(), secret: MANAGER.1.into() };
    assert_eq!(second.sign_in(login).await.unwrap_err().code, Code::NotConnected);
    assert!(!clinic.keychain.entries.lock().unwrap().contains_key("second"), "the keys are gone");
    let aside = databases(&second_home(&clinic));
    assert!(aside.len() == 1 && is_aside(&aside[0]), "{aside:?}");

    // what was not sent is still there for whoever has the key from elsewhere
    let key: Value = serde_json::from_str(&key).unwrap();
    let key = DatabaseKey::from_hex(key["database"].as_str().unwrap()).unwrap();
    let old = Store::open(&aside[0], &key).await.unwrap();
    assert_eq!(old.outbox().await.unwrap().len(), 1);
    old.close().await;

    second.close().await;
    drop(second);
    let second = clinic.desk_at(&second_home(&clinic), "second").await;
    assert_eq!(cut_off(&second).await, told, "a restart says the same");
    relay.pass_everything();
    join(&first, &second, &relay.url).await.expect("let in anew");
    settled(&second).await;
    assert_eq!(second.app_view(Nothing {}).await.unwrap().phase, Phase::Locked);
    second.close().await;
    drop(second);
    let second = clinic.desk_at(&second_home(&clinic), "second").await;
    assert_eq!(second.app_view(Nothing {}).await.unwrap().phase, Phase::Locked, "the old end is over");
    assert_eq!(databases(&second_home(&clinic)).len(), 2);
    assert_eq!(settled(&first).await.link, Link::Online, "the other desk works on");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_of_access_that_the_keychain_holds_up_is_carried_out_later() {
    let (clinic, relay, _first, second) = with_a_second_desk().await;
    *clinic.keychain.trouble.lock().unwrap() = Some(KeychainError::Locked);
    assert!(clinic.gateway.revoke_desk(&desk_id(&clinic, 1).await).await.unwrap());
    comes("trouble", async || {
        let view = second.app_view(Nothing {}).await.unwrap();
        view.trouble.filter(|trouble| trouble.code == Code::KeychainLocked)
    })
    .await;
    second.close().await;
    drop(second);
    assert!(clinic.keychain.entries.lock().unwrap().contains_key("second"));
    *clinic.keychain.trouble.lock().unwrap() = None;
    // the note is enough: nobody has to say it again
    relay.decide(|_| Fate::Answered(500, Vec::new(), json!({})));
    let second = clinic.desk_at(&second_home(&clinic), "second").await;
    cut_off(&second).await;
    assert!(!clinic.keychain.entries.lock().unwrap().contains_key("second"));
}

/// A request with a state, and a kind of record, that only a newer version knows.
fn of_a_newer_version(page: &mut Value) {
    let Some(changes) = page["changes"].as_array_mut() else { return };
    let Some(request) = changes.iter_mut().find(|change| change["state"]["kind"] == "request") else { return };
    request["state"]["status"] = "frozen".into();
    let seq = request["seq"].clone();
    changes.push(json!({"seq": seq, "id": "inv_1", "version": 1, "state": {"kind": "invoice"}, "parts": {}, "new": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_gateway_sends_is_kept_counted_and_does_not_stop_the_rest() {
    let (clinic, relay, desk) = founded().await;
    relay.decide(|call| if call == CHANGES { Fate::Rewritten(of_a_newer_version) } else { Fate::Pass });
    clinic.visitor(json!({"name": "Семёнов Пётр", "phone": "8 913 555-12-34"})).await;
    synced(&desk).await;
    register(&desk, "Петров").await;
    let view = settled(&desk).await;
    assert_eq!((view.link, view.newer), (Link::Online, 2));
    assert_eq!(desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await.unwrap().open, 0);
    assert_eq!(desk.search(SearchArgs { query: "Петров".into(), limit: 5 }).await.unwrap().hits.len(), 1);
    // the gateway says it again in words that are known here
    relay.pass_everything();
    clinic.gateway.begin_epoch().await.unwrap();
    let view = settled(&desk).await;
    assert_eq!(view.newer, 0);
    assert_eq!(desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await.unwrap().open, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_version_kept_unread_is_read_after_the_update_without_the_gateway() {
    let (clinic, relay, desk) = founded().await;
    clinic.visitor(json!({"name": "Семёнов Пётр", "phone": "8 913 555-12-34"})).await;
    settled(&desk).await;
    desk.close().await;
    drop(desk);
    // as if the version before had not known this record: in the store it stands as it came
    let token = token_in_keychain(&clinic, ACCOUNT);
    let page = clinic.feed(&token).await;
    let raw = page["changes"].as_array().unwrap().iter().find(|change| change["state"]["kind"] == "request").unwrap();
    let newer = NewerChange {
        seq: raw["seq"].as_u64().unwrap(),
        id: raw["id"].as_str().unwrap().to_owned(),
        raw: to_raw_value(raw).unwrap(),
    };
    let entry: Value = serde_json::from_str(&clinic.keychain.entries.lock().unwrap()[ACCOUNT]).unwrap();
    let key = DatabaseKey::from_hex(entry["database"].as_str().unwrap()).unwrap();
    let store = Store::open(&clinic.home().join("desk.db"), &key).await.unwrap();
    let cursor = store.sync_mark().await.unwrap().cursor.unwrap();
    store.apply_page_with_newer(&[], &[newer], &cursor, Utc::now(), true).await.unwrap();
    assert_eq!((store.newer_count().await.unwrap(), store.open_requests().await.unwrap().len()), (1, 0));
    store.close().await;

    relay.decide(|_| Fate::Answered(500, Vec::new(), json!({})));
    let desk = clinic.desk().await;
    sign_in(&desk, MANAGER).await;
    let queue = comes("the record", async || {
        let queue = desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await.unwrap();
        queue.rows.into_iter().next()
    })
    .await;
    assert_eq!(queue.name, "Семёнов Пётр");
    assert_eq!(synced(&desk).await.newer, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_names_a_moment_is_left_in_peace_until_then() {
    let (_clinic, relay, desk) = founded().await;
    let then = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(300));
    let busy = move || {
        let problem = json!(Problem::new(ProblemCode::Maintenance));
        Fate::Answered(503, vec![("retry-after", then.clone())], problem)
    };
    relay.decide(move |call| if call == CHANGES { busy() } else { Fate::Pass });
    let view = synced(&desk).await;
    assert_eq!(view.link, Link::Offline);
    let asked = relay.saw(CHANGES);
    let left = view.retry_at.unwrap() - Utc::now();
    assert!(left > chrono::Duration::seconds(240), "{left}");
    synced(&desk).await;
    assert_eq!(relay.saw(CHANGES), asked, "nobody cuts that short");
}
