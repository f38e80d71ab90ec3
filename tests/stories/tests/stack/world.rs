//! A story as it is played on the real stores and the real gateway, with the network of the model in between.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use axum::http::StatusCode;
use chrono::{DateTime, Duration, Utc};
use connectors::Connector;
use contract::v1::{
    ActionEnvelope, ActionResult, ActionsRequest, ActionsResponse, Change, ChangesPage, EnrollRequest, EnrollResponse,
    Outcome, Parts,
};
use domain::{
    Action, ActionId, CertificateId, ClinicId, Command, EntityRef, RequestId, State,
    personal::{PersonName, PractitionerPersonal, StaffPersonal},
    request::RequestKind,
};
use seal::{ClinicSecretKey, enrolment::EnrolmentCode};
use serde_json::{Value, json, to_value};
use sim::{Act, Event, Fate, Figures, Plan, cast};
use sync::{Event as Happened, Failure, Instruction, Moment};
use tempfile::TempDir;

use crate::{
    desk::{Desk, sealed},
    house::{House, Kind, StoryClock, get, post},
};

/// Small pages: feeds are cut in their middle.
const PAGE: usize = 5;

/// What travels.
#[derive(Debug, Clone)]
enum Message {
    Push(Vec<ActionEnvelope>),
    Pull(Option<String>),
    Outcomes { results: Vec<ActionResult>, asked: usize },
    Page(ChangesPage),
    Resync,
}

#[derive(Debug, Clone)]
struct Packet {
    desk: usize,
    life: u32,
    number: u64,
    message: Message,
}

/// What somebody was told to be saved.
struct Promise {
    desk: usize,
    life: u32,
    excused: bool,
    action: Action,
}

pub(crate) struct World {
    pub(crate) figures: Figures,
    house: House,
    desks: Vec<Desk>,
    key: ClinicSecretKey,
    requests: Vec<RequestId>,
    certificates: Vec<CertificateId>,
    promises: BTreeMap<ActionId, Promise>,
    /// Refusals that a desk was told of.
    refused: BTreeSet<ActionId>,
    restored: bool,
    witnessed: Option<String>,
    network: Vec<Packet>,
    sent: u64,
    now: u64,
    clock: Arc<StoryClock>,
    faults: bool,
    dir: TempDir,
}

fn enrolment(code: &EnrolmentCode, key: Option<&ClinicSecretKey>) -> EnrollRequest {
    EnrollRequest {
        auth: code.auth_half().as_str().to_owned(),
        name: "Ресепшн".to_owned(),
        app_version: "0.1.0".to_owned(),
        clinic_public_key: key.map(|key| key.public().to_string()),
        replaces: None,
    }
}

impl World {
    pub(crate) async fn of(plan: &Plan, kind: Kind) -> Self {
        let clock = Arc::new(StoryClock(Mutex::new(cast::beginning())));
        let house = House::new(kind, clock.clone()).await;
        let key = ClinicSecretKey::make().unwrap();
        let code = house.gateway().founding_code().await.unwrap().unwrap().parse().unwrap();
        let (status, body) = house.ask(post("/v1/desks/enroll", None, &enrolment(&code, Some(&key)))).await;
        assert_eq!(status, StatusCode::OK);
        let enrolled: EnrollResponse = serde_json::from_slice(&body).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut world = Self {
            figures: Figures::default(),
            house,
            desks: Vec::new(),
            key,
            requests: Vec::new(),
            certificates: Vec::new(),
            promises: BTreeMap::new(),
            refused: BTreeSet::new(),
            restored: false,
            witnessed: None,
            network: Vec::new(),
            sent: 0,
            now: 0,
            clock,
            faults: true,
            dir,
        };
        world.house.memory.desks.push(enrolled.desk.clone());
        world.found(&enrolled.token, &enrolled.clinic).await;
        let first = (enrolled.desk, enrolled.token);
        let desk = Desk::new(0, 0, first, &world.dir, &world.key).await;
        world.desks.push(desk);
        for number in 1..plan.desks {
            let desk = world.enrols(number, 0).await;
            world.desks.push(desk);
        }
        for at in 0..world.desks.len() {
            world.drive(at, Happened::Started, 0).await;
        }
        world.settle_down().await;
        world.figures = Figures::default();
        world
    }

    /// The clinic of every story, as a manager and a site make it.
    async fn found(&mut self, token: &str, clinic: &ClinicId) {
        let name = |given: &str| PersonName { given: given.to_owned(), ..PersonName::default() };
        let staff = StaffPersonal {
            name: name("Анна"),
            login: String::new(),
            secret_hash: String::new(),
            newer: Default::default(),
        };
        let mut founding = cast::founding();
        // nobody but the first manager can do anything
        founding.sort_by_key(|(entity, _)| *entity != EntityRef::from(cast::staff(0)));
        let (mut actions, mut callbacks, mut sold) = (Vec::new(), 0, 0);
        for (n, (entity, state)) in founding.into_iter().enumerate() {
            let (entity, command, part) = match state {
                State::Clinic(state) => (clinic.clone().into(), Command::ClinicPut { clinic: Box::new(state) }, None),
                State::Staff(state) => (entity, Command::StaffPut { staff: state }, Some(to_value(&staff).unwrap())),
                State::Practitioner(practitioner) => {
                    let part = PractitionerPersonal {
                        name: name("Пётр"),
                        speciality: String::new(),
                        newer: Default::default(),
                    };
                    (entity, Command::PractitionerPut { practitioner }, Some(to_value(part).unwrap()))
                }
                State::Person(person) => (
                    entity,
                    Command::PersonPut { source: person.source },
                    Some(json!({"name": name("Вера"), "phones": []})),
                ),
                State::Request(_) => {
                    callbacks += 1;
                    continue;
                }
                State::Certificate(_) => {
                    sold += 1;
                    continue;
                }
                State::Appointment(_) | State::Case(_) => continue,
            };
            let id = ActionId::from_random([u8::try_from(n).unwrap() + 1; 16]);
            let action = Action {
                id,
                entity,
                base_version: 0,
                if_match: None,
                actor: cast::staff(0),
                at: cast::beginning(),
                command,
            };
            let (parts, _): (Parts, _) = sealed(&action, part, &self.key);
            actions.push(ActionEnvelope { action, parts });
        }
        let (status, body) = self.house.ask(post("/v1/actions", Some(token), &ActionsRequest { actions })).await;
        assert_eq!(status, StatusCode::OK);
        let answer: ActionsResponse = serde_json::from_slice(&body).unwrap();
        assert!(answer.results.iter().all(|r| matches!(r.outcome, Outcome::Applied { .. })), "{:?}", answer.results);

        let site = self.house.gateway().add_source(Connector::Form, "Сайт", None, RequestKind::Callback).await.unwrap();
        for n in 0..callbacks.max(sold) {
            let mut body = json!({ "name": format!("Посетитель {n}"), "phone": "+7 900 000-12-34" });
            if n < sold {
                body["certificate"] = json!({ "code": format!("GIFT{n}"), "face_value": 10 });
            }
            let (status, reply) = self.house.ask(post(&site.path, None, &body)).await;
            assert_eq!(status, StatusCode::OK);
            let id = serde_json::from_slice::<Value>(&reply).unwrap()["id"].as_str().unwrap().parse().unwrap();
            self.requests.push(id);
        }
        let feed = self.feed(token).await;
        for request in &self.requests[..sold] {
            let of = feed.iter().find(|change| change.id == request.clone().into());
            match &of.unwrap().state {
                Some(State::Request(request)) => self.certificates.push(request.certificate.clone().unwrap()),
                other => panic!("{other:?}"),
            }
        }
    }

    /// A new desk, let in by another one.
    async fn enrols(&mut self, number: usize, life: u32) -> Desk {
        let host = self.desks[usize::from(number == 0)].token.clone();
        let code = EnrolmentCode::make().unwrap();
        let envelope = code.wrap(&self.key).unwrap().to_string();
        let expires_at = self.time() + Duration::minutes(30);
        let invite = json!({ "auth_digest": code.auth_digest(), "envelope": envelope, "expires_at": expires_at });
        let (status, _) = self.house.ask(post("/v1/desks/invite", Some(&host), &invite)).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
        let (status, body) = self.house.ask(post("/v1/desks/enroll", None, &enrolment(&code, None))).await;
        assert_eq!(status, StatusCode::OK);
        let enrolled: EnrollResponse = serde_json::from_slice(&body).unwrap();
        self.house.memory.desks.push(enrolled.desk.clone());
        Desk::new(number, life, (enrolled.desk, enrolled.token), &self.dir, &self.key).await
    }

    fn time(&self) -> DateTime<Utc> {
        cast::beginning() + Duration::milliseconds(i64::try_from(self.now).unwrap())
    }

    fn pass(&mut self, now: u64) {
        self.now = now;
        *self.clock.0.lock().unwrap() = self.time();
    }

    fn desk_clock(&self, desk: usize) -> DateTime<Utc> {
        self.time() + self.desks[desk].skew
    }

    pub(crate) async fn play(&mut self, number: usize, event: Event) {
        self.figures.events += 1;
        match event {
            Event::Act { desk, act, dies } => self.act(number, desk, act, dies).await,
            Event::Tick { desk, gives_up, jitter } => self.tick(desk, gives_up, jitter).await,
            Event::Poke { desk } => self.drive(desk, Happened::Poked, 0).await,
            Event::Deliver { pick, fate } => self.deliver(pick, fate).await,
            Event::Sleep { millis } => self.pass(self.now + u64::from(millis)),
            Event::Crash { desk } => self.crash(desk).await,
            Event::Backup => {
                self.house.back_up().await;
                self.figures.backups += 1;
            }
            Event::RestoreBackup { which } => self.restore(which).await,
            Event::LoseKey { desk } => self.lose_key(desk).await,
            Event::Skew { desk, seconds } => self.desks[desk].skew = Duration::seconds(i64::from(seconds)),
            // plain stories have none of these
            Event::Invite { .. }
            | Event::Enrol { .. }
            | Event::LetGo { .. }
            | Event::DieTakingAKey { .. }
            | Event::Update { .. }
            | Event::Break { .. }
            | Event::Mend
            | Event::SiteSends { .. } => {}
        }
    }

    /// The same thing by the name that the gateway has given it.
    fn real(&self, entity: EntityRef) -> EntityRef {
        let request = |id: &RequestId| (0..cast::REQUESTS).position(|n| cast::request(n) == *id);
        let certificate = |id: &CertificateId| (0..cast::CERTIFICATES).position(|n| cast::certificate(n) == *id);
        match &entity {
            EntityRef::Request(id) => self.requests[request(id).unwrap()].clone().into(),
            EntityRef::Certificate(id) => self.certificates[certificate(id).unwrap()].clone().into(),
            _ => entity,
        }
    }

    async fn act(&mut self, number: usize, desk: usize, act: Act, dies: Option<u8>) {
        let now = self.desk_clock(desk);
        if dies == Some(0) {
            return self.crash(desk).await;
        }
        if let Act::Discard { refused } = act {
            self.gives_up(desk, refused, now).await;
        } else {
            let shown = self.desks[desk].shown(&self.certificates).await;
            let Some((entity, mut command, part)) = sim::command(act, number, &shown) else { return };
            if let Command::AppointmentBook { request: Some(request), .. } = &mut command {
                let EntityRef::Request(real) = self.real(request.clone().into()) else { return };
                *request = real;
            }
            let entity = self.real(entity);
            let Some(envelope) = self.desks[desk].keep(number, entity, command, part, now).await else { return };
            self.figures.actions += 1;
            let (life, action) = (self.desks[desk].life, envelope.action);
            self.promises.insert(action.id.clone(), Promise { desk, life, excused: false, action });
        }
        match dies {
            None => self.drive(desk, Happened::Queued, 0).await,
            Some(_) => self.crash(desk).await,
        }
    }

    /// Somebody gives up what was refused. Whether there was such a thing.
    async fn gives_up(&mut self, desk: usize, which: u8, now: DateTime<Utc>) -> bool {
        let Some(id) = self.desks[desk].discard(which, now).await else { return false };
        if let Some(promise) = self.promises.get_mut(&id) {
            promise.excused |= !self.house.memory.decided.contains_key(&id);
        }
        true
    }

    async fn tick(&mut self, desk: usize, gives_up: bool, jitter: u32) {
        if self.desks[desk].waits_for.is_some() {
            if gives_up {
                self.desks[desk].waits_for = None;
                self.figures.given_up += 1;
                self.drive(desk, Happened::Failed(Failure::Unreachable), jitter).await;
            }
            return;
        }
        if self.desks[desk].sleeps_until.is_none_or(|until| until.0 <= self.now) {
            self.drive(desk, Happened::Woke, jitter).await;
        }
    }

    /// Tells the engine what happened and carries out what it says, until it waits.
    async fn drive(&mut self, at: usize, happened: Happened, jitter: u32) {
        let mut happened = happened;
        loop {
            let now = Moment(self.now);
            let desk = &mut self.desks[at];
            match desk.engine.step(happened, now, jitter) {
                Instruction::Push { limit, skip } => {
                    let most = if skip > 0 { usize::MAX } else { limit };
                    let actions = desk.store.outbox_to_send(most).await.unwrap();
                    let actions = sync::leave_out(actions, skip, limit, |envelope| envelope.action.touches());
                    if actions.is_empty() {
                        happened = Happened::NothingToPush;
                        continue;
                    }
                    let ids: Vec<_> = actions.iter().map(|envelope| envelope.action.id.clone()).collect();
                    desk.store.mark_sent(&ids).await.unwrap();
                    self.ask(at, Message::Push(actions));
                }
                Instruction::Pull { resync } => {
                    if resync {
                        desk.store.begin_resync().await.unwrap();
                    }
                    let since = desk.store.sync_mark().await.unwrap().cursor;
                    self.ask(at, Message::Pull(since));
                }
                Instruction::CarryOn => {}
                Instruction::Wait { until, .. } => desk.sleeps_until = until,
            }
            return;
        }
    }

    fn ask(&mut self, desk: usize, message: Message) {
        self.sent += 1;
        self.desks[desk].waits_for = Some(self.sent);
        let life = self.desks[desk].life;
        self.network.push(Packet { desk, life, number: self.sent, message });
    }

    async fn deliver(&mut self, pick: u16, fate: Fate) {
        if self.network.is_empty() {
            return;
        }
        let packet = self.network.swap_remove(usize::from(pick) % self.network.len());
        let is_request = matches!(packet.message, Message::Push(_) | Message::Pull(_));
        let mut dies = None;
        match fate {
            _ if !self.faults => {}
            Fate::Lost => {
                match packet.message {
                    Message::Push(_) | Message::Pull(_) => self.figures.lost_requests += 1,
                    Message::Outcomes { .. } => self.figures.lost_outcomes += 1,
                    Message::Page(_) | Message::Resync => self.figures.lost_pages += 1,
                }
                return;
            }
            Fate::Doubled if is_request => {
                self.figures.doubled += 1;
                self.network.push(packet.clone());
            }
            Fate::Arrives | Fate::Doubled => {}
            Fate::KillsReceiver { commits } => dies = Some(commits),
        }
        if is_request { self.at_gateway(packet, dies).await } else { self.at_desk(packet, dies).await }
    }

    async fn at_gateway(&mut self, packet: Packet, dies: Option<u8>) {
        if dies == Some(0) {
            self.figures.gateway_crashes += 1;
            return self.house.dies().await;
        }
        let desk = &self.desks[packet.desk];
        // a desk that enrolled anew has another token; what its former life had sent comes with the old one
        let token = if desk.life == packet.life { desk.token.clone() } else { return };
        let answer = match &packet.message {
            Message::Push(actions) => {
                let push = ActionsRequest { actions: actions.clone() };
                let (status, body) = self.house.ask(post("/v1/actions", Some(&token), &push)).await;
                assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
                let results = serde_json::from_slice::<ActionsResponse>(&body).unwrap().results;
                self.witness(&results).await;
                Message::Outcomes { results, asked: actions.len() }
            }
            Message::Pull(since) => {
                let since = since.as_ref().map(|since| format!("&since={since}")).unwrap_or_default();
                let (status, body) = self.house.ask(get(&format!("/v1/changes?limit={PAGE}{since}"), &token)).await;
                match status {
                    StatusCode::OK => Message::Page(serde_json::from_slice(&body).unwrap()),
                    StatusCode::GONE => Message::Resync,
                    other => panic!("a pull got {other}: {}", String::from_utf8_lossy(&body)),
                }
            }
            Message::Outcomes { .. } | Message::Page(_) | Message::Resync => return,
        };
        if dies.is_some() {
            // committed, and the answer dies with the process
            self.figures.gateway_crashes += 1;
            self.figures.lost_outcomes += u64::from(matches!(answer, Message::Outcomes { .. }));
            return self.house.dies().await;
        }
        self.network.push(Packet { message: answer, ..packet });
    }

    /// An action has one outcome for ever, however often it is asked for.
    async fn witness(&mut self, results: &[ActionResult]) {
        for ActionResult { id, outcome, .. } in results {
            if matches!(outcome, Outcome::RetryLater | Outcome::BlockedBy { .. }) {
                continue;
            }
            if let Some(first) = self.house.memory.decided.get(id) {
                if first != outcome {
                    self.witnessed.get_or_insert(format!("{id} had another outcome before"));
                }
                continue;
            }
            self.house.memory.decided.insert(id.clone(), outcome.clone());
            let Some(promise) = self.promises.get(id) else {
                self.witnessed.get_or_insert(format!("{id} was decided, and nobody has done it"));
                continue;
            };
            let (Outcome::Applied { .. }, person) = (outcome, promise.action.entity.clone()) else { continue };
            match promise.action.command {
                Command::PersonBlock { .. } => {
                    self.house.blocked.insert(person);
                }
                Command::PersonUnblock { .. } if !is_blocked(&self.gateway_feed().await, &person) => {
                    self.house.blocked.remove(&person);
                }
                _ => {}
            }
        }
    }

    async fn at_desk(&mut self, packet: Packet, dies: Option<u8>) {
        let at = packet.desk;
        let now = self.desk_clock(at);
        let desk = &mut self.desks[at];
        if desk.life != packet.life || desk.waits_for != Some(packet.number) {
            self.figures.late += 1;
            return;
        }
        desk.waits_for = None;
        if dies == Some(0) {
            self.figures.crashes_in_answer += 1;
            return self.crash(at).await;
        }
        let happened = match packet.message {
            Message::Outcomes { results, asked } => {
                desk.hear(&results, now).await;
                let no = |r: &&ActionResult| matches!(r.outcome, Outcome::Conflict { .. } | Outcome::Rejected { .. });
                self.refused.extend(results.iter().filter(no).map(|result| result.id.clone()));
                if results.iter().any(|result| result.outcome == Outcome::RetryLater) {
                    Happened::Failed(Failure::RetryAfter(5_000))
                } else {
                    Happened::Pushed { more: results.len() < asked }
                }
            }
            Message::Page(page) => {
                let was_resyncing = desk.store.sync_mark().await.unwrap().resyncing;
                desk.store_page(page.changes, &page.cursor, !page.has_more, now).await;
                if was_resyncing && !page.has_more {
                    desk.store.finish_resync().await.unwrap();
                    if dies.is_none() {
                        self.drive(at, Happened::Pulled { has_more: false }, 0).await;
                        return self.drive(at, Happened::Queued, 0).await;
                    }
                }
                Happened::Pulled { has_more: page.has_more }
            }
            Message::Resync => {
                self.figures.resyncs += 1;
                Happened::Failed(Failure::ResyncRequired)
            }
            Message::Push(_) | Message::Pull(_) => return,
        };
        if dies.is_some() {
            self.figures.crashes_in_answer += 1;
            return self.crash(at).await;
        }
        self.drive(at, happened, 0).await;
    }

    async fn crash(&mut self, desk: usize) {
        self.figures.desk_crashes += 1;
        self.desks[desk].starts().await;
        self.drive(desk, Happened::Started, 0).await;
    }

    async fn restore(&mut self, which: u8) {
        if !self.house.restore(which).await {
            return;
        }
        self.restored = true;
        self.figures.restores += 1;
        // connections break when a gateway goes down
        self.network.retain(|packet| !matches!(packet.message, Message::Push(_) | Message::Pull(_)));
    }

    async fn lose_key(&mut self, desk: usize) {
        self.figures.key_losses += 1;
        if !self.desks[desk].unsent().await.is_empty() {
            self.figures.key_losses_with_outbox += 1;
        }
        let oldest = self.house.oldest();
        for (id, promise) in &mut self.promises {
            let safe = self.house.memory.decided.contains_key(id) && oldest.decided.contains_key(id);
            promise.excused |= promise.desk == desk && !safe;
        }
        let anew = self.enrols(desk, self.desks[desk].life + 1).await;
        std::mem::replace(&mut self.desks[desk], anew).store.close().await;
        self.drive(desk, Happened::Started, 0).await;
    }

    /// Faults end; everybody talks until there is nothing left to say.
    pub(crate) async fn heal(&mut self) -> Result<(), String> {
        self.faults = false;
        let mut left = String::new();
        for _ in 0..40 {
            let quiet = self.settle_down().await;
            let mut waits = 0;
            for at in 0..self.desks.len() {
                let now = self.desk_clock(at);
                // a person looks at what was refused and gives it up
                while self.gives_up(at, 0, now).await {}
                waits += self.desks[at].outbox().await.len();
            }
            left = match (quiet, waits, self.converged().await) {
                (true, 0, Ok(())) => return Ok(()),
                (true, 0, Err(what)) => what,
                (_, waits, _) => format!("{waits} actions wait"),
            };
            for at in 0..self.desks.len() {
                self.drive(at, Happened::Asked, 0).await;
            }
        }
        Err(left)
    }

    async fn settle_down(&mut self) -> bool {
        let faults = std::mem::replace(&mut self.faults, false);
        let mut ended = false;
        for _ in 0..10_000 {
            if !self.network.is_empty() {
                self.deliver(0, Fate::Arrives).await;
                continue;
            }
            if let Some(at) = self.desks.iter().position(|desk| desk.waits_for.is_some()) {
                self.tick(at, true, 0).await;
                continue;
            }
            let awake = self.desks.iter().filter(|desk| !desk.engine.is_at_rest());
            let Some(next) = awake.filter_map(|desk| desk.sleeps_until).min() else {
                ended = true;
                break;
            };
            self.pass(self.now.max(next.0));
            for at in 0..self.desks.len() {
                self.tick(at, false, 0).await;
            }
        }
        self.faults = faults;
        ended
    }

    /// The whole feed.
    async fn feed(&self, token: &str) -> Vec<Change> {
        let (status, body) = self.house.ask(get("/v1/changes", token)).await;
        assert_eq!(status, StatusCode::OK);
        let page: ChangesPage = serde_json::from_slice(&body).unwrap();
        assert!(!page.has_more);
        page.changes
    }

    async fn gateway_feed(&self) -> Vec<Change> {
        self.feed(&self.desks[0].token).await
    }

    /// What must hold at any moment.
    pub(crate) async fn check(&self) -> Result<(), String> {
        self.witnessed.clone().map_or(Ok(()), Err)?;
        let feed = self.gateway_feed().await;
        let mut visits = Vec::new();
        for change in &feed {
            match &change.state {
                Some(State::Appointment(visit)) if visit.status.occupies() => visits.push(visit),
                Some(State::Certificate(certificate)) => {
                    let balance = certificate.balance().0;
                    if !(0..=certificate.face_value.0).contains(&balance) {
                        return Err(format!("{} has {balance} kopecks left", change.id));
                    }
                }
                _ => {}
            }
        }
        for (at, visit) in visits.iter().enumerate() {
            for other in &visits[at + 1..] {
                let shares = visit.slot.practitioner == other.slot.practitioner
                    || visit.slot.chair == other.slot.chair
                    || visit.person == other.person;
                if shares && visit.slot.meets(&other.slot) {
                    return Err("two visits meet".to_owned());
                }
            }
        }
        for person in &self.house.blocked {
            if !is_blocked(&feed, person) {
                return Err(format!("{person} was blocked, and is not"));
            }
        }
        for desk in &self.desks {
            self.check_desk(desk).await?;
        }
        Ok(())
    }

    async fn check_desk(&self, desk: &Desk) -> Result<(), String> {
        let outbox = desk.outbox().await;
        for (id, promise) in &self.promises {
            let of_desk = promise.desk == desk.number && promise.life == desk.life && !promise.excused;
            // after a restore it may lie among what had settled, which goes again
            if !of_desk || self.restored || self.house.memory.decided.contains_key(id) {
                continue;
            }
            if !outbox.iter().any(|record| record.envelope.action.id == *id) {
                return Err(format!("{id} ({}) is nowhere", promise.action.command.verb()));
            }
        }
        let unsent = desk.unsent().await;
        let lifts = |person: &EntityRef| {
            let lifted = |e: &ActionEnvelope| matches!(e.action.command, Command::PersonUnblock { .. });
            unsent.iter().any(|envelope| envelope.action.entity == *person && lifted(envelope))
        };
        for envelope in &unsent {
            let (Command::PersonBlock { .. }, EntityRef::Person(id)) =
                (&envelope.action.command, &envelope.action.entity)
            else {
                continue;
            };
            let person = desk.store.person(id).await.unwrap().expect("is there");
            let lifted = person.state.blocks.iter().any(|block| block.lifted.is_some());
            if !person.state.is_blocked() && !lifted && !lifts(&envelope.action.entity) {
                return Err(format!("desk {} shows {id}, whom it has blocked", desk.number));
            }
        }
        Ok(())
    }

    /// What must hold once the faults are over and everybody has talked.
    pub(crate) async fn converged(&self) -> Result<(), String> {
        for (id, promise) in self.promises.iter().filter(|(_, promise)| !promise.excused) {
            let known_refusal = self.restored && self.refused.contains(id);
            if !self.house.memory.decided.contains_key(id) && !known_refusal {
                return Err(format!("{id} ({}) never reached the gateway", promise.action.command.verb()));
            }
        }
        let feed = self.gateway_feed().await;
        for desk in &self.desks {
            let store = &desk.store;
            for change in &feed {
                let seen = match &change.id {
                    EntityRef::Request(id) => {
                        store.request(id).await.unwrap().map(|seen| (seen.version, State::Request(seen.state)))
                    }
                    EntityRef::Appointment(id) => {
                        store.visit(id).await.unwrap().map(|seen| (seen.version, State::Appointment(seen.state)))
                    }
                    EntityRef::Person(id) => {
                        let seen = store.person(id).await.unwrap();
                        seen.map(|seen| (seen.version, State::Person(seen.state.clone())))
                    }
                    EntityRef::Certificate(id) => {
                        store.certificate(id).await.unwrap().map(|seen| (seen.version, State::Certificate(seen.state)))
                    }
                    _ => continue,
                };
                let there = change.state.clone().map(|state| (change.version, state));
                if seen != there {
                    return Err(format!("desk {} sees another {} than the gateway", desk.number, change.id));
                }
            }
            let shown = desk.shown(&self.certificates).await;
            let visits = |id: &EntityRef| matches!(id, EntityRef::Appointment(_));
            let there = |id: &&EntityRef| feed.iter().any(|change| change.id == **id && change.state.is_some());
            if let Some(id) = shown.keys().filter(|id| visits(id)).find(|id| !there(id)) {
                return Err(format!("desk {} shows {id}, which the gateway does not have", desk.number));
            }
            let audit = store.audit_verify().await.unwrap();
            if !audit.ok {
                return Err(format!("the audit chain of desk {} does not hold", desk.number));
            }
        }
        Ok(())
    }

    pub(crate) async fn close(self) {
        for desk in self.desks {
            desk.store.close().await;
        }
        self.house.close().await;
    }
}

fn is_blocked(feed: &[Change], person: &EntityRef) -> bool {
    let state = feed.iter().find(|change| change.id == *person).and_then(|change| change.state.as_ref());
    matches!(state, Some(State::Person(person)) if person.is_blocked())
}
