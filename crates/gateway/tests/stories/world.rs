//! A clinic with a gateway, and what its desks and its site do.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use connectors::Connector;
use contract::v1::{
    ActionEnvelope, ActionResult, ActionsRequest, ActionsResponse, Change, ChangesPage, EnrollRequest, EnrollResponse,
    Outcome, Parts, Problem, ProblemCode,
};
use domain::{
    Action, ActionId, AppointmentId, ChairId, ClinicId, Command, EntityRef, PersonId, PractitionerId, RequestId,
    StaffId,
    appointment::Slot,
    clinic::{Clinic, Practice, Requisites},
    hours::OpeningHours,
    person::PersonSource,
    request::RequestKind,
    staff::{Role, Staff},
};
use gateway::{Gateway, GatewayConfig, Rate, SourceUrl, platform::Clock};
use seal::{ClinicSecretKey, SealContext, Sealed, enrolment::EnrolmentCode};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use tower::ServiceExt;

use crate::{described, place::Place};

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(crate) struct StandingClock(Mutex<DateTime<Utc>>);

impl StandingClock {
    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for StandingClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.status, self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The problem, with the answer checked to be one.
    pub(crate) fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: Problem = self.json();
        assert_eq!(problem.status, self.status.as_u16());
        problem
    }

    pub(crate) fn code(&self) -> ProblemCode {
        self.problem().code().expect("a code of the registry")
    }
}

/// A desk that is in.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) id: domain::DeskId,
    pub(crate) token: String,
}

pub(crate) struct World {
    pub(crate) place: Place,
    pub(crate) clock: Arc<StandingClock>,
    pub(crate) gateway: Gateway,
    pub(crate) router: Router,
    pub(crate) key: ClinicSecretKey,
    pub(crate) clinic: ClinicId,
    pub(crate) desk: Desk,
    pub(crate) manager: StaffId,
    ids: AtomicU64,
}

pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-23T16:00:00Z".parse().unwrap()
}

/// Asks; the answer is one that is described.
pub(crate) async fn ask(router: &Router, request: Request<Body>) -> Reply {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 64 << 20).await.unwrap().to_vec();
    let reply = Reply { status: parts.status, headers: parts.headers, body };
    described::check(&method, &path, &reply);
    reply
}

/// A gateway that was just installed, with no clinic yet.
pub(crate) async fn unfounded() -> (Place, Arc<StandingClock>, Gateway) {
    let place = Place::make();
    let clock = Arc::new(StandingClock(Mutex::new(start())));
    // the clock stands, so nothing would be let through again
    let desk_rate = Rate { burst: 1e9, per_second: 1.0 };
    let config = GatewayConfig { desk_rate, ..place.config() };
    let gateway = Gateway::open_with_clock(config, clock.clone()).await.unwrap();
    (place, clock, gateway)
}

pub(crate) fn enroll_request(code: &EnrolmentCode, key: Option<&ClinicSecretKey>) -> EnrollRequest {
    EnrollRequest {
        auth: code.auth_half().as_str().to_owned(),
        name: "Ресепшн 1".to_owned(),
        app_version: "0.1.0".to_owned(),
        clinic_public_key: key.map(|key| key.public().to_string()),
        replaces: None,
    }
}

pub(crate) fn post(path: &str, token: Option<&str>, body: &impl Serialize) -> Request<Body> {
    let mut request = Request::post(path).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::from(serde_json::to_vec(body).unwrap())).unwrap()
}

pub(crate) fn get(path: &str, token: Option<&str>) -> Request<Body> {
    let mut request = Request::get(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::empty()).unwrap()
}

impl World {
    /// A founded clinic, with nobody on the staff.
    pub(crate) async fn founded() -> Self {
        let (place, clock, gateway) = unfounded().await;
        let code: EnrolmentCode = gateway.founding_code().await.unwrap().expect("no clinic yet").parse().unwrap();
        let key = ClinicSecretKey::make().unwrap();
        let router = gateway.router();
        let reply = ask(&router, post("/v1/desks/enroll", None, &enroll_request(&code, Some(&key)))).await;
        let enrolled: EnrollResponse = reply.json();
        let desk = Desk { id: enrolled.desk, token: enrolled.token };
        let manager = StaffId::from_random([1; 16]);
        Self { place, clock, gateway, router, key, clinic: enrolled.clinic, desk, manager, ids: AtomicU64::new(1) }
    }

    /// A clinic with a manager, hours and a chair or two.
    pub(crate) async fn staffed() -> Self {
        let world = Self::founded().await;
        let staff = Staff::new(Role::Manager, true);
        let manager =
            world.sealed(&world.manager.clone().into(), 0, Command::StaffPut { staff }, &json!({"name": "x"}));
        let clinic = Clinic {
            zone: chrono_tz::Asia::Krasnoyarsk,
            hours: OpeningHours { week: [None; 7], closed_on: Default::default() },
            chairs: Vec::new(),
            requisites: Requisites::default(),
            practice: Practice::default(),
            services: Vec::new(),
            recovery: Vec::new(),
            etag: None,
        };
        let clinic = world.plain(&world.clinic.clone().into(), 0, Command::ClinicPut { clinic: Box::new(clinic) });
        for result in world.push(&[manager, clinic]).await {
            assert!(matches!(result.outcome, Outcome::Applied { .. }), "{result:?}");
        }
        world
    }

    pub(crate) fn random(&self) -> [u8; 16] {
        u128::from(self.ids.fetch_add(1, Ordering::Relaxed))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834)
            .to_be_bytes()
    }

    pub(crate) fn action_id(&self) -> ActionId {
        ActionId::from_random(self.random())
    }

    /// An action without a sealed part.
    pub(crate) fn plain(&self, entity: &EntityRef, base_version: u64, command: Command) -> ActionEnvelope {
        let id = self.action_id();
        let action =
            Action { id, entity: entity.clone(), base_version, if_match: None, actor: self.manager.clone(), at: start(), command };
        ActionEnvelope { action, parts: Parts::new() }
    }

    /// An action with the sealed part that its kind carries.
    pub(crate) fn sealed(
        &self,
        entity: &EntityRef,
        base: u64,
        command: Command,
        personal: &impl Serialize,
    ) -> ActionEnvelope {
        let mut envelope = self.plain(entity, base, command);
        let (part, _) = envelope.action.sealed_part().expect("carries a part");
        let seal_id = envelope.action.id.as_str().to_owned();
        let place = SealContext { entity: entity.as_str(), part: &part, seal_id: &seal_id };
        let sealed = seal::seal_json(&self.key.public(), &place, personal).unwrap();
        envelope.parts.insert(part, sealed);
        envelope
    }

    pub(crate) fn open<T: DeserializeOwned>(&self, entity: &EntityRef, part: &str, sealed: &Sealed) -> T {
        let place = SealContext { entity: entity.as_str(), part, seal_id: &sealed.seal_id };
        seal::open_json(&self.key, &place, sealed).expect("opens at its place")
    }

    pub(crate) async fn push_raw(&self, desk: &Desk, body: &impl Serialize) -> Reply {
        ask(&self.router, post("/v1/actions", Some(&desk.token), body)).await
    }

    pub(crate) async fn push(&self, actions: &[ActionEnvelope]) -> Vec<ActionResult> {
        self.push_as(&self.desk, actions).await
    }

    pub(crate) async fn push_as(&self, desk: &Desk, actions: &[ActionEnvelope]) -> Vec<ActionResult> {
        let reply = self.push_raw(desk, &ActionsRequest { actions: actions.to_vec() }).await;
        let response: ActionsResponse = reply.json();
        assert_eq!(response.results.len(), actions.len());
        response.results
    }

    /// The outcome of a single action.
    pub(crate) async fn do_it(&self, action: ActionEnvelope) -> Outcome {
        self.push(&[action]).await.remove(0).outcome
    }

    pub(crate) async fn page(&self, since: Option<&str>, limit: usize) -> ChangesPage {
        let since = since.map(|since| format!("&since={since}")).unwrap_or_default();
        ask(&self.router, get(&format!("/v1/changes?limit={limit}{since}"), Some(&self.desk.token))).await.json()
    }

    pub(crate) async fn changes(&self) -> Vec<Change> {
        self.page(None, 1_000).await.changes
    }

    pub(crate) async fn change_of(&self, entity: &EntityRef) -> Change {
        self.changes().await.into_iter().find(|change| change.id == *entity).expect("is in the feed")
    }

    /// A second desk, let in by a code.
    pub(crate) async fn second_desk(&self) -> Desk {
        let code = self.invite(Duration::minutes(30)).await;
        let enrolled: EnrollResponse =
            ask(&self.router, post("/v1/desks/enroll", None, &enroll_request(&code, None))).await.json();
        let envelope = enrolled.envelope.expect("brings the clinic's key").parse().unwrap();
        assert_eq!(code.unwrap(&envelope).unwrap(), self.key);
        Desk { id: enrolled.desk, token: enrolled.token }
    }

    pub(crate) async fn invite(&self, valid: Duration) -> EnrolmentCode {
        let code = EnrolmentCode::make().unwrap();
        let envelope = code.wrap(&self.key).unwrap().to_string();
        let expires_at = self.clock.now() + valid;
        let body = json!({ "auth_digest": code.auth_digest(), "envelope": envelope, "expires_at": expires_at });
        let reply = ask(&self.router, post("/v1/desks/invite", Some(&self.desk.token), &body)).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT);
        code
    }

    pub(crate) async fn source(&self, connector: Connector) -> SourceUrl {
        self.gateway.add_source(connector, "Сайт", None, RequestKind::Callback).await.unwrap()
    }

    pub(crate) async fn submit(&self, source: &SourceUrl, content_type: &str, body: impl Into<Body>) -> Reply {
        let request = Request::post(&source.path).header("content-type", content_type).body(body.into()).unwrap();
        ask(&self.router, request).await
    }

    /// A request from the site, by its id.
    pub(crate) async fn callback(&self, source: &SourceUrl, name: &str) -> RequestId {
        let body = json!({ "name": name, "phone": "+7 900 000-11-22" });
        let reply = self.submit(source, "application/json", serde_json::to_vec(&body).unwrap()).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        reply.json::<serde_json::Value>()["id"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) async fn person(&self) -> PersonId {
        let id = PersonId::from_random(self.random());
        let put = Command::PersonPut { source: PersonSource::DeskPhone };
        let outcome = self.do_it(self.sealed(&id.clone().into(), 0, put, &json!({"name": "x"}))).await;
        assert!(matches!(outcome, Outcome::Applied { .. }));
        id
    }

    /// An edit of a card as the feed shows it now.
    pub(crate) async fn edit(&self, person: &EntityRef, personal: &impl Serialize) -> ActionEnvelope {
        let seen = self.change_of(person).await;
        let put = Command::PersonPut { source: PersonSource::DeskPhone };
        let mut edit = self.sealed(person, seen.version, put, personal);
        edit.action.if_match = seen.state.as_ref().and_then(domain::State::etag).cloned();
        edit
    }

    pub(crate) fn visit(&self) -> AppointmentId {
        AppointmentId::from_random(self.random())
    }
}

/// Half an hour of a doctor and a chair, tomorrow.
pub(crate) fn slot(doctor: u8, chair: u8, hour: u32) -> Slot {
    let day = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
    let start = day.and_hms_opt(hour, 0, 0).unwrap();
    Slot {
        practitioner: PractitionerId::from_random([doctor; 16]),
        chair: ChairId::from_random([chair; 16]),
        start,
        end: start + Duration::minutes(30),
    }
}

pub(crate) fn book(slot: Slot, person: &PersonId, request: Option<&RequestId>) -> Command {
    Command::AppointmentBook { slot, person: person.clone(), request: request.cloned(), agreed: true }
}

/// The first member of the staff, put by a desk that knows nothing else yet.
pub(crate) fn founding_action(key: &ClinicSecretKey) -> ActionEnvelope {
    let (id, actor) = (ActionId::from_random([3; 16]), StaffId::from_random([4; 16]));
    let entity = EntityRef::from(actor.clone());
    let place = SealContext { entity: entity.as_str(), part: "main", seal_id: id.as_str() };
    let sealed = seal::seal_json(&key.public(), &place, &json!({})).unwrap();
    let command = Command::StaffPut { staff: Staff::new(Role::Manager, true) };
    let action = Action { id, entity, base_version: 0, if_match: None, actor, at: start(), command };
    ActionEnvelope { action, parts: Parts::from([("main".to_owned(), sealed)]) }
}
