//! Sites that believe they send to a Bitrix24 portal.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use connectors::Connector;
use domain::{EntityRef, personal::RequestPersonal};
use gateway::{MAX_INTAKE_BODY, SourceUrl};
use serde_json::{Value, json};

use crate::world::{Reply, World, ask};

const FORM: &str = "application/x-www-form-urlencoded";

async fn call(world: &World, portal: &SourceUrl, method: &str, kind: &str, body: impl Into<Body>) -> Reply {
    let path = format!("{}{method}", portal.path);
    ask(&world.router, Request::post(path).header("content-type", kind).body(body.into()).unwrap()).await
}

fn result(reply: &Reply) -> Value {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let answer: Value = reply.json();
    assert!(answer["time"]["duration"].is_number() && answer["time"]["date_start"].is_string(), "{answer}");
    answer["result"].clone()
}

async fn people(world: &World) -> Vec<RequestPersonal> {
    let changes = world.changes().await;
    let requests = changes.iter().filter(|change| matches!(change.id, EntityRef::Request(_)));
    requests.map(|change| world.open(&change.id, "main", &change.parts["main"])).collect()
}

#[tokio::test]
async fn a_lead_is_a_request_with_a_number_that_stays() {
    let world = World::founded().await;
    let portal = world.source(Connector::Bitrix24).await;
    let form = "fields%5BTITLE%5D=%D0%97%D0%B0%D1%8F%D0%B2%D0%BA%D0%B0&fields[NAME]=Anna&fields[PHONE][0][VALUE]=%2B79161234567\
                &fields[PHONE][0][VALUE_TYPE]=MOBILE&fields[SOURCE_ID]=WEB&fields[COMMENTS]=implant";
    let number = result(&call(&world, &portal, "crm.lead.add.json", FORM, form).await);
    assert!(number.as_i64().unwrap() > 0);
    assert_eq!(result(&call(&world, &portal, "crm.lead.add", FORM, form).await), number, "sent again");
    let other = json!({ "fields": { "NAME": "Мария", "PHONE": [{ "VALUE": "8 900 000-12-34" }] } }).to_string();
    assert_ne!(result(&call(&world, &portal, "CRM.Lead.Add", "application/json", other).await), number);
    let query = format!("{}crm.lead.add?fields[NAME]=Viktor&fields[PHONE][0][VALUE]=89000001235", portal.path);
    result(&ask(&world.router, Request::get(query).body(Body::empty()).unwrap()).await);
    let people = people(&world).await;
    let names: Vec<_> = people.iter().map(|one| one.name_raw.as_str()).collect();
    assert_eq!(names, ["Anna", "Мария", "Viktor"]);
    assert_eq!(people[0].phone.as_ref().unwrap().phone.as_ref().unwrap().e164(), "+79161234567");
}

#[tokio::test]
async fn a_contact_and_its_deal_are_one_request() {
    let world = World::founded().await;
    let portal = world.source(Connector::Bitrix24).await;
    assert_eq!(
        result(&call(&world, &portal, "crm.duplicate.findbycomm", FORM, "type=PHONE&values[]=89").await),
        json!([])
    );
    let contact = "fields[NAME]=Anna&fields[PHONE][0][VALUE]=89000001234";
    let number = result(&call(&world, &portal, "crm.contact.add", FORM, contact).await);
    let deal = format!("fields[TITLE]=Zayavka&fields[COMMENTS]=implant&fields[CONTACT_ID]={number}");
    assert_eq!(result(&call(&world, &portal, "crm.deal.add", FORM, deal.clone()).await), number);
    assert_eq!(result(&call(&world, &portal, "crm.deal.add", FORM, deal).await), number);
    let found = people(&world).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].name_raw.as_str(), found[0].comment.as_deref()), ("Anna", Some("implant")));
    // a deal of somebody who is not remembered is a request of its own: nothing is lost
    world.clock.advance(chrono::Duration::minutes(11));
    let late = format!("fields[TITLE]=Zayavka&fields[COMMENTS]=again&fields[CONTACT_ID]={number}");
    assert_ne!(result(&call(&world, &portal, "crm.deal.add", FORM, late).await), number);
    assert_eq!(people(&world).await.len(), 2);
}

#[tokio::test]
async fn a_batch_is_answered_command_by_command() {
    let world = World::founded().await;
    let portal = world.source(Connector::Bitrix24).await;
    let batch = json!({ "halt": 0, "cmd": {
        "find": "crm.duplicate.findbycomm?type=PHONE&values[]=89000001234",
        "contact": "crm.contact.add?fields[NAME]=Anna&fields[PHONE][0][VALUE]=89000001234",
        "deal": "crm.deal.add?fields[TITLE]=Z&fields[COMMENTS]=implant&fields[CONTACT_ID]=$result[contact]",
        "odd": "im.notify?to=1",
    } });
    let answer = result(&call(&world, &portal, "batch", "application/json", batch.to_string()).await);
    assert_eq!(answer["result"]["find"], json!([]));
    assert!(
        answer["result"]["contact"].is_u64() && answer["result"]["contact"] == answer["result"]["deal"],
        "{answer}"
    );
    assert_eq!(answer["result_error"]["odd"]["error"], "ERROR_METHOD_NOT_FOUND");
    let found = people(&world).await;
    assert_eq!((found.len(), found[0].comment.as_deref()), (1, Some("implant")));
}

#[tokio::test]
async fn what_is_wrong_is_said_in_a_portals_words() {
    let world = World::founded().await;
    let portal = world.source(Connector::Bitrix24).await;
    let error = |reply: &Reply| reply.json::<Value>()["error"].as_str().unwrap().to_owned();
    let mut other = portal.clone();
    other.path = format!("/rest/1/{}/", "x".repeat(43));
    let refused = call(&world, &other, "crm.lead.add", FORM, "fields[NAME]=Anna").await;
    assert_eq!((refused.status, error(&refused).as_str()), (StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS"));
    let unknown = call(&world, &portal, "crm.nothing", FORM, "a=b").await;
    assert_eq!((unknown.status, error(&unknown).as_str()), (StatusCode::NOT_FOUND, "ERROR_METHOD_NOT_FOUND"));
    let large = call(&world, &portal, "crm.lead.add", FORM, vec![b'a'; MAX_INTAKE_BODY + 1]).await;
    assert_eq!((large.status, error(&large).as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "ERROR_ARGUMENT"));
    // cut off in the middle: taken, and shown as it is
    let cut = call(&world, &portal, "crm.lead.add", "application/json", "{\"fields\":{\"NAME\":\"Анна").await;
    assert!(result(&cut).is_u64());
    assert_eq!(people(&world).await.len(), 1);
}
