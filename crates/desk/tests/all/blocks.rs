//! «Заблокируйте мои данные»: at once, without a link too, everywhere, and until a manager has checked.

use crate::common::{Clinic, MANAGER, RECEPTIONIST, name, relay::Fate, second_desk, settled, sign_in, somebody};
use contract::ui::*;
use desk::Desk;
use domain::{
    PersonId, Refusal, RequestId,
    person::{BlockGround, BlockRequester, LiftGround},
    request::CallOutcome,
};
use serde_json::json;
use store::BLOCKED;

const PHONE: &str = "8 913 555-12-34";

fn anna() -> PersonPutArgs {
    PersonPutArgs {
        phones: vec![PHONE.into()],
        email: Some("anna@example.ru".into()),
        note: Some("звонить после трёх".into()),
        ..somebody("Иванова", "Анна")
    }
}

fn by_person(person: &PersonId) -> BlockArgs {
    let whom = BlockWhom::Person { person: person.clone() };
    BlockArgs {
        whom,
        requester: BlockRequester::Subject,
        ground: BlockGround::Unreliable,
        note: Some("не тот год".into()),
    }
}

async fn card(desk: &Desk, id: &PersonId) -> PersonCard {
    desk.person_card(PersonArgs { id: id.clone() }).await.unwrap()
}

async fn queue(desk: &Desk) -> Vec<QueueRow> {
    desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await.unwrap().rows
}

async fn book(desk: &Desk, person: &PersonId, hour: u32, request: Option<RequestId>) -> Result<Booked, UiError> {
    let date = chrono::Utc::now().date_naive() + chrono::Days::new(3);
    let day = desk.schedule_day(DayArgs { date }).await.unwrap();
    desk.visit_book(BookArgs {
        person: person.clone(),
        practitioner: day.practitioners[0].id.parse().unwrap(),
        chair: day.chairs[0].id.parse().unwrap(),
        start: date.and_hms_opt(hour, 0, 0).unwrap(),
        end: date.and_hms_opt(hour, 30, 0).unwrap(),
        service: Some("Имплантация".into()),
        note: Some("просит у окна".into()),
        request,
        agreed: true,
    })
    .await
}

/// Everything that the desk shows as it would go to the window.
async fn all_that_is_shown(desk: &Desk, id: &PersonId, request: &RequestId) -> String {
    let mut shown = vec![serde_json::to_string(&card(desk, id).await).unwrap()];
    shown.push(serde_json::to_string(&queue(desk).await).unwrap());
    let request = desk.request_card(RequestArgs { id: request.clone() }).await.unwrap();
    shown.push(serde_json::to_string(&request).unwrap());
    let date = chrono::Utc::now().date_naive() + chrono::Days::new(3);
    shown.push(serde_json::to_string(&desk.schedule_week(DayArgs { date }).await.unwrap()).unwrap());
    for query in ["Иванова", "5551234", "anna@example"] {
        let found = desk.search(SearchArgs { query: query.into(), limit: 20 }).await.unwrap();
        shown.push(serde_json::to_string(&found.hits).unwrap());
    }
    shown.push(serde_json::to_string(&desk.outbox_list(Nothing {}).await.unwrap()).unwrap());
    shown.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_action_hides_the_person_everywhere_and_stops_what_would_use_the_data() {
    let (clinic, desk) = Clinic::founded().await;
    clinic.visitor(json!({"name": "Анна Иванова", "phone": PHONE, "comment": "после обеда"})).await;
    settled(&desk).await;
    sign_in(&desk, RECEPTIONIST).await;
    let id = desk.person_put(anna()).await.unwrap().row.id;
    let visit = book(&desk, &id, 10, None).await.unwrap().visit;
    let request = queue(&desk).await[0].id.clone();
    let paper = desk.paper_preview(PreviewArgs::of("consent_pd", Some(id.clone()))).await.unwrap();
    let print = || PrintArgs::of(paper.paper.clone(), 2);
    desk.paper_print(print()).await.unwrap();
    assert!(all_that_is_shown(&desk, &id, &request).await.contains("Иванова"), "the search would prove nothing");

    let cover = desk.person_cover(CoverArgs { whom: BlockWhom::Person { person: id.clone() } }).await.unwrap();
    assert_eq!((cover.people.len(), cover.requests, cover.visits), (1, 1, 1));
    let blocked = desk.person_block(by_person(&id)).await.unwrap();
    assert!(blocked.row.blocked && !blocked.whole && blocked.row.name == BLOCKED);
    assert_eq!(blocked.papers.len(), 1, "the paper that lies somewhere is named");
    assert_eq!((blocked.blocks.len(), blocked.blocks[0].note.clone()), (1, None));

    let shown = all_that_is_shown(&desk, &id, &request).await;
    for of_hers in
        ["Иванова", "Анна", "5551234", "555-12", "12-34", "anna@", "после трёх", "после обеда", "Имплантация", "у окна"]
    {
        assert!(!shown.contains(of_hers), "«{of_hers}» in {shown}");
    }
    assert!(shown.contains(BLOCKED));
    let stays = desk.schedule_day(DayArgs { date: visit.start.date() }).await.unwrap().visits.remove(0);
    assert_eq!((stays.start, stays.blocked, stays.person_name.as_str()), (visit.start, true, BLOCKED));

    let refused = |error: UiError| assert_eq!(error.refusal, Some(Refusal::PersonBlocked), "{error:?}");
    refused(desk.paper_pdf(PaperArgs { paper: paper.paper.clone() }).await.unwrap_err());
    refused(desk.paper_print(print()).await.unwrap_err());
    refused(desk.paper_save(SaveArgs { paper: paper.paper.clone(), confirmed: true }).await.unwrap_err());
    let preview = PreviewArgs::of("consent_pd", Some(id.clone()));
    refused(desk.paper_preview(preview).await.unwrap_err());
    refused(book(&desk, &id, 12, None).await.unwrap_err());
    refused(desk.request_claim(RequestArgs { id: request.clone() }).await.unwrap_err());
    refused(desk.request_link_person(LinkPersonArgs { id: request.clone(), person: id.clone() }).await.unwrap_err());
    let confirm = VisitArgs { id: visit.id.clone(), step: VisitStep::Confirm };
    refused(desk.visit_step(confirm).await.unwrap_err());
    refused(desk.person_put(PersonPutArgs { id: Some(id.clone()), etag: blocked.etag, ..anna() }).await.unwrap_err());
    refused(desk.person_put(anna()).await.unwrap_err());
    refused(
        desk.person_put(PersonPutArgs {
            name: name("Котов", "Пётр"), request: Some(request.clone()), ..anna()
        })
        .await
        .unwrap_err(),
    );
    for purpose in [Purpose::Service, Purpose::Reminder, Purpose::Advertising] {
        let ask = ContactArgs { person: Some(id.clone()), request: None, purpose };
        let leave = desk.contact_ask(ask).await.unwrap();
        assert_eq!((leave.allowed, leave.why, leave.phones.len()), (false, ContactWhy::Blocked, 0));
    }
    // facts are still written down: she came, and somebody spoke to her
    desk.visit_step(VisitArgs { id: visit.id, step: VisitStep::Arrive }).await.unwrap();
    let spoke = LogCallArgs { id: request.clone(), outcome: CallOutcome::Answered, note: None, next_try_at: None };
    desk.request_log_call(spoke).await.unwrap();
    // her husband has the same phone and another name
    let husband = desk.person_put(PersonPutArgs { name: name("Иванов", "Пётр"), ..anna() }).await.unwrap();
    assert!(!husband.row.blocked && husband.household[0].name == BLOCKED);
    settled(&desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_needs_no_link_covers_what_comes_later_and_outlives_the_night() {
    let (clinic, first) = Clinic::founded().await;
    let (relay, second) = second_desk(&clinic, &first).await;
    let id = first.person_put(anna()).await.unwrap().row.id;
    settled(&first).await;
    settled(&second).await;
    sign_in(&second, RECEPTIONIST).await;

    relay.decide(|_| Fate::Answered(500, Vec::new(), json!({})));
    let at = second.person_block(by_person(&id)).await.unwrap().blocks[0].at;
    assert_eq!(card(&second, &id).await.row.certainty, Certainty::Saved);
    assert!(!card(&first, &id).await.row.blocked, "the other desk cannot know yet");
    // meanwhile she writes again, by the other address of hers
    clinic.visitor(json!({"name": "Аня", "phone": "8 913 000-00-01", "email": "Anna@Example.ru"})).await;
    clinic.visitor(json!({"name": "Анна", "phone": "+7 (913) 555-12-34"})).await;
    clinic.clock.forward(20 * 24 * 3600);
    relay.pass_everything();
    settled(&second).await;
    settled(&first).await;
    sign_in(&first, MANAGER).await;
    sign_in(&second, RECEPTIONIST).await;
    for desk in [&first, &second] {
        let shown = card(desk, &id).await;
        assert!(shown.row.blocked, "time lifts nothing");
        assert_eq!(shown.blocks[0].at.timestamp(), at.timestamp(), "blocked from the moment of the request");
        let rows = queue(desk).await;
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.blocked && row.name == BLOCKED && row.phone_masked.is_empty()));
    }
    // whoever checks the data sees that it is her, or that it is not
    let rows = queue(&first).await;
    let whole = first.request_check(RequestArgs { id: rows[0].id.clone() }).await.unwrap();
    assert!(whole.row.blocked && whole.row.name != BLOCKED && whole.phone.is_some());
    let other =
        PersonPutArgs {
            name: name("Соседов", "Олег"), phones: vec!["89130000001".into()], email: None, ..anna()
        };
    let other = first.person_put(other).await.unwrap().row.id;
    let his = LinkPersonArgs { id: rows[0].id.clone(), person: other };
    assert!(!first.request_link_person(his).await.unwrap().row.blocked, "his own request is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_overlap_and_only_a_manager_lifts_them_with_what_the_check_has_shown() {
    let (_clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let id = desk.person_put(anna()).await.unwrap().row.id;
    desk.person_block(by_person(&id)).await.unwrap();
    let authority = BlockArgs { requester: BlockRequester::Authority, ground: BlockGround::Unlawful, ..by_person(&id) };
    let twice = desk.person_block(authority).await.unwrap();
    assert_eq!(twice.blocks.iter().filter(|block| block.lifted.is_none()).count(), 2);
    let lift = |card: &PersonCard, evidence: &str| UnblockArgs {
        person: id.clone(),
        block: card.blocks.iter().find(|block| block.lifted.is_none()).unwrap().id.clone(),
        ground: LiftGround::Rectified,
        evidence: evidence.into(),
    };
    assert_eq!(desk.person_unblock(lift(&twice, "паспорт")).await.unwrap_err().code, Code::Forbidden);
    assert_eq!(desk.person_check(PersonArgs { id: id.clone() }).await.unwrap_err().code, Code::Forbidden);

    sign_in(&desk, MANAGER).await;
    assert!(!card(&desk, &id).await.whole, "a manager sees a stub too, until asked to check");
    let whole = desk.person_check(PersonArgs { id: id.clone() }).await.unwrap();
    assert!(whole.whole && whole.full_name.family == "Иванова" && whole.blocks.iter().all(|b| b.note.is_some()));
    // what was wrong is mended while it is blocked
    let mended = PersonPutArgs { id: Some(id.clone()), etag: whole.etag, phones: vec!["89135550000".into()], ..anna() };
    desk.person_put(mended).await.unwrap();
    let error = desk.person_unblock(lift(&twice, "  ")).await.unwrap_err();
    assert_eq!(error.field.as_deref(), Some("evidence"));
    let one_left = desk.person_unblock(lift(&twice, "видела паспорт, год исправлен")).await.unwrap();
    assert!(one_left.row.blocked, "the other block stands");
    let free = desk.person_unblock(lift(&one_left, "ответ Роскомнадзору отправлен")).await.unwrap();
    assert!(!free.row.blocked && free.full_name.family == "Иванова");
    assert!(free.blocks.iter().all(|block| block.lifted.as_ref().is_some_and(|lift| lift.evidence.is_some())));
    settled(&desk).await;
    let verbs: Vec<_> = desk.audit_tail(50).await.unwrap().into_iter().map(|row| row.entry.verb).collect();
    for (verb, times) in [("person.block", 2), ("person.unblock", 2), ("person.check", 1), ("desk.forbidden", 2)] {
        assert_eq!(verbs.iter().filter(|known| *known == verb).count(), times, "{verb}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_known_by_a_request_or_a_number_alone_is_blocked_too() {
    let (clinic, desk) = Clinic::founded().await;
    clinic.visitor(json!({"name": "Борис", "phone": "89131112233"})).await;
    settled(&desk).await;
    sign_in(&desk, RECEPTIONIST).await;
    let request = queue(&desk).await[0].id.clone();
    let of = |whom| BlockArgs {
        whom,
        requester: BlockRequester::Subject,
        ground: BlockGround::WithdrawalPending,
        note: None,
    };
    let boris = desk.person_block(of(BlockWhom::Request { request: request.clone(), person: None })).await.unwrap();
    assert_eq!((boris.row.blocked, boris.requests.len()), (true, 1));
    assert!(queue(&desk).await[0].blocked);

    let number = |person| BlockWhom::Phone { phone: "8 (913) 777-00-11".into(), person };
    desk.person_block(of(number(None))).await.unwrap();
    clinic.visitor(json!({"name": "Кто-то", "phone": "+79137770011"})).await;
    settled(&desk).await;
    assert!(queue(&desk).await.iter().all(|row| row.blocked), "whoever writes from that number is covered");
    let typed = BlockWhom::Phone { phone: "не помню".into(), person: None };
    assert_eq!(desk.person_block(of(typed)).await.unwrap_err().field.as_deref(), Some("phone"));

    // a household: somebody has to say who
    let one = desk.person_put(anna()).await.unwrap().row.id;
    desk.person_put(PersonPutArgs { name: name("Иванов", "Пётр"), ..anna() }).await.unwrap();
    let family = |person| BlockWhom::Phone { phone: PHONE.into(), person };
    assert_eq!(desk.person_cover(CoverArgs { whom: family(None) }).await.unwrap().people.len(), 2);
    assert_eq!(desk.person_block(of(family(None))).await.unwrap_err().field.as_deref(), Some("person"));
    assert!(desk.person_block(of(family(Some(one.clone())))).await.unwrap().row.id == one);
    settled(&desk).await;
}
