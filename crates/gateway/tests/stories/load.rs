//! Visitors and desks that do not stop while the gateway or its database is torn down: they write down what was
//! acknowledged, send again what was not, and afterwards everything acknowledged must be there.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use contract::v1::{ActionEnvelope, ActionsResponse, Change, ChangesPage, EnrollResponse, Outcome, Parts};
use domain::{Action, ActionId, Command, EntityRef, PersonId, StaffId, person::PersonSource};
use seal::{ClinicSecretKey, SealContext};
use serde_json::{Value, json};

use crate::{
    crash::{Running, printed},
    place::Place,
    world::{enroll_request, founding_action, start},
};

/// Far more than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Between two tries of somebody who was not answered.
pub(crate) const BREATH: Duration = Duration::from_millis(20);
/// Of each kind.
const WORKERS: usize = 3;

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// `None`: no whole answer came, so nobody knows what was done.
pub(crate) fn try_ask(address: &str, method: &str, path: &str, token: Option<&str>, body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let token = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.0\r\nhost: x\r\ncontent-type: application/json\r\n{token}content-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let head = head.to_ascii_lowercase();
    // cut off in the middle of the body: not acknowledged
    let whole = head.lines().find_map(|line| line.strip_prefix("content-length: ")).is_none_or(|length| length == body.len().to_string());
    whole.then(|| Answer { status, head, body: body.to_owned() })
}

/// A clinic on a program that runs, and what its visitors and desks were told.
pub(crate) struct Clinic {
    key: ClinicSecretKey,
    token: String,
    doors: Vec<String>,
    acknowledged: Mutex<Acknowledged>,
    /// Answers of the kind "not now".
    pub(crate) later: AtomicUsize,
    pub(crate) wrong: Mutex<Vec<String>>,
    next: AtomicUsize,
}

#[derive(Default)]
struct Acknowledged {
    requests: Vec<EntityRef>,
    actions: Vec<(ActionEnvelope, Outcome)>,
}

impl Clinic {
    pub(crate) fn found(place: &Place) -> Self {
        let code = printed(place, &["init"]).parse().unwrap();
        let doors = (0..WORKERS).map(|_| printed(place, &["source", "add", "form", "Сайт"])).collect();
        let key = ClinicSecretKey::make().unwrap();
        let running = Running::start(place);
        let body = serde_json::to_string(&enroll_request(&code, Some(&key))).unwrap();
        let desk: EnrollResponse = running.ask("POST", "/v1/desks/enroll", None, &body);
        let manager = json!({ "actions": [founding_action(&key)] }).to_string();
        let done: ActionsResponse = running.ask("POST", "/v1/actions", Some(&desk.token), &manager);
        assert!(matches!(done.results[0].outcome, Outcome::Applied { .. }));
        running.kill();
        Self {
            key,
            token: desk.token,
            doors,
            acknowledged: Mutex::default(),
            later: AtomicUsize::new(0),
            wrong: Mutex::default(),
            next: AtomicUsize::new(1),
        }
    }

    pub(crate) fn acknowledged(&self) -> usize {
        let acknowledged = self.acknowledged.lock().unwrap();
        acknowledged.requests.len() + acknowledged.actions.len()
    }

    /// Both of a visitor and of a desk something was taken.
    pub(crate) fn saw_both(&self) -> bool {
        let acknowledged = self.acknowledged.lock().unwrap();
        !acknowledged.requests.is_empty() && !acknowledged.actions.is_empty()
    }

    /// Waits until so many more were acknowledged.
    pub(crate) fn wait_for(&self, more: usize) {
        let (enough, deadline) = (self.acknowledged() + more, Instant::now() + PATIENCE);
        while self.acknowledged() < enough {
            assert!(Instant::now() < deadline, "nothing is acknowledged any more");
            std::thread::sleep(BREATH);
        }
    }

    /// Waits for an answer of the kind "not now", so that the outage was felt.
    pub(crate) fn wait_for_later(&self, before: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.later.load(Ordering::Relaxed) == before {
            assert!(Instant::now() < deadline, "nobody was told to come later");
            std::thread::sleep(BREATH);
        }
    }

    /// Visitors and desks work while `story` runs.
    pub(crate) fn under_load(&self, address: &str, story: impl FnOnce()) {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for door in &self.doors {
                scope.spawn(|| self.visitor(address, door, &stop));
                scope.spawn(|| self.desk(address, &stop));
            }
            let story = std::panic::catch_unwind(std::panic::AssertUnwindSafe(story));
            stop.store(true, Ordering::Relaxed);
            if let Err(panic) = story {
                std::panic::resume_unwind(panic);
            }
        });
        assert_eq!(self.wrong.lock().unwrap().as_slice(), [] as [String; 0]);
    }

    fn number(&self) -> usize {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends each wish until it is taken.
    fn visitor(&self, address: &str, door: &str, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            let n = self.number();
            let body = json!({ "name": format!("Имя {n}"), "phone": "8 900 000-12-34", "n": n }).to_string();
            while !stop.load(Ordering::Relaxed) {
                if let Some(taken) = self.answered(try_ask(address, "POST", door, None, &body)) {
                    let id = serde_json::from_str::<Value>(&taken).unwrap()["id"].as_str().unwrap().parse().unwrap();
                    self.acknowledged.lock().unwrap().requests.push(id);
                    break;
                }
            }
        }
    }

    /// Sends each action until it is decided.
    fn desk(&self, address: &str, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            let action = self.person();
            let body = json!({ "actions": [action] }).to_string();
            while !stop.load(Ordering::Relaxed) {
                let answer = try_ask(address, "POST", "/v1/actions", Some(&self.token), &body);
                let Some(answer) = self.answered(answer) else { continue };
                let outcome = serde_json::from_str::<ActionsResponse>(&answer).unwrap().results.remove(0).outcome;
                if outcome == Outcome::RetryLater {
                    self.later.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(BREATH);
                    continue;
                }
                if !matches!(outcome, Outcome::Applied { .. }) {
                    self.wrong.lock().unwrap().push(format!("{outcome:?}"));
                }
                self.acknowledged.lock().unwrap().actions.push((action, outcome));
                break;
            }
        }
    }

    /// What was acknowledged; anything else is to be sent again.
    fn answered(&self, answer: Option<Answer>) -> Option<String> {
        match answer {
            Some(answer) if answer.status == 200 => return Some(answer.body),
            Some(answer) if answer.status == 503 && answer.head.contains("\r\nretry-after: ") => {
                self.later.fetch_add(1, Ordering::Relaxed);
            }
            Some(answer) if answer.status == 429 => {}
            Some(answer) => self.wrong.lock().unwrap().push(format!("{} {}", answer.head, answer.body)),
            None => {}
        }
        std::thread::sleep(BREATH);
        None
    }

    /// A new person's card.
    fn person(&self) -> ActionEnvelope {
        let bytes = (self.number() as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834).to_be_bytes();
        let (id, actor) = (ActionId::from_random(bytes), StaffId::from_random([4; 16]));
        let entity = EntityRef::from(PersonId::from_random(bytes));
        let place = SealContext { entity: entity.as_str(), part: "main", seal_id: id.as_str() };
        let sealed = seal::seal_json(&self.key.public(), &place, &json!({})).unwrap();
        let command = Command::PersonPut { source: PersonSource::DeskPhone };
        let action = Action { id, entity, base_version: 0, if_match: None, actor, at: start(), command };
        ActionEnvelope { action, parts: Parts::from([("main".to_owned(), sealed)]) }
    }

    /// Everything acknowledged is there, once, whole; and decided actions are known.
    pub(crate) fn check(&self, address: &str) {
        let feed = self.feed(address);
        let acknowledged = self.acknowledged.lock().unwrap();
        assert!(!acknowledged.requests.is_empty() || !acknowledged.actions.is_empty());
        for id in &acknowledged.requests {
            let change = feed.get(id).unwrap_or_else(|| panic!("{id} is lost"));
            let main = &change.parts["main"];
            let place = SealContext { entity: id.as_str(), part: "main", seal_id: &main.seal_id };
            assert!(seal::open(&self.key, &place, main).is_ok());
        }
        for (action, outcome) in &acknowledged.actions {
            assert_eq!(feed.get(&action.action.entity).map(|change| change.version), Some(1), "{}", action.action.id);
            let body = json!({ "actions": [action] }).to_string();
            let again = try_ask(address, "POST", "/v1/actions", Some(&self.token), &body).unwrap();
            let again = serde_json::from_str::<ActionsResponse>(&again.body).unwrap().results.remove(0);
            assert_eq!((again.duplicate, &again.outcome), (true, outcome), "{}", action.action.id);
        }
    }

    fn feed(&self, address: &str) -> BTreeMap<EntityRef, Change> {
        let (mut all, mut since) = (BTreeMap::new(), String::new());
        loop {
            let path = format!("/v1/changes{since}");
            let answer = try_ask(address, "GET", &path, Some(&self.token), "").unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
            let page: ChangesPage = serde_json::from_str(&answer.body).unwrap();
            all.extend(page.changes.into_iter().map(|change| (change.id.clone(), change)));
            since = format!("?since={}", page.cursor);
            if !page.has_more {
                return all;
            }
        }
    }
}
