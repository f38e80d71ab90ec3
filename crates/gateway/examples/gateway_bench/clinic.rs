//! A clinic with its gateway, its sites and two hundred desks.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use chrono::{DateTime, Duration, Utc};
use connectors::Connector;
use contract::v1::{ActionEnvelope, EnrollRequest, EnrollResponse, Parts};
use domain::{
    Action, ActionId, Command, EntityRef, StaffId,
    request::RequestKind,
    staff::{Role, Staff},
};
use gateway::{Gateway, GatewayConfig, platform::Clock};
use seal::{ClinicSecretKey, SealContext, enrolment::EnrolmentCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Handle, sync::oneshot, task::JoinSet};
use tower::ServiceExt;

use crate::{
    Plan,
    bare::Place,
    desk::Desk,
    load::{self, Shop, at_a_rate, payload},
};

/// So many sites share the load: each source has a rate of its own that it may not pass.
const SOURCES: usize = 40;

/// The machine's clock, moved forward while the clinic is set up: a gateway lets no two hundred desks in within a minute.
#[derive(Debug, Default)]
struct MovedClock(AtomicI64);

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + Duration::seconds(self.0.load(Ordering::Relaxed))
    }
}

async fn ask(router: &Router, path: &str, token: Option<&str>, body: String) -> Vec<u8> {
    let mut request = Request::post(path).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let response = router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let (status, body) = (response.status(), to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec());
    assert!(status.is_success(), "{path}: {status}");
    body
}

fn read<T: DeserializeOwned>(body: &[u8]) -> T {
    serde_json::from_slice(body).unwrap()
}

/// A gateway with a manager on the staff, and the tokens of its desks.
async fn founded(gateway: &Gateway, clock: &MovedClock, desks: usize) -> (Vec<String>, StaffId) {
    let router = gateway.router();
    let key = ClinicSecretKey::make().unwrap();
    let enrol = async |code: &EnrolmentCode, founds: bool| {
        clock.0.fetch_add(10, Ordering::Relaxed);
        let request = EnrollRequest {
            auth: code.auth_half().as_str().to_owned(),
            name: "Ресепшн".to_owned(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            clinic_public_key: founds.then(|| key.public().to_string()),
            replaces: None,
        };
        let body = ask(&router, "/v1/desks/enroll", None, json!(request).to_string()).await;
        read::<EnrollResponse>(&body).token
    };
    let code: EnrolmentCode = gateway.founding_code().await.unwrap().unwrap().parse().unwrap();
    let mut tokens = vec![enrol(&code, true).await];
    let first = Some(tokens[0].clone());

    let manager = StaffId::from_random([7; 16]);
    let hired = hiring(&key, &manager);
    ask(&router, "/v1/actions", first.as_deref(), json!({ "actions": [hired] }).to_string()).await;

    while tokens.len() < desks {
        let code = EnrolmentCode::make().unwrap();
        let envelope = code.wrap(&key).unwrap().to_string();
        let expires_at = clock.now() + Duration::minutes(30);
        let invite = json!({ "auth_digest": code.auth_digest(), "envelope": envelope, "expires_at": expires_at });
        ask(&router, "/v1/desks/invite", first.as_deref(), invite.to_string()).await;
        tokens.push(enrol(&code, false).await);
    }
    (tokens, manager)
}

fn hiring(key: &ClinicSecretKey, manager: &StaffId) -> ActionEnvelope {
    let id = ActionId::from_random([8; 16]);
    let entity = EntityRef::from(manager.clone());
    let place = SealContext { entity: entity.as_str(), part: "main", seal_id: id.as_str() };
    let sealed = seal::seal_json(&key.public(), &place, &json!({})).unwrap();
    let command = Command::StaffPut { staff: Staff::new(Role::Manager, true) };
    let action =
        Action { id, entity, base_version: 0, if_match: None, actor: manager.clone(), at: Utc::now(), command };
    ActionEnvelope { action, parts: Parts::from([("main".to_owned(), sealed)]) }
}

/// The load on a gateway with this kind of database.
pub(crate) async fn measure(place: &Place, plan: &Plan, server: &Handle) -> Shop {
    let clock = Arc::new(MovedClock::default());
    let config = GatewayConfig::at(place.database("gateway").await.parse::<gateway::Database>().unwrap());
    let opening = Gateway::open_with_clock(config, clock.clone());
    let gateway = server.spawn(opening).await.unwrap().unwrap();
    let (tokens, manager) = founded(&gateway, &clock, plan.desks).await;
    let mut sources = Vec::new();
    for n in 0..SOURCES {
        let name = format!("Сайт {n}");
        sources.push(gateway.add_source(Connector::Form, &name, None, RequestKind::Callback).await.unwrap());
    }
    for n in 0..plan.overnight {
        ask(&gateway.router(), &sources[n % SOURCES].path, None, payload(n)).await;
    }

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let listener = listener.into_std().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = gateway.clone();
    let serving = server.spawn(async move {
        let until = async { drop(stopped.await) };
        served.serve(TcpListener::from_std(listener).unwrap(), until).await.unwrap();
    });

    let client = load::client();
    let mut desks = JoinSet::new();
    for (n, token) in tokens.iter().enumerate() {
        let desk = Desk::new(client.clone(), &address, token, &manager, n);
        desks.spawn(desk.work(plan.time()));
    }
    let intake = at_a_rate(plan.rate, plan.time(), |n| {
        let n = plan.overnight + n;
        let request = client.post(format!("{address}{}", sources[n % SOURCES].path)).body(payload(n));
        let request = request.header("content-type", "application/json");
        async move {
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success(), "a submission got {}", answer.status());
        }
    })
    .await;
    let mut shop = Shop { intake, ..Shop::default() };
    while let Some(day) = desks.join_next().await {
        let day = day.unwrap();
        shop.changes.append(day.changes);
        shop.actions.append(day.actions);
        shop.bytes += day.bytes;
    }
    nothing_lost(&client, &address, &tokens[0], plan.overnight + shop.intake.count()).await;
    drop(stop);
    serving.await.unwrap();
    shop
}

/// As many requests as submissions are in the feed.
async fn nothing_lost(client: &reqwest::Client, address: &str, token: &str, submissions: usize) {
    let (mut since, mut requests) = (String::new(), 0);
    loop {
        let answer =
            client.get(format!("{address}/v1/changes?limit=500{since}")).bearer_auth(token).send().await.unwrap();
        let page: Value = read(&answer.bytes().await.unwrap());
        let changes = page["changes"].as_array().unwrap();
        requests += changes.iter().filter(|change| change["id"].as_str().unwrap().starts_with("req_")).count();
        since = format!("&since={}", page["cursor"].as_str().unwrap());
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(requests, submissions, "nothing lost, nothing doubled");
}
