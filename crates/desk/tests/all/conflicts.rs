//! Two people on one record, and what becomes of what the gateway refused: nothing is lost, nothing goes over anybody's
//! head, nothing waits for what does not concern it.

use crate::common::{
    Clinic, MANAGER, name,
    relay::{Fate, Relay},
    second_desk, settled, sign_in, somebody,
};
use chrono::{Duration, NaiveDate};
use contract::{
    ui::*,
    v1::{Problem, ProblemCode},
};
use desk::Desk;
use domain::{PersonId, Refusal, person::PersonSource};
use serde_json::json;

const ACTIONS: &str = "POST /v1/actions";

/// Two desks of one clinic; the second one's line can be cut.
struct Two {
    _clinic: Clinic,
    relay: Relay,
    first: Desk,
    second: Desk,
}

impl Two {
    async fn desks() -> Self {
        let (clinic, first) = Clinic::founded().await;
        let (relay, second) = second_desk(&clinic, &first).await;
        sign_in(&second, MANAGER).await;
        Self { _clinic: clinic, relay, first, second }
    }

    fn cut(&self) {
        self.relay.decide(|_| Fate::Answered(500, Vec::new(), json!({})));
    }

    /// The line is back, and both have heard everything.
    async fn heal(&self) -> SyncView {
        self.relay.pass_everything();
        for _ in 0..50 {
            let view = self.second.sync(std::time::Duration::from_secs(20)).await.unwrap();
            if view.link == Link::Online && view.unsent == 0 {
                settled(&self.first).await;
                return view;
            }
            // the gateway is asked again at once
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("not settled");
    }

    async fn known_person(&self) -> PersonId {
        let person = self.first.person_put(person("Семёнов", "как договорились")).await.unwrap();
        settled(&self.first).await;
        self.heal().await;
        person.row.id
    }
}

fn person(family: &str, note: &str) -> PersonPutArgs {
    PersonPutArgs {
        phones: vec!["8 913 555-12-34".into()],
        note: Some(note.into()),
        source: PersonSource::DeskPhone,
        ..somebody(family, "Пётр")
    }
}

async fn card(desk: &Desk, id: &PersonId) -> PersonCard {
    desk.person_card(PersonArgs { id: id.clone() }).await.unwrap()
}

async fn edit(desk: &Desk, id: &PersonId, change: impl FnOnce(&mut PersonPutArgs)) {
    let known = card(desk, id).await;
    let mut args = PersonPutArgs {
        id: Some(id.clone()),
        etag: known.etag,
        name: known.full_name,
        phones: known.phones.into_iter().map(|phone| phone.raw).collect(),
        email: known.email,
        birth_date: known.birth_date,
        note: known.note,
        source: known.source,
        request: None,
    };
    change(&mut args);
    desk.person_put(args).await.unwrap();
}

async fn outbox(desk: &Desk) -> Vec<OutboxRow> {
    desk.outbox_list(Nothing {}).await.unwrap()
}

/// The outbox once the gateway has refused something.
async fn outbox_with_a_refusal(desk: &Desk) -> Vec<OutboxRow> {
    loop {
        desk.sync(std::time::Duration::from_secs(20)).await.unwrap();
        let rows = outbox(desk).await;
        if rows.iter().any(|row| row.state == OutboxState::Refused) {
            return rows;
        }
    }
}

fn args(row: &OutboxRow) -> OutboxArgs {
    OutboxArgs { id: row.id.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_of_different_fields_are_laid_together_and_nobody_is_asked() {
    let two = Two::desks().await;
    let id = two.known_person().await;
    two.cut();
    edit(&two.first, &id, |card| card.phones = vec!["8 913 555-99-99".into()]).await;
    let paper = two.first.paper_preview(PreviewArgs::of("consent_pd", Some(id.clone()))).await;
    two.first.paper_print(PrintArgs::of(paper.unwrap().paper, 1)).await.unwrap();
    settled(&two.first).await;
    // one edit on another, both on what was known before
    edit(&two.second, &id, |card| card.note = Some("звонить вечером".into())).await;
    edit(&two.second, &id, |card| card.email = Some("petr@example.ru".into())).await;
    let view = two.heal().await;
    assert_eq!((view.refused, outbox(&two.second).await.len()), (0, 0));
    for desk in [&two.first, &two.second] {
        let card = card(desk, &id).await;
        assert_eq!(card.phones[0].raw, "8 913 555-99-99");
        assert_eq!((card.note.as_deref(), card.email.as_deref()), (Some("звонить вечером"), Some("petr@example.ru")));
        assert_eq!((card.papers.len(), card.row.certainty), (1, Certainty::Confirmed));
    }
}

/// The first desk changed the note, and so did the second one on what it knew before.
async fn one_field_two_edits(two: &Two) -> (PersonId, OutboxRow) {
    let id = two.known_person().await;
    two.cut();
    edit(&two.first, &id, |card| card.note = Some("звонить утром".into())).await;
    settled(&two.first).await;
    edit(&two.second, &id, |card| {
        card.note = Some("звонить вечером".into());
        card.name = name("Семёнов", "Павел");
    })
    .await;
    let other = two.second.person_put(person("Иванов", "-")).await.unwrap();
    let view = two.heal().await;
    assert_eq!(view.refused, 1);
    assert_eq!(card(&two.second, &other.row.id).await.row.certainty, Certainty::Confirmed, "does not concern it");
    let row = outbox(&two.second).await.remove(0);
    assert!(row.conflict && !row.editable && row.state == OutboxState::Refused);
    (id, row)
}

fn choose(row: &OutboxRow, view: &ConflictView, side: Side) -> ResolveArgs {
    let choices = vec![FieldChoice { field: "note".into(), side }];
    ResolveArgs { id: row.id.clone(), etag: view.etag.clone(), choices }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_field_a_person_sees_mine_theirs_and_before_and_chooses() {
    let two = Two::desks().await;
    let (id, row) = one_field_two_edits(&two).await;
    let view = two.second.outbox_conflict(args(&row)).await.unwrap();
    assert!(!view.waits);
    let field = |name: &str| view.fields.iter().find(|field| field.field == name).unwrap();
    let note = field("note");
    assert!(note.clash && !field("name").clash && view.fields.len() == 2);
    assert_eq!(note.before.as_deref(), Some("как договорились"));
    assert_eq!(note.mine.as_deref(), Some("звонить вечером"));
    assert_eq!(note.theirs.as_deref(), Some("звонить утром"));
    assert_eq!(card(&two.second, &id).await.note.as_deref(), Some("звонить утром"), "what is confirmed is shown");

    // over nobody's head: not by a retry, not without a choice, not on what has changed once more
    let retried = two.second.outbox_retry(args(&row)).await.unwrap_err();
    assert!(matches!(retried.refusal, Some(Refusal::ChangedMeanwhile { .. })));
    let none = ResolveArgs { choices: Vec::new(), ..choose(&row, &view, Side::Mine) };
    assert_eq!(two.second.outbox_resolve(none).await.unwrap_err().field.as_deref(), Some("choices"));
    edit(&two.first, &id, |card| card.note = Some("не звонить".into())).await;
    settled(&two.first).await;
    two.heal().await;
    let late = two.second.outbox_resolve(choose(&row, &view, Side::Mine)).await.unwrap_err();
    assert!(matches!(late.refusal, Some(Refusal::ChangedMeanwhile { .. })));

    let view = two.second.outbox_conflict(args(&row)).await.unwrap();
    two.second.outbox_resolve(choose(&row, &view, Side::Mine)).await.unwrap();
    assert_eq!(two.heal().await.refused, 0);
    for desk in [&two.first, &two.second] {
        let card = card(desk, &id).await;
        assert_eq!((card.note.as_deref(), card.full_name.given.as_str()), (Some("звонить вечером"), "Павел"));
    }
    let verbs: Vec<_> = two.second.audit_tail(50).await.unwrap().into_iter().map(|row| row.entry.verb).collect();
    assert!(verbs.iter().any(|verb| verb == "outbox.merge"));
}

#[tokio::test(flavor = "multi_thread")]
async fn theirs_and_before_can_be_chosen_too() {
    for (side, note) in [(Side::Theirs, "звонить утром"), (Side::Before, "как договорились")]
    {
        let two = Two::desks().await;
        let (id, row) = one_field_two_edits(&two).await;
        let view = two.second.outbox_conflict(args(&row)).await.unwrap();
        two.second.outbox_resolve(choose(&row, &view, side)).await.unwrap();
        assert_eq!(two.heal().await.refused, 0);
        let card = card(&two.first, &id).await;
        assert_eq!((card.note.as_deref(), card.full_name.given.as_str()), (Some(note), "Павел"), "{side:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_was_built_on_one_that_is_given_up_does_not_go_over_what_others_wrote_meanwhile() {
    let two = Two::desks().await;
    let id = two.known_person().await;
    two.cut();
    edit(&two.first, &id, |card| card.note = Some("звонить утром".into())).await;
    settled(&two.first).await;
    edit(&two.second, &id, |card| card.note = Some("звонить вечером".into())).await;
    // by its number it stands on the version that the first desk's edit has made by now
    edit(&two.second, &id, |card| card.email = Some("petr@example.ru".into())).await;
    two.relay.pass_everything();
    let rows = outbox_with_a_refusal(&two.second).await;
    assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [OutboxState::Refused, OutboxState::Held]);
    two.second.outbox_discard(args(&rows[0])).await.unwrap();
    let view = two.heal().await;
    assert_eq!((view.refused, view.unsent), (0, 0));
    for desk in [&two.first, &two.second] {
        let card = card(desk, &id).await;
        assert_eq!((card.note.as_deref(), card.email.as_deref()), (Some("звонить утром"), Some("petr@example.ru")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_between_the_gateways_word_and_the_page_does_not_go_over_what_the_page_would_have_brought() {
    let two = Two::desks().await;
    let id = two.known_person().await;
    two.relay.decide(|call| if call == ACTIONS { Fate::Pass } else { Fate::Answered(500, Vec::new(), json!({})) });
    edit(&two.first, &id, |card| card.note = Some("звонить утром".into())).await;
    settled(&two.first).await;
    // a paper is added to whatever is there: the gateway takes it, and says the version that this makes
    let paper = two.second.paper_preview(PreviewArgs::of("consent_pd", Some(id.clone()))).await;
    two.second.paper_print(PrintArgs::of(paper.unwrap().paper, 1)).await.unwrap();
    while two.second.sync_view(Nothing {}).await.unwrap().unsent > 0 {
        two.second.sync(std::time::Duration::from_secs(20)).await.unwrap();
    }
    edit(&two.second, &id, |card| card.email = Some("petr@example.ru".into())).await;
    let view = two.heal().await;
    assert_eq!((view.refused, view.unsent), (0, 0));
    for desk in [&two.first, &two.second] {
        let card = card(desk, &id).await;
        assert_eq!((card.note.as_deref(), card.email.as_deref()), (Some("звонить утром"), Some("petr@example.ru")));
        assert_eq!(card.papers.len(), 1);
    }
}

fn booking(day: &DayView, person: &PersonId, hour: u32) -> BookArgs {
    let (doctor, chair) = day.usual_chairs[0].clone();
    let start = day.date.and_hms_opt(hour, 0, 0).unwrap();
    BookArgs {
        person: person.clone(),
        practitioner: doctor.try_into().unwrap(),
        chair: chair.try_into().unwrap(),
        start,
        end: start + Duration::minutes(30),
        service: Some("Осмотр".into()),
        note: None,
        request: None,
        agreed: true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_booking_is_changed_and_goes_as_a_new_action() {
    let two = Two::desks().await;
    let id = two.known_person().await;
    let monday = DayArgs { date: NaiveDate::from_ymd_opt(2026, 12, 7).unwrap() };
    let day = two.first.schedule_day(monday).await.unwrap();
    two.cut();
    two.first.visit_book(booking(&day, &id, 10)).await.unwrap();
    settled(&two.first).await;
    let late = two.second.visit_book(booking(&day, &id, 10)).await.unwrap();
    two.second.visit_step(VisitArgs { id: late.id.clone(), step: VisitStep::Confirm }).await.unwrap();
    two.relay.pass_everything();
    // the step waits for a decision about the booking
    let rows = outbox_with_a_refusal(&two.second).await;
    assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [OutboxState::Refused, OutboxState::Held]);
    assert!(matches!(rows[0].refusal, Some(Refusal::SlotTaken { .. })) && rows[0].editable);

    let mut draft = two.second.outbox_draft(args(&rows[0])).await.unwrap();
    let still = AmendArgs { id: rows[0].id.clone(), draft: draft.clone() };
    assert_eq!(two.second.outbox_amend(still).await.unwrap_err().code, Code::Refused, "the hour is still taken");
    let Draft::Slot { start, end, service, .. } = &mut draft else { panic!("a slot") };
    assert_eq!(service.as_deref(), Some("Осмотр"));
    (*start, *end) = (*start + Duration::hours(2), *end + Duration::hours(2));
    let other = Draft::Close { reason: domain::request::CloseReason::Spam };
    let wrong = AmendArgs { id: rows[0].id.clone(), draft: other };
    assert_eq!(two.second.outbox_amend(wrong).await.unwrap_err().code, Code::BadInput);
    two.second.outbox_amend(AmendArgs { id: rows[0].id.clone(), draft }).await.unwrap();
    let view = two.heal().await;
    assert_eq!((view.refused, view.unsent), (0, 0), "and what was held went after it");
    let day = two.first.schedule_day(DayArgs { date: day.date }).await.unwrap();
    let visit = day.visits.iter().find(|visit| visit.id == late.id).unwrap();
    assert!(visit.confirmed && visit.start.to_string().ends_with("12:00:00"));
}

/// While a try to send is under way nobody knows whether it arrives: a moment later it is known again.
async fn between_tries(mut change: impl AsyncFnMut() -> Result<Nothing, UiError>) {
    for _ in 0..500 {
        match change().await {
            Ok(_) => return,
            Err(error) => assert_eq!(error.code, Code::NotFound),
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("never between two tries");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_left_can_be_changed_or_dropped_and_what_may_have_arrived_cannot() {
    let two = Two::desks().await;
    // turned away at the door: nothing of it has arrived
    let busy = || Fate::Answered(429, vec![("retry-after", "0".into())], json!(Problem::new(ProblemCode::RateLimited)));
    two.relay.decide(move |_| busy());
    let mistyped = two.second.person_put(person("Симёнов", "-")).await.unwrap();
    two.second.person_put(person("Лишний", "-")).await.unwrap();
    let rows = outbox(&two.second).await;
    let mut draft = two.second.outbox_draft(args(&rows[0])).await.unwrap();
    let Draft::Person { name, .. } = &mut draft else { panic!("a person") };
    name.family = "Семёнов".into();
    let amend = AmendArgs { id: rows[0].id.clone(), draft };
    between_tries(async || two.second.outbox_amend(amend.clone()).await).await;
    between_tries(async || two.second.outbox_discard(args(&rows[1])).await).await;
    two.heal().await;
    assert_eq!(card(&two.first, &mistyped.row.id).await.full_name.family, "Семёнов");
    let dropped = two.first.search(SearchArgs { query: "Лишний".into(), limit: 5 }).await.unwrap().hits;
    assert!(dropped.is_empty());

    two.relay.decide(|call| if call == ACTIONS { Fate::AnswerLost } else { Fate::Pass });
    let sent = two.second.person_put(person("Однажды", "-")).await.unwrap();
    let row = loop {
        two.second.sync(std::time::Duration::from_secs(20)).await.unwrap();
        let row = outbox(&two.second).await.into_iter().find(|row| row.entity == sent.row.id.clone().into()).unwrap();
        if row.state == OutboxState::Unknown {
            break row;
        }
    };
    assert!(!row.editable && row.refusal.is_none(), "unknown, not failed");
    assert_eq!(two.second.outbox_discard(args(&row)).await.unwrap_err().code, Code::NotFound);
    assert_eq!(two.second.outbox_retry(args(&row)).await.unwrap_err().code, Code::NotFound);
    two.heal().await;
    assert!(outbox(&two.second).await.is_empty());
    let found = two.first.search(SearchArgs { query: "Однажды".into(), limit: 5 }).await.unwrap().hits;
    assert_eq!(found.len(), 1, "once");
}
