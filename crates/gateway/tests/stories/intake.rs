//! What the site sends, and what is left of it in the files.

use axum::http::StatusCode;
use chrono::Duration;
use connectors::Connector;
use contract::v1::{Change, ProblemCode};
use domain::{
    EntityRef, Kopecks, State, fold,
    personal::{CertificatePersonal, EnvelopePersonal, RequestPersonal},
    request::{QuarantineReason, RequestKind, RequestStatus},
};
use gateway::SourceUrl;
use serde_json::json;

use crate::{ON_POSTGRES, world::{World, ask, post, start, unfounded}};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const CALLBACK: &str = "Name=%D0%90%D0%BD%D0%BD%D0%B0&Phone=8+(900)+000-12-34&tranid=1234567:890&formname=Callback";

async fn requests(world: &World) -> Vec<Change> {
    let mut changes = world.changes().await;
    changes.retain(|change| matches!(change.id, EntityRef::Request(_)));
    changes
}

fn personal(world: &World, change: &Change) -> RequestPersonal {
    world.open(&change.id, "main", &change.parts["main"])
}

#[tokio::test]
async fn a_tilda_form_becomes_a_request_that_only_the_clinic_can_open() {
    let world = World::founded().await;
    let tilda = world.source(Connector::Tilda).await;
    let probe = world.submit(&tilda, FORM, "test=test").await;
    assert_eq!((probe.status, probe.text().as_str()), (StatusCode::OK, "ok"));
    let reply = world.submit(&tilda, FORM, CALLBACK).await;
    assert_eq!((reply.status, reply.text().as_str()), (StatusCode::OK, "ok"));

    let changes = requests(&world).await;
    let [change] = changes.as_slice() else { panic!("the probe is no request") };
    let Some(State::Request(request)) = &change.state else { panic!("a request") };
    assert_eq!((request.request_kind, request.status), (RequestKind::Callback, RequestStatus::New));
    assert_eq!((request.submitted_at, request.received_at), (start(), start()));
    assert_eq!((request.source.connector.as_str(), &request.source.source), ("tilda", &tilda.id));
    assert_eq!((change.version, change.seq), (1, 1));

    let personal = personal(&world, change);
    assert_eq!(personal.name_raw, "Анна");
    assert_eq!(personal.phone.unwrap().phone.unwrap().e164(), "+79000001234");
    // at another place it does not open
    let place = seal::SealContext { entity: "req_other", part: "main", seal_id: &change.parts["main"].seal_id };
    assert!(seal::open(&world.key, &place, &change.parts["main"]).is_err());
}

#[tokio::test]
async fn before_there_is_a_clinic_nothing_is_taken_in() {
    let (_dir, _clock, gateway) = unfounded().await;
    let source = gateway.add_source(Connector::Form, "Сайт", None, RequestKind::Callback).await.unwrap();
    let reply = ask(&gateway.router(), post(&source.path, None, &json!({"name": "Анна"}))).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::SERVICE_UNAVAILABLE, ProblemCode::NotFounded));
}

#[tokio::test]
async fn a_site_that_asks_again_gets_the_same_answer() {
    let world = World::founded().await;
    let (tilda, form) = (world.source(Connector::Tilda).await, world.source(Connector::Form).await);
    for body in [CALLBACK.to_owned(), format!("{CALLBACK}&COOKIES=other"), CALLBACK.to_owned()] {
        assert_eq!(world.submit(&tilda, FORM, body).await.text(), "ok");
        world.clock.advance(Duration::minutes(30));
    }
    assert_eq!(requests(&world).await.len(), 1, "by the site's own key, whenever it comes");

    let body = r#"{"name":"Анна","phone":"8 900 000-12-34"}"#;
    let first = world.submit(&form, JSON, body).await.text();
    world.clock.advance(Duration::minutes(9));
    assert_eq!(world.submit(&form, JSON, body).await.text(), first, "the same bytes soon after");
    assert_eq!(requests(&world).await.len(), 2);
    world.clock.advance(Duration::minutes(11));
    assert_ne!(world.submit(&form, JSON, body).await.text(), first, "the same words later are a new wish");
    let other_source = world.source(Connector::Form).await;
    world.submit(&other_source, JSON, body).await;
    assert_eq!(requests(&world).await.len(), 4);
}

/// The same submission arrives twice at once, as when a site has given up waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_submission_twice_at_once_is_one_request() {
    let world = World::founded().await;
    let form = world.source(Connector::Form).await;
    for n in 0..8 {
        let body = json!({ "name": "Анна", "phone": "8 900 000-12-34", "id": n }).to_string();
        let twice = [body.clone(), body].map(|body| world.submit(&form, JSON, body));
        let replies = futures_util::future::join_all(twice).await;
        assert_eq!(replies[0].text(), replies[1].text());
    }
    assert_eq!(requests(&world).await.len(), 8);
}

#[tokio::test]
async fn what_was_not_understood_waits_in_quarantine_with_all_that_was_sent() {
    let world = World::founded().await;
    let form = world.source(Connector::Form).await;
    let long = "ж".repeat(30_000);
    let cut = format!("{{\"name\": \"Анна\", \"comment\": \"{long}");
    for (content_type, body, reason) in [
        (JSON, cut.as_str(), QuarantineReason::BrokenJson),
        (FORM, "Цвет=синий&Размер=42", QuarantineReason::NothingRecognised),
    ] {
        let reply = world.submit(&form, content_type, body.to_owned()).await;
        assert_eq!(reply.status, StatusCode::OK, "a site is never told to try again for what it cannot mend");
        let id: EntityRef = reply.json::<serde_json::Value>()["id"].as_str().unwrap().parse().unwrap();
        let change = world.change_of(&id).await;
        let Some(State::Request(request)) = &change.state else { panic!("a request") };
        assert_eq!((request.quarantine, request.status), (Some(reason), RequestStatus::New));
        assert!(!personal(&world, &change).extra.is_empty(), "something is shown");
        let envelope: EnvelopePersonal = world.open(&id, "envelope", &change.parts["envelope"]);
        assert_eq!(envelope.content_type, content_type);
        let kept: String = envelope.fields.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        let words: &[&str] = if content_type == FORM { &["Цвет=синий", "Размер=42"] } else { &[body] };
        assert!(words.iter().all(|word| kept.contains(word)), "nothing of it is lost");
    }
    // what was understood brings no envelope: it would be the same again
    let understood = world.callback(&form, "Анна").await;
    assert!(!world.change_of(&understood.into()).await.parts.contains_key("envelope"));
}

#[tokio::test]
async fn any_bytes_are_answered_and_kept() {
    let world = World::founded().await;
    let form = world.source(Connector::Form).await;
    let mut bytes = Vec::new();
    for n in 0..40_u8 {
        bytes.extend([n.wrapping_mul(37), 0xff, b'{', 0, n, b'&', b'=', b'%']);
        for content_type in [JSON, FORM, "multipart/form-data; boundary=x", "", "text/plain; charset=windows-1251"] {
            assert_eq!(
                world.submit(&form, content_type, bytes.clone()).await.status,
                StatusCode::OK,
                "{content_type} {n}"
            );
        }
    }
    assert!(!requests(&world).await.is_empty());
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_refused_and_the_next_one_is_taken() {
    let world = World::founded().await;
    let form = world.source(Connector::Form).await;
    let reply = world.submit(&form, JSON, vec![b' '; 10 << 20]).await;
    assert_eq!(reply.code(), ProblemCode::TooLarge);
    world.callback(&form, "Анна").await;
    assert_eq!(requests(&world).await.len(), 1);
    assert_eq!(world.gateway.source_health(&form.id).await.unwrap().last_error.unwrap().kind, "too_large");
}

#[tokio::test]
async fn the_sites_time_is_believed_within_reason() {
    let world = World::founded().await;
    let form = world.source(Connector::Form).await;
    for (said, believed) in [
        ("2026-11-23T22:41:00+07:00", "2026-11-23T15:41:00Z"),
        ("2026-11-23T16:04:00Z", "2026-11-23T16:04:00Z"),
        ("2026-11-23T17:00:00Z", "2026-11-23T16:00:00Z"),
        ("2025-11-23T15:00:00Z", "2026-11-23T16:00:00Z"),
        ("2026-11-23 15:41:00", "2026-11-23T16:00:00Z"),
        ("утро", "2026-11-23T16:00:00Z"),
    ] {
        let body = json!({ "name": "Анна", "submitted_at": said }).to_string();
        world.submit(&form, JSON, body).await;
        let Some(State::Request(request)) = requests(&world).await.pop().unwrap().state else { panic!("a request") };
        assert_eq!(request.submitted_at, believed.parse::<chrono::DateTime<chrono::Utc>>().unwrap(), "{said}");
    }
}

fn certificates(changes: &[Change]) -> Vec<&Change> {
    changes.iter().filter(|change| matches!(change.id, EntityRef::Certificate(_))).collect()
}

#[tokio::test]
async fn a_paid_order_makes_certificates_and_an_unpaid_one_does_not() {
    let world = World::founded().await;
    let (tilda, form) = (world.source(Connector::Tilda).await, world.source(Connector::Form).await);
    let cart = "Name=Maria&payment[orderid]=7&payment[products][0][name]=Сертификат&payment[products][0][quantity]=2&payment[products][0][price]=3000";
    world.submit(&tilda, FORM, format!("{cart}&payment[systranid]=0")).await;
    assert!(certificates(&world.changes().await).is_empty());
    world.submit(&tilda, FORM, format!("{cart}&payment[sys]=bank&payment[systranid]=55")).await;
    let own = json!({ "name": "Виктор", "certificate": { "code": "SITE-CODE-77", "face_value": "4999,50", "expires_on": "2027-11-23" } });
    world.submit(&form, JSON, own.to_string()).await;

    let changes = world.changes().await;
    let found = certificates(&changes);
    assert_eq!(found.len(), 3);
    let opened = |change: &Change| world.open::<CertificatePersonal>(&change.id, "main", &change.parts["main"]);
    for (change, value) in found.iter().zip([300_000, 300_000, 499_950]) {
        let Some(State::Certificate(certificate)) = &change.state else { panic!("a certificate") };
        assert_eq!((certificate.balance(), certificate.face_value), (Kopecks(value), Kopecks(value)));
        let request = changes.iter().find(|c| Some(&c.id) == certificate.request.clone().map(EntityRef::from).as_ref());
        assert!(matches!(&request.unwrap().state, Some(State::Request(r)) if r.certificate.is_some()));
    }
    let made = [opened(found[0]), opened(found[1])];
    assert_ne!(made[0].code, made[1].code);
    assert!(
        made.iter()
            .all(|c| c.code.len() == 16 && fold::code_is_well_formed(&c.code) && c.buyer.as_deref() == Some("Maria"))
    );
    assert_eq!(opened(found[2]).code, "SITE-CODE-77");
}

pub(crate) async fn night(world: &World) -> Vec<String> {
    let form = world.source(Connector::Form).await;
    let tilda = world.source(Connector::Tilda).await;
    let body = json!({
        "name": "Канарейкина Аграфена", "phone": "8 (900) 123-77-55", "email": "kanareyka@pochta.example",
        "comment": "Кенар поёт", "certificate": { "code": "KANAR-2345", "face_value": 5000, "recipient": "Снегирёв" },
    });
    let submit = async |source: &SourceUrl, kind: &str, body: String| {
        assert_eq!(world.submit(source, kind, body).await.status, StatusCode::OK);
    };
    submit(&form, JSON, body.to_string()).await;
    submit(&form, JSON, format!("{body} broken")).await;
    submit(
        &tilda,
        FORM,
        "Name=Канарейкина&Phone=%2B7+900+123-77-55&Цвет=Кенар поёт&COOKIES=tildauid=canarycookie".to_owned(),
    )
    .await;
    let canaries = [
        "Канарейкина",
        "Аграфена",
        "\\u041a\\u0430\\u043d\\u0430\\u0440",
        "%D0%9A%D0%B0%D0%BD%D0%B0%D1%80",
        "123-77-55",
        "9001237755",
        "+79001237755",
        "900 123-77-55",
        "kanareyka",
        "Кенар поёт",
        "KANAR-2345",
        "KANAR2345",
        "Снегирёв",
        "canarycookie",
    ];
    canaries.map(str::to_owned).to_vec()
}

#[tokio::test]
async fn no_file_of_the_gateway_holds_anything_about_a_person() {
    let world = World::staffed().await;
    let canaries = night(&world).await;
    assert_eq!(requests(&world).await.len(), 3);
    let open = world.place.raw();
    let journal = if ON_POSTGRES { "dump.sql" } else { "-wal" };
    assert!(open.iter().any(|(path, bytes)| path.to_string_lossy().ends_with(journal) && !bytes.is_empty()));
    world.gateway.close().await.unwrap();
    let closed = world.place.raw();
    for (path, bytes) in open.iter().chain(&closed) {
        for canary in &canaries {
            // UTF-8 as sent, and lower case as an index might keep it
            for spelling in [canary.clone(), canary.to_lowercase()] {
                let found = bytes.windows(spelling.len()).any(|part| part == spelling.as_bytes());
                assert!(!found, "{} holds {spelling}", path.display());
            }
        }
    }
    // the search itself finds what is there
    assert!(closed.iter().any(|(_, bytes)| bytes.windows(7).any(|part| part == b"request")));
}
