//! Somebody turns to the clinic about their data or with a claim: it is registered with its term, blocked where it is
//! disputed, and answered by whoever answers for the data.

use crate::common::{Clinic, MANAGER, RECEPTIONIST, claim, register, relay::Fate, second_desk, settled, sign_in};
use contract::ui::*;
use desk::{Desk, platform::clock::Clock};
use domain::{
    PersonId, Refusal,
    case::{CaseKind, CaseMove, CaseStatus},
    person::{BlockRequester, Channel, ConsentAnswer, ConsentKind, ConsentStatus},
    terms::{Level, TermKind},
};
use serde_json::json;
use store::BLOCKED;

fn of(kind: CaseKind, person: &PersonId) -> CasePutArgs {
    CasePutArgs { kind, person: Some(person.clone()), who: String::new(), channel: Channel::Desk, ..claim() }
}

async fn step(desk: &Desk, card: &CaseCard, step: CaseMove, words: Option<&str>) -> Result<CaseCard, UiError> {
    let words = words.map(str::to_owned);
    desk.case_step(CaseStepArgs { id: card.row.id.clone(), step, words }).await
}

async fn list(desk: &Desk, all: bool) -> CasesView {
    desk.cases_list(CasesArgs { all }).await.unwrap()
}

const ZONE: chrono_tz::Tz = chrono_tz::Asia::Krasnoyarsk;

/// The clinic's date, by the clock that its desks have.
fn today(clinic: &Clinic) -> chrono::NaiveDate {
    clinic.clock.now().with_timezone(&ZONE).date_naive()
}

fn gateway_bytes(clinic: &Clinic) -> Vec<u8> {
    let file = |name: &str| std::fs::read(clinic.dir.path().join(name)).unwrap_or_default();
    let bytes = [file("gateway.db"), file("gateway.db-wal")].concat();
    assert!(!bytes.is_empty());
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_registered_at_the_desk_and_answered_by_the_manager() {
    let (clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let card = desk.case_put(claim()).await.unwrap();
    assert_eq!((card.row.who.as_str(), card.row.status), ("Салтыков-Щедрин М. Е.", CaseStatus::Registered));
    let due = card.row.due.clone().unwrap();
    let today = today(&clinic);
    assert_eq!((due.term, due.day), (TermKind::ClaimPolicy, Some(today + chrono::Days::new(30))));
    assert_eq!(due.level, Level::Calm);
    assert_eq!(card.moves, [CaseMove::CheckIdentity, CaseMove::TakeUp], "the desk registers and routes");
    let card = step(&desk, &card, CaseMove::TakeUp, None).await.unwrap();
    let refused = step(&desk, &card, CaseMove::Refuse, Some("срок прошёл")).await.unwrap_err();
    assert!(matches!(refused.code, Code::Forbidden | Code::Refused), "{:?}", refused.code);
    settled(&desk).await;

    sign_in(&desk, MANAGER).await;
    assert_eq!(step(&desk, &card, CaseMove::Answer, None).await.unwrap_err().field.as_deref(), Some("words"));
    let answered = step(&desk, &card, CaseMove::Answer, Some("деньги возвращены 25.11")).await.unwrap();
    assert_eq!(answered.steps[1].words.as_deref(), Some("деньги возвращены 25.11"));
    // by mistake, and back
    let last = answered.steps.last().unwrap();
    assert!(last.can_take_back && !answered.steps[0].can_take_back);
    let back = CaseStepBackArgs { id: card.row.id.clone(), step: last.id.clone() };
    assert_eq!(desk.case_step_back(back).await.unwrap().row.status, CaseStatus::InWork);
    step(&desk, &card, CaseMove::Answer, Some("деньги возвращены 26.11")).await.unwrap();
    let delivered = step(&desk, &card, CaseMove::Deliver, None).await.unwrap();
    assert!(delivered.row.due.is_none() && delivered.dues[0].met_at.is_some());
    step(&desk, &card, CaseMove::Close, None).await.unwrap();
    assert!(list(&desk, false).await.rows.is_empty());
    settled(&desk).await;
    assert_eq!(list(&desk, true).await.rows[0].certainty, Certainty::Confirmed);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_disputes_their_data_is_blocked_before_anything_else_and_the_register_shows_a_stub() {
    let (_clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let person = register(&desk, "Иванова").await.row.id;
    let mut wrong = of(CaseKind::Rectification, &person);
    wrong.identity = Some("паспорт предъявлен".into());
    wrong.block = Some(BlockRequester::Subject);
    let card = desk.case_put(wrong).await.unwrap();
    assert!(card.blocked && !card.whole && card.offers_block.is_none());
    assert_eq!((card.row.who.as_str(), card.substance.as_str()), (BLOCKED, ""));
    assert_eq!(card.row.status, CaseStatus::IdentityChecked);
    assert!(card.steps.iter().all(|step| step.words.is_none()));
    assert!(desk.person_card(PersonArgs { id: person }).await.unwrap().row.blocked);
    let shown = serde_json::to_string(&list(&desk, true).await).unwrap();
    assert!(!shown.contains("Иванова"), "{shown}");
    let id = card.row.id.clone();
    assert!(desk.case_check(CaseArgs { id: id.clone() }).await.is_err());
    sign_in(&desk, MANAGER).await;
    let whole = desk.case_check(CaseArgs { id }).await.unwrap();
    assert!(whole.whole && whole.row.who.contains("Иванова"));
    assert_eq!(whole.steps[0].words.as_deref(), Some("паспорт предъявлен"));
}

#[tokio::test(flavor = "multi_thread")]
async fn advertising_ends_with_the_withdrawal_and_not_with_its_answer() {
    let (_clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let person = register(&desk, "Иванова").await.row.id;
    let card = desk.case_put(of(CaseKind::Withdrawal, &person)).await.unwrap();
    assert_eq!(card.row.due.unwrap().term, TermKind::WithdrawDestroy);
    let person = desk.person_card(PersonArgs { id: person }).await.unwrap();
    for kind in [ConsentKind::Newsletter, ConsentKind::Advertising] {
        let consent = person.consents.iter().find(|consent| consent.kind == kind).unwrap();
        assert_eq!(consent.status, ConsentStatus::Withdrawn);
        assert_eq!(consent.history[0].answer, ConsentAnswer::Withdrawn);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_desks_without_a_connection_give_numbers_that_never_meet_and_have_no_gaps() {
    let (clinic, first) = Clinic::founded().await;
    let (relay, second) = second_desk(&clinic, &first).await;
    sign_in(&first, RECEPTIONIST).await;
    sign_in(&second, RECEPTIONIST).await;
    relay.decide(|_| Fate::Answered(500, Vec::new(), json!({})));
    let mut numbers = Vec::new();
    for desk in [&first, &second, &first, &second] {
        numbers.push(desk.case_put(claim()).await.unwrap().row.number);
    }
    let (once, twice) = tokio::join!(first.case_put(claim()), first.case_put(claim()));
    numbers.extend([once.unwrap().row.number, twice.unwrap().row.number]);
    let mut different = numbers.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), numbers.len(), "{numbers:?}");
    assert!(numbers[0].starts_with("1-") && numbers[1].starts_with("1-") && numbers[2].starts_with("2-"));
    relay.pass_everything();
    settled(&second).await;
    settled(&first).await;
    let mut seen: Vec<String> = list(&first, true).await.rows.into_iter().map(|row| row.number).collect();
    seen.sort();
    assert_eq!(seen, different, "the number on a printed receipt is final");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_learns_neither_who_nor_what() {
    let (clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let person = register(&desk, "Иванова").await.row.id;
    let card = desk.case_put(of(CaseKind::Access, &person)).await.unwrap();
    step(&desk, &card, CaseMove::CheckIdentity, Some("паспорт 0411")).await.unwrap();
    settled(&desk).await;
    sign_in(&desk, MANAGER).await;
    let (_relay, second) = second_desk(&clinic, &desk).await;
    sign_in(&second, RECEPTIONIST).await;
    let there = second.case_card(CaseArgs { id: card.row.id.clone() }).await.unwrap();
    assert_eq!(there.steps[0].words.as_deref(), Some("паспорт 0411"), "the other desk reads it");
    assert!(there.row.who.contains("Иванова"));
    let kept = gateway_bytes(&clinic);
    for secret in ["Иванова", "паспорт 0411", "просит вернуть"] {
        assert!(!kept.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_by_post_counts_from_the_day_on_which_it_came() {
    let (clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let came = today(&clinic) - chrono::Days::new(29);
    let received = came.and_hms_opt(9, 0, 0);
    let card = desk.case_put(CasePutArgs { received, ..claim() }).await.unwrap();
    assert_eq!(card.row.due.unwrap().level, Level::Pressing);
    let view = list(&desk, false).await;
    assert_eq!((view.overdue, view.pressing), (0, 1));
    let received = (today(&clinic) + chrono::Days::new(2)).and_hms_opt(9, 0, 0);
    let refused = desk.case_put(CasePutArgs { received, ..claim() }).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("received"));
    // the card is mended by whoever saw it, and the moment stays
    let mended = CasePutArgs {
        id: Some(card.row.id.clone()),
        etag: card.etag.clone(),
        kind: CaseKind::ClaimMoney,
        substance: "просит вернуть 12 000".into(),
        ..claim()
    };
    let after = desk.case_put(mended.clone()).await.unwrap();
    assert_eq!((after.row.received_at, after.row.due.unwrap().term), (card.row.received_at, TermKind::ClaimMoney));
    assert!(matches!(desk.case_put(mended).await.unwrap_err().refusal, Some(Refusal::ChangedMeanwhile { .. })));
}
