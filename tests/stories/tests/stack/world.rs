//! A story as it is played on the real stores and the real gateway, with the network of the model in between.

mod check;
mod clinic;
mod edits;
mod keys;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use axum::http::{Request, StatusCode};
use chrono::{DateTime, Duration, Utc};
use connectors::Connector;
use contract::v1::{
    ActionEnvelope, ActionResult, ActionsRequest, ActionsResponse, Change, ChangesPage, Outcome, Parts,
    keys::{DeskKeyRequest, KeyChangeRequest, KeysView},
};
use domain::{
    Action, ActionId, CertificateId, ClinicId, Command, DeskId, EntityRef, RequestId, State,
    personal::{PersonName, PractitionerPersonal, StaffPersonal},
    request::RequestKind,
};
use seal::{ClinicPublicKey, ClinicSecretKey};
use serde_json::{Value, json, to_value};
use sim::{Act, Event, Fate, Figures, Plan, cast};
use sync::{Event as Happened, Failure, Instruction, Moment};
use tempfile::TempDir;

pub(crate) use self::keys::KeyTalk;
use self::{check::is_blocked, clinic::Invitation, edits::Edit, keys::is_key_changed};
use crate::{
    desk::{Desk, sealed},
    house::{House, Kind, StoryClock, get, post, with_body},
};

/// Small pages: feeds are cut in their middle.
const PAGE: usize = 5;

/// What travels.
#[derive(Debug, Clone)]
enum Message {
    Push(Vec<ActionEnvelope>),
    Pull(Option<String>),
    /// What changes of key there are, and who is in.
    AskKeys,
    GiveOwn(DeskKeyRequest),
    ChangeKey(Box<KeyChangeRequest>),
    Outcomes {
        results: Vec<ActionResult>,
        asked: usize,
    },
    OlderKey,
    Broken,
    Page(ChangesPage),
    Resync,
    Keys(Box<KeysView>),
}

impl Message {
    fn is_request(&self) -> bool {
        matches!(self, Self::Push(_) | Self::Pull(_) | Self::AskKeys | Self::GiveOwn(_) | Self::ChangeKey(_))
    }
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
    /// Of an edit of a card.
    edit: Option<Edit>,
}

pub(crate) struct World {
    pub(crate) figures: Figures,
    house: House,
    desks: Vec<Desk>,
    /// The founding key.
    key: ClinicSecretKey,
    /// The path of the site's door.
    site: String,
    invitation: Option<Invitation>,
    /// Former lives of desks, whose keychains are lost and which nobody has let go yet.
    lost: Vec<DeskId>,
    /// Actions that break every push that they are in.
    broken: BTreeSet<ActionId>,
    /// Actions that said what only the newer version has a word for.
    new_words: BTreeSet<ActionId>,
    /// Numbers of desks that begin with the older version.
    older: Vec<usize>,
    /// Who was let go, with token and key.
    shut_out: Vec<(DeskId, String, ClinicPublicKey)>,
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

impl World {
    pub(crate) async fn of(plan: &Plan, kind: Kind) -> Self {
        let clock = Arc::new(StoryClock(Mutex::new(cast::beginning())));
        let house = House::new(kind, clock.clone()).await;
        let key = ClinicSecretKey::make().unwrap();
        let enrolled = clinic::founds(&house, &key).await;
        let dir = tempfile::tempdir().unwrap();
        let mut world = Self {
            figures: Figures::default(),
            house,
            desks: Vec::new(),
            key,
            site: String::new(),
            invitation: None,
            lost: Vec::new(),
            broken: BTreeSet::new(),
            new_words: BTreeSet::new(),
            older: plan.older.clone(),
            shut_out: Vec::new(),
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
            world.invite(0).await;
            let (enrolled, key) = world.use_invitation().await.expect("a fresh invitation");
            let desk = Desk::new(number, 0, enrolled, &world.dir, &key).await;
            world.desks.push(desk);
        }
        for desk in &mut world.desks {
            desk.reads_newer = !plan.older.contains(&desk.number);
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
            let (parts, _): (Parts, _) = sealed(&action, part, &self.key.public());
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
        self.site = site.path;
        let feed = self.feed(token).await;
        for request in &self.requests[..sold] {
            let of = feed.iter().find(|change| change.id == request.clone().into());
            match &of.unwrap().state {
                Some(State::Request(request)) => self.certificates.push(request.certificate.clone().unwrap()),
                other => panic!("{other:?}"),
            }
        }
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
        let Some(event) = self.of_somebody_who_is_in(event) else { return };
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
            Event::Invite { desk } => self.invite(desk).await,
            Event::Enrol { desk } => self.enrol(desk).await,
            Event::LetGo { desk } => self.let_go(desk).await,
            Event::DieTakingAKey { desk } => self.desks[desk].dies_taking_a_key = true,
            Event::Update { desk } => self.update(desk).await,
            Event::Break { desk } => self.break_a_push(desk).await,
            Event::Mend => self.broken.clear(),
            Event::SiteSends { dies } => self.site_sends(number, dies).await,
        }
    }

    /// The event with a desk that is there; none when whoever it is about was let go.
    fn of_somebody_who_is_in(&self, mut event: Event) -> Option<Event> {
        if let Some(desk) = event.desk_mut() {
            *desk %= self.desks.len();
            if self.desks[*desk].gone {
                return None;
            }
        }
        Some(event)
    }

    /// Numbers of the desks that take part.
    fn in_desks(&self) -> Vec<usize> {
        (0..self.desks.len()).filter(|at| !self.desks[*at].gone).collect()
    }

    /// A desk that takes part, another one than this if there is.
    fn another(&self, desk: usize) -> &Desk {
        let other = self.in_desks().into_iter().find(|at| *at != desk).unwrap_or(desk);
        &self.desks[other]
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
            let says_new_word = matches!(act, Act::NewWord { .. });
            let is_new_field = matches!(act, Act::EditField { field, .. } if field + 1 == sim::card::FIELDS);
            if !self.desks[desk].reads_newer && (says_new_word || is_new_field) {
                return;
            }
            let shown = self.desks[desk].shown(&self.certificates).await;
            let Some((entity, mut command, part)) = sim::command(act, number, &shown) else { return };
            if let Command::AppointmentBook { request: Some(request), .. } = &mut command {
                let EntityRef::Request(real) = self.real(request.clone().into()) else { return };
                *request = real;
            }
            let entity = self.real(entity);
            let Some(envelope) = self.desks[desk].keep(number, entity.clone(), command, part, now).await else {
                return;
            };
            self.figures.actions += 1;
            self.figures.undone += u64::from(envelope.action.command == Command::AppointmentUndo);
            if says_new_word {
                self.new_words.insert(envelope.action.id.clone());
            }
            let edit = Edit::of(shown.get(&entity), part, self.desks[desk].reads_newer);
            self.promise(desk, envelope.action, edit);
        }
        match dies {
            None => self.drive(desk, Happened::Queued, 0).await,
            Some(_) => self.crash(desk).await,
        }
    }

    fn promise(&mut self, desk: usize, action: Action, edit: Option<Edit>) {
        let life = self.desks[desk].life;
        self.promises.insert(action.id.clone(), Promise { desk, life, excused: false, action, edit });
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
                self.desks[desk].key_talk = None;
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
                    let actions = desk.to_send(most).await;
                    let actions = sync::leave_out(actions, skip, limit, |envelope| envelope.action.touches());
                    self.figures.pushes_without_what_breaks += u64::from(skip > 0 && !actions.is_empty());
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
        let is_request = packet.message.is_request();
        let mut dies = None;
        match fate {
            _ if !self.faults => {}
            Fate::Lost => {
                match packet.message {
                    _ if is_request => self.figures.lost_requests += 1,
                    Message::Outcomes { .. } => self.figures.lost_outcomes += 1,
                    _ => self.figures.lost_pages += 1,
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
        let token = if desk.life == packet.life && !desk.gone { desk.token.clone() } else { return };
        let answer = match &packet.message {
            Message::Push(actions) if actions.iter().any(|envelope| self.broken.contains(&envelope.action.id)) => {
                self.figures.broken_pushes += 1;
                Message::Broken
            }
            Message::Push(actions) => {
                let push = ActionsRequest { actions: actions.clone() };
                let (status, body) = self.house.ask(post("/v1/actions", Some(&token), &push)).await;
                if is_key_changed(status, &body) {
                    self.figures.older_seals += 1;
                    Message::OlderKey
                } else {
                    assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
                    let results = serde_json::from_slice::<ActionsResponse>(&body).unwrap().results;
                    self.witness(&results).await;
                    Message::Outcomes { results, asked: actions.len() }
                }
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
            Message::AskKeys => self.keys_of(&token).await,
            Message::GiveOwn(request) => {
                let put = with_body(Request::put("/v1/desks/key"), Some(&token), request);
                self.takes_key_or_not(self.house.ask(put).await);
                self.keys_of(&token).await
            }
            Message::ChangeKey(request) => {
                let taken = self.takes_key_or_not(self.house.ask(post("/v1/keys", Some(&token), request)).await);
                self.figures.key_changes += u64::from(taken);
                self.figures.key_changes_refused += u64::from(!taken);
                self.keys_of(&token).await
            }
            _ => return,
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
            if let Some(edit) = &promise.edit {
                let card = self.house.memory.cards.entry(person.clone()).or_default();
                self.witnessed = self.witnessed.take().or(edit.touches_its_fields(*card).err());
                *card = edit.card;
            }
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
        if desk.life != packet.life || desk.gone || desk.waits_for != Some(packet.number) {
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
            Message::Page(page) => match self.reads(at, page, dies).await {
                Some(happened) => happened,
                None => return,
            },
            Message::Keys(view) => match self.hears_of_keys(at, &view, dies).await {
                Some(happened) => happened,
                None => return,
            },
            Message::OlderKey => {
                let then = Happened::Pushed { more: true };
                return self.talk_of_keys(at, KeyTalk { then, page: None, looks: false });
            }
            Message::Broken => Happened::Failed(Failure::Unreachable),
            Message::Resync => {
                self.figures.resyncs += 1;
                Happened::Failed(Failure::ResyncRequired)
            }
            _ => return,
        };
        if dies.is_some() {
            self.figures.crashes_in_answer += 1;
            return self.crash(at).await;
        }
        self.drive(at, happened, 0).await;
    }

    async fn crash(&mut self, desk: usize) {
        self.figures.desk_crashes += 1;
        let now = self.desk_clock(desk);
        self.desks[desk].starts(now).await;
        self.drive(desk, Happened::Started, 0).await;
    }

    async fn restore(&mut self, which: u8) {
        let who_is_in: Vec<DeskId> = self.in_desks().into_iter().map(|at| self.desks[at].id.clone()).collect();
        if !self.house.restore(which, &who_is_in).await {
            return;
        }
        self.restored = true;
        self.figures.restores += 1;
        // connections break when a gateway goes down
        self.network.retain(|packet| !packet.message.is_request());
    }

    /// Faults end; everybody talks until there is nothing left to say.
    pub(crate) async fn heal(&mut self) -> Result<(), String> {
        self.faults = false;
        self.broken.clear();
        self.lets_the_lost_go().await;
        let mut left = String::new();
        let mut looks = 0;
        for at in self.in_desks() {
            looks += self.desks[at].outbox().await.len();
        }
        // whatever was refused takes a look of its person
        for _ in 0..40 + looks {
            let quiet = self.settle_down().await;
            let mut waits = 0;
            for at in self.in_desks() {
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
            for at in self.in_desks() {
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
            let awake = self.desks.iter().filter(|desk| !desk.gone && !desk.engine.is_at_rest());
            let Some(next) = awake.filter_map(|desk| desk.sleeps_until).min() else {
                ended = true;
                break;
            };
            self.pass(self.now.max(next.0));
            for at in self.in_desks() {
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
        self.feed(&self.another(usize::MAX).token).await
    }

    pub(crate) async fn close(self) {
        for desk in self.desks {
            desk.store.close().await;
        }
        self.house.close().await;
    }
}
