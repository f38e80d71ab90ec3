//! What sites send, through the real doors to the real desk: of every kind, understood or not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use connectors::{Connector, FieldMeaning, FieldRule};
use contract::ui::*;
use domain::request::{QuarantineReason, RequestKind};
use gateway::{Gateway, GatewayConfig};
use stories::{Clinic, MANAGER, RECEPTIONIST, files_with, http, name, settled, sign_in, start_desk};

async fn open(desk: &desk::Desk) -> Vec<QueueRow> {
    desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await.expect("queue").rows
}

async fn card(desk: &desk::Desk, row: &QueueRow) -> RequestCard {
    desk.request_card(RequestArgs { id: row.id.clone() }).await.expect("card")
}

/// A form with fields that nobody understands; the mapping is mended, and the receptionist reads it again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_understood_is_read_again_after_the_mapping_was_mended() {
    let (clinic, desk) = Clinic::found().await;
    let strange = serde_json::json!({
        "input_3": "Канарейкина", "input_7": "тел девятьсот три", "input_9": "клюёт по утрам, 9035550199 доб", "Цвет": "жёлтый"
    });
    clinic.form(&strange).await;
    settled(&desk).await;
    let row = open(&desk).await.pop().expect("it is in the queue");
    assert_eq!(row.quarantine, Some(QuarantineReason::NothingRecognised));
    let shown = card(&desk, &row).await;
    assert!(shown.sent.contains(&("input_3".to_owned(), "Канарейкина".to_owned())), "word for word");
    assert_eq!(shown.sent.len(), 4);
    let again = desk.request_reread(RequestArgs { id: row.id.clone() }).await.expect("reads again");
    assert_eq!(again.still, Some(QuarantineReason::NothingRecognised));
    assert_eq!(open(&desk).await[0].quarantine, Some(QuarantineReason::NothingRecognised), "nothing was changed");

    // the manager says what the fields mean
    let source = shown.source.source.clone();
    let rule = |field: &str, meaning| FieldRule { field: field.to_owned(), meaning };
    let rules = vec![rule("input_3", FieldMeaning::Name), rule("input_9", FieldMeaning::Comment)];
    let twice = vec![rule("input_3", FieldMeaning::Name), rule("input_3", FieldMeaning::Phone)];
    let refused = desk.set_mapping(&source, twice, None).await.unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (Code::BadInput, Some("mapping")));
    desk.set_mapping(&source, rules, None).await.expect("mends the mapping");
    assert_eq!(desk.sources().await.unwrap().iter().find(|s| s.id == source).unwrap().health.quarantined, 1);

    // and the receptionist, who may not do that, reads it again
    sign_in(&desk, RECEPTIONIST).await;
    assert_eq!(desk.sources().await.unwrap_err().code, Code::Forbidden);
    let again = desk.request_reread(RequestArgs { id: row.id.clone() }).await.expect("reads again");
    assert_eq!((again.still, again.card.row.quarantine), (None, None));
    assert_eq!(again.card.row.name, "Канарейкина");
    assert!(again.card.sent.is_empty());
    settled(&desk).await;
    let row = open(&desk).await.pop().unwrap();
    assert_eq!((row.name.as_str(), row.certainty), ("Канарейкина", Certainty::Confirmed));
    assert!(card(&desk, &row).await.comment.unwrap().contains("клюёт"));
    let refused = desk.request_reread(RequestArgs { id: row.id.clone() }).await.unwrap_err();
    assert_eq!(refused.refusal, Some(domain::Refusal::NotQuarantined));
    // what comes next is understood at once
    clinic.form(&serde_json::json!({ "input_3": "Канарейкина", "input_9": "другое" })).await;
    settled(&desk).await;
    assert!(open(&desk).await.iter().all(|row| row.quarantine.is_none() && row.name == "Канарейкина"));
    assert_eq!(files_with(clinic.dir.path(), &["Канарейкина", "клюёт по утрам", "9035550199"]), Vec::<String>::new());
}

/// Without the gateway nobody knows the mapping: that is said, and nothing is changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_again_needs_the_gateway_and_says_so() {
    let (mut clinic, desk) = Clinic::found().await;
    clinic.form(&serde_json::json!({ "Цвет": "жёлтый" })).await;
    settled(&desk).await;
    let row = open(&desk).await.pop().unwrap();
    clinic.gateway.kill();
    let refused = desk.request_reread(RequestArgs { id: row.id.clone() }).await.unwrap_err();
    assert_eq!(refused.code, Code::GatewayUnreachable);
    assert_eq!(card(&desk, &row).await.sent, [("Цвет".to_owned(), "жёлтый".to_owned())], "it can still be read");
}

/// One submission of each kind as its product sends it, a broken one, and a test of each source.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_every_kind_of_site_the_desk_shows_the_request() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = Gateway::open(GatewayConfig::at(dir.path().join("gateway.db"))).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = gateway.clone();
    tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
    let account = format!("story-{}", dir.path().file_name().unwrap().to_string_lossy());
    let desk = start_desk(&dir.path().join("desk"), &account).await;
    let founding = FoundArgs {
        gateway: url.clone(),
        code: gateway.founding_code().await.unwrap().unwrap(),
        desk_name: "Ресепшн 1".into(),
        clinic_name: "Клиника из рассказа".into(),
        zone: "Asia/Krasnoyarsk".into(),
        manager_name: name("Верина", "Вера"),
        manager_login: MANAGER.0.into(),
        manager_secret: MANAGER.1.into(),
    };
    desk.found_clinic(founding).await.expect("found the clinic");
    sign_in(&desk, MANAGER).await;

    let corpora = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpora");
    let form = "application/x-www-form-urlencoded";
    for (connector, file, content_type) in [
        (Connector::Tilda, "tilda/callback.form", form),
        (Connector::Elementor, "elementor/advanced.form", form),
        (Connector::ContactForm7, "cf7/plain.json", "application/json"),
        (Connector::WooCommerce, "woocommerce/pw_gift_card_paid.json", "application/json"),
        (Connector::Bitrix24, "bitrix24", form),
        (Connector::Yclients, "yclients/hook_create.json", "application/json"),
        (Connector::Mailbox, "mailbox/cf7_plain.eml", "message/rfc822"),
        (Connector::Form, "form/nested_names.json", "application/json"),
    ] {
        let zone = "Asia/Krasnoyarsk".parse().ok();
        let source = gateway.add_source(connector, "Сайт", zone, RequestKind::Callback).await.unwrap();
        let mut address = format!("{url}{}", source.path);
        let body = match connector {
            Connector::Bitrix24 => {
                address.push_str("crm.lead.add.json");
                "fields[NAME]=Anna&fields[PHONE][0][VALUE]=%2B79161234567&fields[COMMENTS]=implant".as_bytes().to_vec()
            }
            _ => std::fs::read(corpora.join(file)).unwrap(),
        };
        let send = async |body: Vec<u8>| {
            let call = http().post(&address).header("content-type", content_type);
            // a site that still sends when it is refused may see the connection end
            call.bearer_auth(&source.secret).body(body).send().await.map_or(413, |answer| answer.status().as_u16())
        };
        let mut broken = body[..body.len() / 3].to_vec();
        if connector == Connector::Mailbox {
            // a letter is known by its id, so a cut one must be another letter
            broken = String::from_utf8_lossy(&broken).replace("Message-I", "X-I").into_bytes();
        }
        for body in [body.clone(), body.clone(), broken] {
            assert_eq!(send(body).await, 200, "{}", connector.as_str());
        }
        assert_eq!(send(vec![b'a'; 10 << 20]).await, 413, "{}", connector.as_str());
        assert!(gateway.test_source(&source.id).await.unwrap().is_success());
        settled(&desk).await;
        let rows = open(&desk).await;
        let mut cards = Vec::new();
        for row in &rows {
            let card = card(&desk, row).await;
            if card.source.source == source.id {
                cards.push(card);
            }
        }
        let word = connector.as_str();
        assert_eq!(cards.len(), 3, "{word}: the whole one once, the broken one, the test");
        assert_eq!(cards.iter().filter(|card| card.row.test).count(), 1, "{word}");
        let whole = cards.iter().filter(|card| !card.row.test && card.row.quarantine.is_none());
        assert!(whole.clone().count() >= 1, "{word}");
        assert!(whole.clone().any(|card| card.phone.is_some() || card.email.is_some()), "{word}: somebody to answer");
        for card in &cards {
            let waits = card.row.quarantine.is_some();
            assert_eq!(waits, !card.sent.is_empty(), "{word}: what waits is shown as it was sent");
        }
    }
}
