//! A shift at a real gateway: founding, requests of the site, calls, a booking, papers, a second desk.

use crate::common::{Clinic, MANAGER, RECEPTIONIST, name, settled, sign_in};
use chrono::{Days, NaiveTime};
use contract::ui::*;
use domain::{
    Refusal,
    appointment::AppointmentStatus,
    certificate::CertificateStatus,
    person::PersonSource,
    request::{CallOutcome, CloseReason, RequestStatus},
};
use serde_json::json;

fn person(family: &str, phone: &str) -> PersonPutArgs {
    PersonPutArgs {
        id: None,
        etag: None,
        name: name(family, "Пётр"),
        phones: vec![phone.into()],
        email: Some("petr@example.ru".into()),
        birth_date: None,
        note: None,
        source: PersonSource::Site,
        request: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_becomes_a_visit() {
    let (clinic, desk) = Clinic::founded().await;
    clinic.visitor(json!({"name": "Семёнов Пётр", "phone": "8 913 555-12-34", "comment": "<b>утром</b>"})).await;
    clinic.visitor(json!({"name": "Семёнова Анна", "phone": "+7 (913) 555 12 34"})).await;
    settled(&desk).await;
    sign_in(&desk, RECEPTIONIST).await;
    let brief = desk.shift_start(Nothing {}).await.unwrap();
    assert!(brief.fresh && brief.new_requests == 2 && brief.since.is_none() && brief.first.len() == 2);
    let queue = desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await.unwrap();
    assert_eq!((queue.open, queue.rows.len()), (2, 2));
    let row = queue.rows.iter().find(|row| row.name == "Семёнов Пётр").unwrap().clone();
    assert_eq!((row.phone_masked.as_str(), row.same_phone), ("+7 ••• •••-12-34", 1));
    let ask = || RequestArgs { id: row.id.clone() };

    let card = desk.request_claim(ask()).await.unwrap();
    assert!(card.row.claimed_by_me && card.row.claimed_by.as_deref() == Some("Аннина А."));
    assert_eq!(card.comment.as_deref(), Some("<b>утром</b>"));
    assert_eq!(desk.queue_list(QueueArgs { filter: QueueFilter::Mine }).await.unwrap().rows.len(), 1);

    let note = Some("не берёт трубку".to_owned());
    let call =
        LogCallArgs { id: row.id.clone(), outcome: CallOutcome::NoAnswer, note: note.clone(), next_try_at: None };
    let card = desk.request_log_call(call).await.unwrap();
    assert_eq!(card.row.status, RequestStatus::RetryScheduled);
    assert_eq!((card.calls.len(), card.calls[0].note.clone()), (1, note));
    assert!(card.next_try_at.is_some(), "the clinic's usual time of the next try");
    let retract = RetractCallArgs { id: row.id.clone(), call: card.calls[0].id.clone() };
    assert!(desk.request_retract_call(retract).await.unwrap().calls[0].retracted);

    let entered = PersonPutArgs { request: Some(row.id.clone()), ..person("Семёнов", "8 913 555-12-34") };
    let petr = desk.person_put(entered).await.unwrap();
    assert_eq!(petr.requests.len(), 1);
    let card = desk.request_card(ask()).await.unwrap();
    assert_eq!(card.person.as_ref().map(|row| row.id.clone()), Some(petr.row.id.clone()));

    let today = chrono::Utc::now().with_timezone(&chrono_tz::Asia::Krasnoyarsk).date_naive() + Days::new(1);
    let day = desk.schedule_day(DayArgs { date: today }).await.unwrap();
    let at = |hour| today.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap());
    let book = BookArgs {
        person: petr.row.id.clone(),
        practitioner: day.practitioners[0].id.parse().unwrap(),
        chair: day.chairs[0].id.parse().unwrap(),
        start: at(10),
        end: at(11),
        service: Some("Осмотр".into()),
        note: None,
        request: Some(row.id.clone()),
        agreed: true,
    };
    let booked = desk.visit_book(book.clone()).await.unwrap();
    assert_eq!((booked.visit.person_name.as_str(), booked.visit.status), ("Семёнов П.", AppointmentStatus::Booked));
    assert!(matches!(booked.visit.certainty, Certainty::Saved));
    let taken = desk.visit_book(BookArgs { request: None, ..book }).await.unwrap_err();
    assert!(matches!(taken.refusal, Some(Refusal::SlotTaken { .. })), "{taken:?}");
    let confirmed = desk.visit_step(VisitArgs { id: booked.id.clone(), step: VisitStep::Confirm }).await.unwrap();
    assert!(confirmed.confirmed && !confirmed.no_show_allowed);

    settled(&desk).await;
    let card = desk.request_card(ask()).await.unwrap();
    assert_eq!(card.row.status, RequestStatus::Converted);
    assert_eq!(card.next_visit.as_ref().map(|visit| visit.id.clone()), Some(booked.id.clone()));
    assert!(matches!(card.row.certainty, Certainty::Confirmed));
    assert!(desk.outbox_list(Nothing {}).await.unwrap().is_empty());
    let day = desk.schedule_day(DayArgs { date: today }).await.unwrap();
    assert_eq!(day.visits.len(), 1);
    assert!(matches!(day.visits[0].certainty, Certainty::Confirmed));

    let other = queue.rows.iter().find(|other| other.id != row.id).unwrap();
    let close = CloseArgs { id: other.id.clone(), reason: CloseReason::Duplicate };
    assert_eq!(desk.request_close(close).await.unwrap().row.status, RequestStatus::Duplicate);
    let reopened = desk.request_reopen(RequestArgs { id: other.id.clone() }).await.unwrap();
    assert_eq!(reopened.row.status, RequestStatus::New);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_desk_joins_by_code_and_sees_the_same() {
    let (clinic, desk) = Clinic::founded().await;
    let petr = desk.person_put(person("Иванов", "+79135551234")).await.unwrap();
    settled(&desk).await;
    let code = desk.invite().await.unwrap();
    let second = clinic.desk_at(&clinic.dir.path().join("second"), "second").await;
    let join =
        |code: &str| ConnectArgs {
            gateway: clinic.url.clone(), code: code.into(), desk_name: "Ресепшн 2".into()
        };
    assert_eq!(second.connect(join("ABCD")).await.unwrap_err().code, Code::CodeMistyped);
    assert_eq!(second.connect(join(&code)).await.unwrap().phase, Phase::Locked);
    assert_eq!(second.connect(join(&code)).await.unwrap_err().code, Code::BadInput, "it is connected already");
    settled(&second).await;
    sign_in(&second, MANAGER).await;
    let card = second.person_card(PersonArgs { id: petr.row.id.clone() }).await.unwrap();
    assert_eq!(card.full_name.family, "Иванов");

    // both edit the same field: the second one to send is told, and chooses
    let edit = |etag: &Option<domain::ActionId>, note: &str| PersonPutArgs {
        id: Some(petr.row.id.clone()),
        etag: etag.clone(),
        note: Some(note.into()),
        ..person("Иванов", "+79135551234")
    };
    second.point_at("http://127.0.0.1:9").await.unwrap();
    assert_eq!(second.sync(std::time::Duration::from_secs(20)).await.unwrap().link, Link::Offline);
    desk.person_put(edit(&card.etag, "первая")).await.unwrap();
    settled(&desk).await;
    let saved = second.person_put(edit(&card.etag, "вторая")).await.unwrap();
    assert_eq!((saved.row.certainty, saved.note.as_deref()), (Certainty::Saved, Some("вторая")));
    assert_eq!(second.sync_view(Nothing {}).await.unwrap().unsent, 1);
    second.point_at(&clinic.url).await.unwrap();
    settled(&second).await;
    let refused = second.outbox_list(Nothing {}).await.unwrap();
    assert_eq!((refused.len(), refused[0].state), (1, OutboxState::Refused));
    assert!(matches!(refused[0].refusal, Some(Refusal::ChangedMeanwhile { .. })));
    assert_eq!(refused[0].about, "Иванов П.");
    let conflict = second.outbox_conflict(OutboxArgs { id: refused[0].id.clone() }).await.unwrap();
    let mine = vec![FieldChoice { field: "note".into(), side: Side::Mine }];
    let mine = ResolveArgs { id: conflict.id, etag: conflict.etag, choices: mine };
    second.outbox_resolve(mine).await.unwrap();
    settled(&second).await;
    settled(&desk).await;
    let card = desk.person_card(PersonArgs { id: petr.row.id.clone() }).await.unwrap();
    assert_eq!(card.note.as_deref(), Some("вторая"));

    let third = clinic.desk_at(&clinic.dir.path().join("third"), "third").await;
    assert_eq!(third.connect(join(&code)).await.unwrap_err().code, Code::CodeRefused, "a code lets in once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_found_and_codes_cannot_be_tried_out() {
    let (clinic, desk) = Clinic::founded().await;
    let order = json!({"name": "Покупатель", "phone": "+79135551234",
        "certificate": {"code": "AB2C-D3EF", "face_value": 5000, "buyer": "Покупатель", "paid": true}});
    clinic.visitor(order).await;
    settled(&desk).await;
    let find = |code: &str| desk.certificate_find(CertificateArgs { code: code.into() });
    let found = find("ав2с d3ef").await.unwrap().certificate.expect("look-alike letters are folded");
    assert_eq!((found.last4.as_str(), found.balance.0), ("D3EF", 500_000));
    assert_eq!(found.status, CertificateStatus::Active);
    assert_eq!(found.ledger.len(), 1);
    assert_eq!(find(" - ").await.unwrap_err().field.as_deref(), Some("code"));
    for n in 1..=5 {
        let answer = find(&format!("NOSUCH{n}")).await.unwrap();
        assert!(answer.certificate.is_none());
        assert_eq!(answer.wait_seconds > 0, n == 5, "after {n} wrong codes");
    }
    let waits = find("AB2C-D3EF").await.unwrap();
    assert!(waits.certificate.is_none() && waits.wait_seconds > 0, "the right code waits too");
    clinic.clock.forward(31);
    assert!(find("AB2C-D3EF").await.unwrap().certificate.is_some());
    assert!(find("NOSUCH").await.unwrap().wait_seconds == 0, "a right code forgives the wrong ones");
}

#[tokio::test(flavor = "multi_thread")]
async fn search_understands_layouts_digits_and_spelling() {
    let (_clinic, desk) = Clinic::founded().await;
    desk.person_put(person("Семёнов", "8 913 555-12-34")).await.unwrap();
    let find = |query: &str| desk.search(SearchArgs { query: query.into(), limit: 20 });
    for query in ["семенов", "СЕМЁН", "се", "555-12", "8913555", "+7 913 555 12 34", "petr@example", "пётр сем"]
    {
        let view = find(query).await.unwrap();
        assert_eq!((view.hits.len(), view.shown_for), (1, None), "{query}");
        assert_eq!(view.hits[0].kind, HitKind::Person);
        assert!(view.hits[0].subtitle.contains("•••"), "phones are masked in lists");
    }
    let view = find("ctv`yjd").await.unwrap();
    assert_eq!((view.hits.len(), view.shown_for.as_deref()), (1, Some("семёнов")));
    // in the letters of a passport
    for query in ["semenov", "Semyonov"] {
        let view = find(query).await.unwrap();
        assert_eq!((view.hits.len(), view.shown_for.as_deref()), (1, Some("семенов")), "{query}");
    }
    for query in ["", "  ", "нет такого", "ytn nfrjuj", "000-00"] {
        let view = find(query).await.unwrap();
        assert!(view.hits.is_empty() && view.shown_for.is_none(), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_by_field() {
    let (_clinic, desk) = Clinic::founded().await;
    let ok = person("Иванов", "89135551234");
    let bad = [
        ("name", PersonPutArgs { name: name(" ", ""), ..ok.clone() }),
        ("phones", PersonPutArgs { phones: vec!["123".into()], ..ok.clone() }),
        ("phones", PersonPutArgs { phones: vec!["8 913 555-12-34, 8 913 555-12-35".into()], ..ok.clone() }),
        ("email", PersonPutArgs { email: Some("petr".into()), ..ok.clone() }),
        ("birth_date", PersonPutArgs { birth_date: chrono::NaiveDate::from_ymd_opt(2999, 1, 1), ..ok.clone() }),
        ("note", PersonPutArgs { note: Some("я".repeat(2001)), ..ok.clone() }),
    ];
    for (field, args) in bad {
        let error = desk.person_put(args).await.unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (Code::BadInput, Some(field)));
    }
    assert!(desk.outbox_list(Nothing {}).await.unwrap().is_empty());
    let twice = PersonPutArgs { phones: vec!["89135551234".into(), " ".into(), "+7 913 555-12-34".into()], ..ok };
    assert_eq!(desk.person_put(twice).await.unwrap().phones.len(), 1);
}
