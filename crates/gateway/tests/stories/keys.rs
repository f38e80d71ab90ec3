//! The clinic's key is changed when a desk is let go: once, whoever tries; what is sealed to an older one stays outside; and
//! whoever was let go opens nothing newer, not even with a copy of the database.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use chrono::Duration;
use connectors::Connector;
use contract::v1::{
    ActionsRequest, ActionsResponse, ChangesPage, Outcome, ProblemCode, RevokeRequest, Sealed,
    keys::{DeskCopy, DeskKey, DeskKeyRequest, KeyChangeRequest, KeyMark, KeysView},
};
use domain::{Command, EntityRef, person::PersonSource, personal::RequestPersonal};
use futures_util::StreamExt;
use gateway::{Gateway, Journals};
use seal::{ClinicSecretKey, DeskPublicKey, DeskSecretKey, KeyRing, SealContext, enrolment::EnrolmentCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{
    place::Place,
    world::{Desk, Reply, World, ask, enroll_request, get, post, start},
};

/// A desk with what it holds.
#[derive(Clone)]
struct Holder {
    desk: Desk,
    own: DeskSecretKey,
    ring: KeyRing,
}

impl Holder {
    fn new(world: &World, desk: Desk) -> Self {
        Self { desk, own: DeskSecretKey::make().unwrap(), ring: KeyRing::of(world.key.clone()) }
    }

    fn id(&self) -> &str {
        self.desk.id.as_str()
    }

    fn token(&self) -> Option<&str> {
        Some(&self.desk.token)
    }

    fn key(&self, number: u32) -> DeskKeyRequest {
        let public_key = self.own.public().to_string();
        let authentication = self.own.public().authenticate(self.id(), self.ring.newest());
        DeskKeyRequest { key: DeskKey { public_key, authentication }, number }
    }

    async fn gives_its_key(&self, world: &World) -> Reply {
        let mut request = post("/v1/desks/key", self.token(), &self.key(self.ring.number()));
        *request.method_mut() = axum::http::Method::PUT;
        ask(&world.router, request).await
    }

    async fn view(&self, world: &World) -> KeysView {
        ask(&world.router, get("/v1/keys", self.token())).await.json()
    }

    /// A change as a desk makes it from what it sees.
    fn change(&self, view: &KeysView) -> (ClinicSecretKey, KeyChangeRequest) {
        let (next, record) = self.ring.change().unwrap();
        let mut desks = BTreeMap::new();
        for desk in view.desks.iter().filter(|desk| desk.released_at.is_none()) {
            let Some(key) = &desk.key else { continue };
            let (id, public) = (desk.id.as_str(), key.public_key.parse::<DeskPublicKey>().unwrap());
            assert!(public.is_authentic(id, self.ring.newest(), &key.authentication));
            let copy = DeskCopy {
                key: public.seal_copy(id, record.number, &next).unwrap(),
                authentication: public.authenticate(id, &next),
            };
            desks.insert(desk.id.clone(), copy);
        }
        (next, KeyChangeRequest { record, desks, basis: view.basis.clone() })
    }

    async fn sends(&self, world: &World, change: &KeyChangeRequest) -> Reply {
        ask(&world.router, post("/v1/keys", self.token(), change)).await
    }

    async fn changes_the_key(&mut self, world: &World) {
        let (_, change) = self.change(&self.view(world).await);
        assert_eq!(self.sends(world, &change).await.status, StatusCode::NO_CONTENT);
        self.takes_the_key(world).await;
    }

    async fn takes_the_key(&mut self, world: &World) {
        let view = self.view(world).await;
        self.ring = self.ring.follow(&view.records, &self.own, self.id(), view.own.as_ref()).unwrap();
    }

    async fn page(&self, world: &World) -> ChangesPage {
        ask(&world.router, get("/v1/changes", self.token())).await.json()
    }
}

impl World {
    /// The founding desk and two more, each of which has given its key.
    async fn three(&self) -> [Holder; 3] {
        let [first, second, third] = [self.desk.clone(), self.second_desk().await, self.second_desk().await];
        let holders = [first, second, third].map(|desk| Holder::new(self, desk));
        for holder in &holders {
            assert_eq!(holder.gives_its_key(self).await.status, StatusCode::NO_CONTENT);
        }
        holders
    }

    async fn lets_go(&self, by: &Holder, lost: &Holder) {
        let body = RevokeRequest { actor: self.manager.clone() };
        let path = format!("/v1/desks/{}/revoke", lost.id());
        assert_eq!(ask(&self.router, post(&path, by.token(), &body)).await.status, StatusCode::NO_CONTENT);
    }
}

fn mark(number: u32, due: bool, own: bool) -> Option<KeyMark> {
    Some(KeyMark { number, due, own })
}

/// The rows of a dump: what somebody gets who steals a backup.
async fn dump(world: &World, name: &str) -> Vec<(String, Value)> {
    let file = world.place.dir.path().join(name);
    world.gateway.backup(&file).await.unwrap();
    let text = zstd::decode_all(std::fs::read(&file).unwrap().as_slice()).unwrap();
    let lines = text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    lines.filter_map(|row| Some((row[0].as_str()?.to_owned(), row[1].clone()))).collect()
}

#[tokio::test]
async fn a_desk_that_was_let_go_opens_nothing_newer_even_with_a_dump_of_the_database() {
    let world = World::staffed().await;
    let [mut first, mut second, thief] = world.three().await;
    let form = world.source(Connector::Form).await;
    let before = world.callback(&form, "Анна").await;
    world.lets_go(&first, &thief).await;
    second.changes_the_key(&world).await;
    first.takes_the_key(&world).await;
    assert_eq!((first.ring.number(), first.ring.public()), (2, second.ring.public()));
    let after = world.callback(&form, "Борис").await;

    // whoever is in reads all of it
    for (request, name) in [(&before, "Анна"), (&after, "Борис")] {
        let change = world.change_of(&request.clone().into()).await;
        let sealed = &change.parts["main"];
        let place = SealContext { entity: change.id.as_str(), part: "main", seal_id: &sealed.seal_id };
        for ring in [&first.ring, &second.ring] {
            assert_eq!(ring.open_json::<RequestPersonal>(&place, sealed).unwrap().name_raw, name);
        }
        let opens = thief.ring.open(&place, sealed).is_ok();
        assert_eq!(opens, name == "Анна", "what was before, the thief had");
    }

    // the thief tries everything that stands in the database
    let rows = dump(&world, "stolen").await;
    let newest = first.ring.public().key_id();
    let mut newer = 0;
    for (_, row) in rows.iter().filter(|(table, row)| table == "part" && row["key_id"] == newest.as_str()) {
        let sealed: Sealed = serde_json::from_value(row.clone()).unwrap();
        let (entity, part) = (row["entity"].as_str().unwrap(), row["name"].as_str().unwrap());
        assert!(thief.ring.open(&SealContext { entity, part, seal_id: &sealed.seal_id }, &sealed).is_err());
        newer += 1;
    }
    assert!(newer >= 1);
    let view = first.view(&world).await;
    let copies: Vec<Sealed> = rows
        .iter()
        .filter(|(table, _)| table == "desk")
        .filter_map(|(_, row)| serde_json::from_str(row["key_copy"].as_str()?).ok())
        .collect();
    assert_eq!(copies.len(), 2, "one for each desk that is in");
    for copy in copies.iter().map(Some).chain([None]) {
        for id in [thief.id(), first.id(), second.id()] {
            assert!(thief.ring.follow(&view.records, &thief.own, id, copy).is_err());
        }
    }
    let secrets = [first.ring.newest().to_hex(), thief.ring.newest().to_hex(), first.own.to_hex()];
    let text = rows.iter().map(|(_, row)| row.to_string()).collect::<String>();
    assert!(secrets.iter().all(|secret| !text.contains(secret.as_str())));
}

#[tokio::test]
async fn the_desks_hear_of_it_at_once_and_until_it_is_done() {
    let world = World::staffed().await;
    let [mut first, mut second, third] = world.three().await;
    let page = first.page(&world).await;
    assert_eq!(page.key, mark(1, false, true));
    let poll = async |holder: &Holder, tag: String| {
        let mut request: Request<Body> = get(&format!("/v1/changes?since={}", page.cursor), holder.token());
        request.headers_mut().insert(header::IF_NONE_MATCH, format!("W/\"{tag}\"").parse().unwrap());
        ask(&world.router, request).await
    };
    let settled = |number| format!("{};{number}", page.cursor);
    assert_eq!(poll(&first, settled(1)).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(poll(&first, settled(2)).await.status, StatusCode::OK, "a desk with another key is told");
    let stream = world.router.clone().oneshot(get("/v1/events", second.token())).await.unwrap();
    let mut stream = stream.into_body().into_data_stream();
    assert!(stream.next().await.is_some());

    world.lets_go(&first, &third).await;
    assert!(stream.next().await.is_some(), "a poke");
    let told = poll(&first, settled(1)).await;
    assert_eq!((told.status, told.json::<ChangesPage>().key), (StatusCode::OK, mark(1, true, true)));
    let page = first.page(&world).await;
    let again = format!("/v1/changes?since={}", page.cursor);
    for has in [format!("{};1", page.cursor), format!("{};2", page.cursor)] {
        let mut request = get(&again, first.token());
        request.headers_mut().insert(header::IF_NONE_MATCH, format!("W/\"{has}\"").parse().unwrap());
        assert_eq!(ask(&world.router, request).await.status, StatusCode::OK, "as long as it is due: {has}");
    }
    first.changes_the_key(&world).await;
    assert!(stream.next().await.is_some(), "a poke");
    assert_eq!(second.page(&world).await.key, mark(2, false, true));
    second.takes_the_key(&world).await;
    let view = second.view(&world).await;
    assert_eq!((view.number, view.changed_at, view.due_since), (2, Some(start()), None));
}

#[tokio::test]
async fn a_desk_of_an_older_version_works_on_until_the_key_is_changed() {
    let world = World::staffed().await;
    let old = world.second_desk().await;
    let first = Holder::new(&world, world.desk.clone());
    assert_eq!(first.page(&world).await.key, mark(1, false, false));
    assert_eq!(first.gives_its_key(&world).await.status, StatusCode::NO_CONTENT);
    let page = world.page(None, 1_000).await;
    let mut request = get(&format!("/v1/changes?since={}", page.cursor), Some(&old.token));
    request.headers_mut().insert(header::IF_NONE_MATCH, format!("W/\"{}\"", page.cursor).parse().unwrap());
    assert_eq!(ask(&world.router, request).await.status, StatusCode::NOT_MODIFIED, "it asks by the cursor alone");
    let person = world.sealed(&person(&world), 0, Command::PersonPut { source: PersonSource::DeskPhone }, &json!({}));
    assert!(matches!(world.push_as(&old, &[person]).await[0].outcome, Outcome::Applied { .. }));
    let view = first.view(&world).await;
    assert_eq!(view.desks.len(), 2);
    assert!(view.desks.iter().all(|desk| desk.key.is_some() == (desk.id == world.desk.id)));
}

fn person(world: &World) -> EntityRef {
    domain::PersonId::from_random(world.random()).into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_desks_that_change_the_key_at_once_one_takes_the_others() {
    let world = World::staffed().await;
    let [mut first, mut second, third] = world.three().await;
    world.lets_go(&first, &third).await;
    let changes = [first.change(&first.view(&world).await).1, second.change(&second.view(&world).await).1];
    let (one, other) = tokio::join!(first.sends(&world, &changes[0]), second.sends(&world, &changes[1]));
    let mut statuses = [one.status, other.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::NO_CONTENT, StatusCode::CONFLICT]);
    let refused = if one.status == StatusCode::CONFLICT { one } else { other };
    assert_eq!(refused.code(), ProblemCode::KeyChanged);
    first.takes_the_key(&world).await;
    second.takes_the_key(&world).await;
    assert_eq!((first.ring.number(), first.ring.public()), (2, second.ring.public()));
    // sent again it changes nothing
    for change in &changes {
        assert_eq!(first.sends(&world, change).await.code(), ProblemCode::KeyChanged);
    }
}

#[tokio::test]
async fn a_change_that_was_made_from_what_is_no_more_is_not_taken() {
    let world = World::staffed().await;
    let [first, second, third] = world.three().await;
    world.lets_go(&first, &third).await;
    let (_, stale) = first.change(&first.view(&world).await);
    // one comes in meanwhile, and gives its key
    let fourth = Holder::new(&world, world.second_desk().await);
    assert_eq!(first.sends(&world, &stale).await.code(), ProblemCode::KeyChanged, "it would be left out");
    let (_, stale) = first.change(&first.view(&world).await);
    fourth.gives_its_key(&world).await;
    assert_eq!(first.sends(&world, &stale).await.code(), ProblemCode::KeyChanged);
    // one more is let go meanwhile
    let (_, stale) = first.change(&first.view(&world).await);
    assert!(world.gateway.revoke_desk(&second.desk.id).await.unwrap());
    assert_eq!(first.sends(&world, &stale).await.code(), ProblemCode::KeyChanged, "it would get the key");
    let (_, fresh) = first.change(&first.view(&world).await);
    assert_eq!(fresh.desks.len(), 2);
    assert_eq!(first.sends(&world, &fresh).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_change_that_does_not_fit_is_told_so() {
    let world = World::staffed().await;
    let [first, second, third] = world.three().await;
    world.lets_go(&first, &third).await;
    let view = first.view(&world).await;
    let (_, good) = first.change(&view);
    let (foreign, _) = second.change(&view);
    let of_thief = DeskCopy {
        key: third.own.public().seal_copy(third.id(), 2, &foreign).unwrap(),
        authentication: third.own.public().authenticate(third.id(), &foreign),
    };
    type Spoil<'a> = &'a dyn Fn(&mut KeyChangeRequest);
    let wrong: [(&str, Spoil<'_>); 8] = [
        ("leaves itself out", &|change| drop(change.desks.remove(&first.desk.id))),
        ("for one that was let go", &|change| drop(change.desks.insert(third.desk.id.clone(), of_thief.clone()))),
        ("to another desk's key", &|change| {
            let copy = change.desks[&first.desk.id].clone();
            change.desks.insert(second.desk.id.clone(), copy);
        }),
        ("no word", &|change| change.record.proof = "да".to_owned()),
        ("no key", &|change| change.record.public_key = "AAAA".to_owned()),
        ("the same key", &|change| change.record.public_key = first.ring.public().to_string()),
        ("not to the new key", &|change| change.record.previous.key_id = first.ring.public().key_id()),
        ("no base64url", &|change| change.record.previous.data = "ж".to_owned()),
    ];
    for (what, spoil) in wrong {
        let mut change = good.clone();
        spoil(&mut change);
        assert_eq!(first.sends(&world, &change).await.code(), ProblemCode::Validation, "{what}");
    }
    for number in [0, 1, 3, u32::MAX] {
        let mut change = good.clone();
        change.record.number = number;
        assert_eq!(first.sends(&world, &change).await.code(), ProblemCode::KeyChanged, "{number}");
    }
    assert_eq!(third.sends(&world, &good).await.code(), ProblemCode::DeskRevoked);
    assert_eq!(first.sends(&world, &good).await.status, StatusCode::NO_CONTENT, "nothing of that was done");
    for (key, code) in [(first.key(1), ProblemCode::KeyChanged), (first.key(7), ProblemCode::KeyChanged)] {
        let mut request = post("/v1/desks/key", first.token(), &key);
        *request.method_mut() = axum::http::Method::PUT;
        assert_eq!(ask(&world.router, request).await.code(), code);
    }
}

#[tokio::test]
async fn invitations_hold_the_older_key_and_are_withdrawn() {
    let world = World::staffed().await;
    let [mut first, second, _] = world.three().await;
    let code = world.invite(Duration::hours(1)).await;
    world.lets_go(&first, &second).await;
    first.changes_the_key(&world).await;
    let refused = ask(&world.router, post("/v1/desks/enroll", None, &enroll_request(&code, None))).await;
    assert_eq!(refused.code(), ProblemCode::CodeRefused);
    let invites = dump(&world, "dump").await.into_iter().filter(|(table, _)| table == "invite");
    assert!(invites.into_iter().all(|(_, row)| row["envelope"] == ""), "no older key lies about");

    let invite = async |ring: &ClinicSecretKey, key_id: Option<String>| {
        let code = EnrolmentCode::make().unwrap();
        let body = json!({
            "auth_digest": code.auth_digest(), "envelope": code.wrap(ring).unwrap(),
            "expires_at": start() + Duration::hours(1), "key_id": key_id,
        });
        (code, ask(&world.router, post("/v1/desks/invite", first.token(), &body)).await)
    };
    for key_id in [None, Some(world.key.public().key_id())] {
        assert_eq!(invite(&world.key, key_id).await.1.code(), ProblemCode::KeyChanged);
    }
    let (code, kept) = invite(first.ring.newest(), Some(first.ring.public().key_id())).await;
    assert_eq!(kept.status, StatusCode::NO_CONTENT);
    let enrolled: contract::v1::EnrollResponse =
        ask(&world.router, post("/v1/desks/enroll", None, &enroll_request(&code, None))).await.json();
    assert_eq!(enrolled.clinic_public_key, first.ring.public().to_string());
    let newest = code.unwrap(&enrolled.envelope.unwrap().parse().unwrap()).unwrap();
    // it needs that key alone to read what was before
    let fourth = Desk { id: enrolled.desk, token: enrolled.token };
    let mut fourth = Holder { ring: KeyRing::of(newest), ..Holder::new(&world, fourth) };
    fourth.takes_the_key(&world).await;
    assert_eq!((fourth.ring.number(), fourth.ring.key(1)), (2, Some(&world.key)));
    assert_eq!(fourth.gives_its_key(&world).await.status, StatusCode::NO_CONTENT);
    assert_eq!(fourth.page(&world).await.key, mark(2, false, true));
}

#[tokio::test]
async fn what_is_sealed_to_an_older_key_goes_again_sealed_anew_under_its_id_and_is_done_once() {
    let mut world = World::staffed().await;
    let [mut first, second, _] = world.three().await;
    let put = || Command::PersonPut { source: PersonSource::DeskPhone };
    let people = [person(&world), person(&world), person(&world)];
    let mut actions: Vec<_> = people.iter().map(|id| world.sealed(id, 0, put(), &json!({"name": "x"}))).collect();
    let free = world.plain(&world.clinic.clone().into(), 9, Command::RequestClaim);
    assert!(matches!(world.push(&actions[..1]).await[0].outcome, Outcome::Applied { .. }), "the answer is lost");
    world.lets_go(&first, &second).await;
    first.changes_the_key(&world).await;

    // the first was decided, what has no part is not sealed, the second is looked at no more
    let push = vec![actions[0].clone(), free.clone(), actions[1].clone(), actions[2].clone()];
    let refused = world.push_raw(&first.desk, &ActionsRequest { actions: push }).await;
    assert_eq!(refused.code(), ProblemCode::KeyChanged);
    assert_eq!(refused.problem().action, Some(actions[1].action.id.clone()));
    assert!(world.push(&[free]).await[0].duplicate, "what stood before it is done");

    world.key = first.ring.newest().clone();
    for action in &mut actions {
        let id = action.action.id.as_str().to_owned();
        let place = SealContext { entity: action.action.entity.as_str(), part: "main", seal_id: &id };
        let anew = seal::seal_json(&world.key.public(), &place, &json!({"name": "x"})).unwrap();
        action.parts.insert("main".to_owned(), anew);
    }
    let reply = world.push_raw(&first.desk, &ActionsRequest { actions: actions.clone() }).await;
    let results = reply.json::<ActionsResponse>().results;
    assert!(results.iter().all(|result| matches!(result.outcome, Outcome::Applied { .. })), "{results:?}");
    assert_eq!(results.iter().map(|result| result.duplicate).collect::<Vec<_>>(), [true, false, false]);
    // the same id for something else is a mistake all the same
    let mut other = actions[1].clone();
    other.action.command = Command::PersonPut { source: PersonSource::DeskWalkin };
    let reply = world.push_raw(&first.desk, &ActionsRequest { actions: vec![other] }).await;
    assert_eq!(reply.code(), ProblemCode::ActionIdReused);
}

#[tokio::test]
async fn a_restored_gateway_has_the_newest_key_before_anybody_is_let_in() {
    let world = World::staffed().await;
    let [mut first, mut second, third] = world.three().await;
    let backup = world.place.dir.path().join("before.backup");
    world.gateway.backup(&backup).await.unwrap();
    world.lets_go(&first, &third).await;
    first.changes_the_key(&world).await;
    second.takes_the_key(&world).await;
    // and once more
    let beside = Gateway::open_beside(world.place.config()).await.unwrap();
    assert!(beside.revoke_desk(&second.desk.id).await.unwrap());
    beside.close().await.unwrap();
    assert_eq!(first.page(&world).await.key, mark(2, true, true), "by the command line too");
    first.changes_the_key(&world).await;

    let place = Place::make();
    let journals = Journals { others: vec![world.place.journal()], none: false };
    Gateway::restore(place.config(), &backup, &journals).await.unwrap();
    let gateway = Gateway::open_with_clock(place.config(), world.clock.clone()).await.unwrap();
    let view: KeysView = ask(&gateway.router(), get("/v1/keys", first.token())).await.json();
    assert_eq!((view.number, view.due_since, &view.public_key), (3, None, &first.ring.public().to_string()));
    assert!(first.ring.follow(&view.records, &first.own, first.id(), view.own.as_ref()).is_ok());
    let code = ask(&gateway.router(), get("/v1/changes", second.token())).await.code();
    assert_eq!(code, ProblemCode::DeskRevoked);
    gateway.close().await.unwrap();

    // without the journal nobody knows: the key is due again as soon as the desk is let go again
    let careless = Place::make();
    Gateway::restore(careless.config(), &backup, &Journals { others: Vec::new(), none: true }).await.unwrap();
    let gateway = Gateway::open_with_clock(careless.config(), world.clock.clone()).await.unwrap();
    let page = async || ask(&gateway.router(), get("/v1/changes", first.token())).await.json::<ChangesPage>();
    assert_eq!(page().await.key, mark(1, false, true));
    assert!(gateway.revoke_desk(&third.desk.id).await.unwrap());
    assert_eq!(page().await.key, mark(1, true, true));
    gateway.close().await.unwrap();
}

#[tokio::test]
async fn a_change_that_was_noted_and_did_not_get_in_gives_way_to_the_one_that_did() {
    let world = World::staffed().await;
    let [mut first, second, third] = world.three().await;
    let backup = world.place.dir.path().join("before.backup");
    world.gateway.backup(&backup).await.unwrap();
    world.lets_go(&first, &third).await;
    let lost = second.change(&second.view(&world).await).1;
    first.changes_the_key(&world).await;
    // as a gateway leaves it that was cut off between noting and writing, and another desk was first after that
    let journal = std::fs::read_to_string(world.place.journal()).unwrap();
    let won = journal.lines().last().unwrap();
    let mut noted: Value = serde_json::from_str(won.strip_prefix("key ").unwrap()).unwrap();
    noted["record"] = json!(lost.record);
    let lines: Vec<_> = journal.lines().filter(|line| *line != won).collect();
    let others = world.place.dir.path().join("saved.journal");
    std::fs::write(&others, format!("{}\nkey {noted}\n{won}\n", lines.join("\n"))).unwrap();

    let place = Place::make();
    Gateway::restore(place.config(), &backup, &Journals { others: vec![others], none: false }).await.unwrap();
    let gateway = Gateway::open_with_clock(place.config(), world.clock.clone()).await.unwrap();
    let view: KeysView = ask(&gateway.router(), get("/v1/keys", first.token())).await.json();
    assert_eq!((view.number, view.public_key), (2, first.ring.public().to_string()));
    gateway.close().await.unwrap();
}

#[tokio::test]
async fn a_desk_that_comes_in_anew_takes_its_own_place_and_loses_no_key() {
    let world = World::staffed().await;
    let second = world.second_desk().await;
    let code = world.invite(Duration::hours(1)).await;
    let request = contract::v1::EnrollRequest { replaces: Some(second.token.clone()), ..enroll_request(&code, None) };
    let reply = ask(&world.router, post("/v1/desks/enroll", None, &request)).await;
    assert_eq!(reply.status, StatusCode::OK);
    let gone = ask(&world.router, get("/v1/changes", Some(&second.token))).await;
    assert_eq!(gone.code(), ProblemCode::Unauthorized, "unknown, not let go: that would take its keys away");
    let page: ChangesPage = ask(&world.router, get("/v1/changes", Some(&world.desk.token))).await.json();
    assert_eq!(page.key, mark(1, false, false), "nobody was let go");
    let desks = world.gateway.desks().await.unwrap();
    assert_eq!(desks.iter().filter(|desk| desk.revoked_at.is_none()).count(), 2);
}

#[tokio::test]
async fn a_code_that_the_lost_desk_has_made_lets_nobody_in_while_the_change_waits() {
    let world = World::staffed().await;
    let [first, _, thief] = world.three().await;
    let code = EnrolmentCode::make().unwrap();
    let body = json!({
        "auth_digest": code.auth_digest(), "envelope": code.wrap(thief.ring.newest()).unwrap(),
        "expires_at": start() + Duration::hours(24),
    });
    let kept = ask(&world.router, post("/v1/desks/invite", thief.token(), &body)).await;
    assert_eq!(kept.status, StatusCode::NO_CONTENT);
    let others = world.invite(Duration::hours(1)).await;
    world.lets_go(&first, &thief).await;
    let refused = ask(&world.router, post("/v1/desks/enroll", None, &enroll_request(&code, None))).await;
    assert_eq!(refused.code(), ProblemCode::CodeRefused);
    let other = ask(&world.router, post("/v1/desks/enroll", None, &enroll_request(&others, None))).await;
    assert_eq!(other.status, StatusCode::OK, "another desk's code is good until the key is changed");
}

/// A submission is sealed before it waits for the writer: the key may have changed when its turn comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_site_sends_while_the_key_changes_is_sealed_to_the_one_that_is_in_force() {
    let world = World::staffed().await;
    let [first, second, _] = world.three().await;
    let form = world.source(Connector::Form).await;
    world.callback(&form, "До").await;
    world.lets_go(&first, &second).await;
    let (next, change) = first.change(&first.view(&world).await);
    // all of them have come and are sealed, or nearly, and the change stands somewhere in their queue
    let send = |request: Request<Body>| {
        let router = world.router.clone();
        tokio::spawn(async move { ask(&router, request).await })
    };
    let visitor = |n: u32| {
        let body = json!({ "name": format!("Имя {n}"), "phone": "+7 900 000-11-22" }).to_string();
        Request::post(&form.path).header("content-type", "application/json").body(Body::from(body)).unwrap()
    };
    let mut night: Vec<_> = (0..20).map(|n| send(visitor(n))).collect();
    let changing = send(post("/v1/keys", first.token(), &change));
    night.extend((20..60).map(|n| send(visitor(n))));
    for visit in night {
        assert_eq!(visit.await.unwrap().status, StatusCode::OK);
    }
    let reply = changing.await.unwrap();
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    world.callback(&form, "После").await;
    let (mut older, mut newer) = (Vec::new(), Vec::new());
    for change in world.changes().await {
        if let (EntityRef::Request(_), Some(sealed)) = (&change.id, change.parts.get("main")) {
            let of_key = if sealed.key_id == next.public().key_id() { &mut newer } else { &mut older };
            of_key.push(change.seq);
        }
    }
    assert_eq!(older.len() + newer.len(), 62);
    assert!(older.iter().max() < newer.iter().min(), "{older:?} {newer:?}");
}
