//! What desks do, and what becomes of it.

use std::sync::Arc;

use axum::http::StatusCode;
use connectors::Connector;
use contract::v1::{ActionsRequest, Outcome, ProblemCode};
use domain::{
    Command, EntityRef, Refusal, State,
    appointment::{AppointmentStatus, CancelReason},
    decide::Clash,
    person::{BlockGround, BlockRequester, PersonSource},
    personal::{AppointmentPersonal, NotePersonal},
    request::{CallOutcome, CloseReason, RequestStatus},
    staff::{Role, Staff},
};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::world::{World, book, slot};

fn applied(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Applied { .. })
}

#[tokio::test]
async fn the_first_member_of_the_staff_founds_it_and_nobody_else_acts_before() {
    let world = World::founded().await;
    let entity: EntityRef = world.manager.clone().into();
    let receptionist = Command::StaffPut { staff: Staff::new(Role::Receptionist, true) };
    let outcome = world.do_it(world.sealed(&entity, 0, receptionist, &json!({}))).await;
    assert_eq!(outcome, Outcome::Rejected { refusal: Refusal::Forbidden });
    let manager = Command::StaffPut { staff: Staff::new(Role::Manager, true) };
    let outcome = world.do_it(world.sealed(&entity, 0, manager, &json!({}))).await;
    assert_eq!(outcome, Outcome::Applied { versions: vec![(entity, 1)] });
}

#[tokio::test]
async fn a_booking_out_of_a_request_converts_it_in_the_same_decision() {
    let world = World::staffed().await;
    let source = world.source(Connector::Form).await;
    let request = world.callback(&source, "Анна").await;
    let (person, visit) = (world.person().await, world.visit());
    let note = AppointmentPersonal { service: Some("Осмотр".to_owned()), note: None };
    let action = world.sealed(&visit.clone().into(), 0, book(slot(1, 1, 10), &person, Some(&request)), &note);
    let outcome = world.do_it(action).await;
    let both = vec![(EntityRef::from(visit.clone()), 1), (request.clone().into(), 2)];
    assert_eq!(outcome, Outcome::Applied { versions: both });

    let change = world.change_of(&visit.clone().into()).await;
    let opened: AppointmentPersonal = world.open(&visit.clone().into(), "main", &change.parts["main"]);
    assert_eq!(opened, note);
    let Some(State::Request(converted)) = world.change_of(&request.into()).await.state else { panic!("a request") };
    assert_eq!((converted.status, converted.appointment), (RequestStatus::Converted, Some(visit)));
}

#[tokio::test]
async fn a_lost_answer_costs_nothing() {
    let world = World::staffed().await;
    let source = world.source(Connector::Form).await;
    let entity: EntityRef = world.callback(&source, "Анна").await.into();
    let call = Command::RequestLogCall { outcome: CallOutcome::NoAnswer, next_try_at: None };
    let call = world.sealed(&entity, 1, call, &NotePersonal { text: "позже".to_owned() });
    let refused = world.plain(&world.visit().into(), 1, Command::AppointmentArrive);
    let first = world.push(&[call.clone(), refused.clone()]).await;
    assert!(applied(&first[0].outcome) && !first[0].duplicate);
    assert_eq!(first[1].outcome, Outcome::Rejected { refusal: Refusal::NotFound });
    let before = world.changes().await;

    let second = world.push(&[call, refused]).await;
    for (first, second) in first.iter().zip(&second) {
        assert!(second.duplicate);
        assert_eq!(first.outcome, second.outcome);
    }
    assert_eq!(world.changes().await, before, "nothing has happened twice");
}

#[tokio::test]
async fn an_id_is_used_for_one_payload_only() {
    let world = World::staffed().await;
    let source = world.source(Connector::Form).await;
    let entity: EntityRef = world.callback(&source, "Анна").await.into();
    let claim = world.plain(&entity, 1, Command::RequestClaim);
    assert!(applied(&world.do_it(claim.clone()).await));

    let mut other = claim.clone();
    other.action.command = Command::RequestClose { reason: CloseReason::Spam };
    let before = world.plain(&world.visit().into(), 1, Command::AppointmentArrive);
    let after = world.plain(&entity, 2, Command::RequestRelease);
    let push = ActionsRequest { actions: vec![before.clone(), other, after.clone()] };
    let reply = world.push_raw(&world.desk, &push).await;
    assert_eq!(reply.code(), ProblemCode::ActionIdReused);
    assert_eq!(reply.problem().action, Some(claim.action.id.clone()));

    let Some(State::Request(request)) = world.change_of(&entity).await.state else { panic!("a request") };
    assert_eq!(request.status, RequestStatus::Assigned, "what stood after it was not done");
    let again = world.push(&[before, after]).await;
    assert_eq!([again[0].duplicate, again[1].duplicate], [true, false], "what stood before it was");
}

#[tokio::test]
async fn the_same_action_spelt_otherwise_is_the_same_action() {
    let world = World::staffed().await;
    let source = world.source(Connector::Form).await;
    let entity: EntityRef = world.callback(&source, "Анна").await.into();
    let mut action = serde_json::to_value(world.plain(&entity, 1, Command::RequestClaim)).unwrap();
    // a field that this version of the gateway does not know
    action["action"]["mood"] = json!("good");
    let first: Value = world.push_raw(&world.desk, &json!({ "actions": [action] })).await.json();
    assert_eq!(first["results"][0]["duplicate"], false);
    let spaced = serde_json::to_string_pretty(&action).unwrap();
    let again: Value = serde_json::from_str(&spaced).unwrap();
    let second: Value = world.push_raw(&world.desk, &json!({ "actions": [again] })).await.json();
    assert_eq!(second["results"][0]["duplicate"], true);
    action["action"]["mood"] = json!("bad");
    assert_eq!(world.push_raw(&world.desk, &json!({ "actions": [action] })).await.code(), ProblemCode::ActionIdReused);
}

#[tokio::test]
async fn a_refusal_blocks_what_hangs_on_it_and_nothing_else() {
    let world = World::staffed().await;
    let source = world.source(Connector::Form).await;
    let (request, person) = (world.callback(&source, "Анна").await, world.person().await);
    let entity: EntityRef = request.clone().into();
    assert!(applied(&world.do_it(world.plain(&entity, 1, Command::RequestClose { reason: CloseReason::Spam })).await));

    let visit: EntityRef = world.visit().into();
    let claim = world.plain(&entity, 1, Command::RequestClaim);
    let booking = world.plain(&visit, 0, book(slot(1, 1, 10), &person, Some(&request)));
    let confirm = world.plain(&visit, 1, Command::AppointmentConfirm);
    let apart = world.plain(&world.visit().into(), 0, book(slot(2, 2, 10), &world.person().await, None));
    let push = [claim.clone(), booking, confirm, apart];
    let results = world.push(&push).await;
    let blocked = Outcome::BlockedBy { action: claim.action.id.clone() };
    assert_eq!(results[0].outcome, Outcome::Conflict { refusal: Refusal::RequestClosed });
    assert_eq!([&results[1].outcome, &results[2].outcome], [&blocked, &blocked]);
    assert!(applied(&results[3].outcome));

    // the refusal is remembered, what waited for it is not: without the claim the rest holds
    let again = world.push(&push[1..]).await;
    assert!(again[..2].iter().all(|result| applied(&result.outcome) && !result.duplicate));
}

#[tokio::test]
async fn an_edit_of_a_card_that_another_one_has_written_is_a_conflict() {
    let world = World::staffed().await;
    let person: EntityRef = world.person().await.into();
    let [first, second] = [json!({"v": 2}), json!({"v": 3})];
    let (first, second) = (world.edit(&person, &first).await, world.edit(&person, &second).await);
    // what only adds to the record writes nobody's card
    let block = Command::PersonBlock { requester: BlockRequester::Subject, ground: BlockGround::Dispute };
    assert!(applied(&world.do_it(world.plain(&person, 1, block)).await));
    assert!(applied(&world.do_it(first).await));
    let outcome = world.do_it(second).await;
    assert_eq!(outcome, Outcome::Conflict { refusal: Refusal::ChangedMeanwhile { version: 3 } });
    let change = world.change_of(&person).await;
    assert_eq!(
        world.open::<Value>(&person, "main", &change.parts["main"]),
        json!({"v": 2}),
        "a refused part is not kept"
    );
}

#[tokio::test]
async fn sealed_parts_are_those_that_the_action_carries() {
    let world = World::staffed().await;
    let bad = Outcome::Rejected { refusal: Refusal::BadSealedPart };
    let person: EntityRef = domain::PersonId::from_random(world.random()).into();
    let put = Command::PersonPut { source: PersonSource::DeskWalkin };
    assert_eq!(world.do_it(world.plain(&person, 0, put.clone())).await, bad, "missing");

    let mut odd = world.sealed(&person, 0, put.clone(), &json!({}));
    let part = odd.parts["main"].clone();
    odd.parts.insert("note:x".to_owned(), part);
    assert_eq!(world.do_it(odd).await, bad, "one too many");

    let mut stranger = world.sealed(&person, 0, put.clone(), &json!({}));
    stranger.parts.get_mut("main").unwrap().key_id = "0000000000000000".to_owned();
    let reply = world.push_raw(&world.desk, &ActionsRequest { actions: vec![stranger] }).await;
    assert_eq!(reply.code(), ProblemCode::KeyChanged, "to another clinic's key");

    for text in ["\0", "AAAA AAAA", "я"] {
        let mut garbled = world.sealed(&person, 0, put.clone(), &json!({}));
        garbled.parts.get_mut("main").unwrap().data = text.to_owned();
        assert_eq!(world.do_it(garbled).await, bad, "no base64url: {text:?}");
    }
    assert!(applied(&world.do_it(world.sealed(&person, 0, put, &json!({}))).await));
}

#[tokio::test]
async fn another_clinic_is_not_put_beside_this_one() {
    let world = World::staffed().await;
    let Some(State::Clinic(clinic)) = world.change_of(&world.clinic.clone().into()).await.state else {
        panic!("a clinic")
    };
    let other = domain::ClinicId::from_random(world.random());
    let outcome = world.do_it(world.plain(&other.into(), 0, Command::ClinicPut { clinic: Box::new(clinic) })).await;
    assert_eq!(outcome, Outcome::Rejected { refusal: Refusal::NotFound });
}

#[tokio::test]
async fn a_slot_is_free_again_after_a_cancel_and_taken_after_a_restore() {
    let world = World::staffed().await;
    let people = [world.person().await, world.person().await];
    let visits: [EntityRef; 2] = [world.visit().into(), world.visit().into()];
    assert!(applied(&world.do_it(world.plain(&visits[0], 0, book(slot(1, 1, 10), &people[0], None))).await));
    let second = book(slot(1, 2, 10), &people[1], None);
    let clash = |visit: &EntityRef| {
        let EntityRef::Appointment(by) = visit.clone() else { panic!("a visit") };
        Outcome::Conflict { refusal: Refusal::SlotTaken { clash: Clash::Practitioner, by } }
    };
    assert_eq!(world.do_it(world.plain(&visits[1], 0, second.clone())).await, clash(&visits[0]));
    let cancel = Command::AppointmentCancel { reason: CancelReason::Patient };
    assert!(applied(&world.do_it(world.plain(&visits[0], 1, cancel)).await));
    assert!(applied(&world.do_it(world.plain(&visits[1], 0, second)).await));
    assert_eq!(world.do_it(world.plain(&visits[0], 2, Command::AppointmentRestore)).await, clash(&visits[1]));
    let aside = Command::AppointmentMove { slot: slot(1, 2, 11) };
    assert!(applied(&world.do_it(world.plain(&visits[1], 1, aside)).await));
    assert!(applied(&world.do_it(world.plain(&visits[0], 2, Command::AppointmentRestore)).await));
}

/// Two desks book one slot at the same moment, again and again: one of them gets it, every time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_desks_race_for_a_slot_and_one_gets_it() {
    let world = Arc::new(World::staffed().await);
    let desks = [world.desk.clone(), world.second_desk().await];
    let people = [world.person().await, world.person().await];
    for round in 0..12_u8 {
        let barrier = Arc::new(Barrier::new(2));
        let mut runs = Vec::new();
        for n in 0..2_usize {
            // by turns the doctor, the chair and the person is what both want
            let (doctor, chair) = ((round % 3 != 0) as u8 * n as u8, (round % 3 != 1) as u8 * n as u8);
            let person = if round % 3 == 2 { &people[0] } else { &people[n] };
            let visit = world.visit();
            let wanted = slot(10 + doctor, 20 + chair, 8 + u32::from(round));
            let action = world.plain(&visit.into(), 0, book(wanted, person, None));
            let (world, desk, barrier) = (world.clone(), desks[n].clone(), barrier.clone());
            runs.push(tokio::spawn(async move {
                barrier.wait().await;
                world.push_as(&desk, &[action]).await.remove(0).outcome
            }));
        }
        let mut outcomes = Vec::new();
        for run in runs {
            outcomes.push(run.await.unwrap());
        }
        let taken = |o: &Outcome| matches!(o, Outcome::Conflict { refusal: Refusal::SlotTaken { .. } });
        assert_eq!(outcomes.iter().filter(|o| applied(o)).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|o| taken(o)).count(), 1, "{outcomes:?}");
    }
    let visits = world.changes().await.into_iter().filter_map(|change| match change.state {
        Some(State::Appointment(visit)) if visit.status == AppointmentStatus::Booked => Some(visit),
        _ => None,
    });
    assert_eq!(visits.count(), 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_desks_race_for_a_request_and_one_has_it() {
    let world = Arc::new(World::staffed().await);
    let desks = [world.desk.clone(), world.second_desk().await];
    let source = world.source(Connector::Form).await;
    for n in 0..8 {
        let entity: EntityRef = world.callback(&source, &format!("Имя {n}")).await.into();
        let barrier = Arc::new(Barrier::new(2));
        let runs = desks.clone().map(|desk| {
            let (world, barrier) = (world.clone(), barrier.clone());
            let action = world.plain(&entity, 1, Command::RequestClaim);
            tokio::spawn(async move {
                barrier.wait().await;
                (desk.id.clone(), world.push_as(&desk, &[action]).await.remove(0).outcome)
            })
        });
        let mut winners = Vec::new();
        for run in runs {
            match run.await.unwrap() {
                (desk, Outcome::Applied { .. }) => winners.push(desk),
                (_, outcome) => assert_eq!(outcome, Outcome::Conflict { refusal: Refusal::ClaimedByOther }),
            }
        }
        let Some(State::Request(request)) = world.change_of(&entity).await.state else { panic!("a request") };
        assert_eq!(winners, [request.claim.unwrap().desk]);
    }
}

/// The same push arrives twice at once, as when a desk has given up waiting: it is done once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_push_twice_at_once_is_done_once() {
    let world = Arc::new(World::staffed().await);
    let source = world.source(Connector::Form).await;
    let entity: EntityRef = world.callback(&source, "Анна").await.into();
    for _ in 0..8 {
        let call = Command::RequestLogCall { outcome: CallOutcome::NoAnswer, next_try_at: None };
        let action = world.plain(&entity, 1, call);
        let runs = [0, 1].map(|_| {
            let (world, action) = (world.clone(), action.clone());
            tokio::spawn(async move { world.push(&[action]).await.remove(0) })
        });
        let mut duplicates = 0;
        for run in runs {
            let result = run.await.unwrap();
            assert!(applied(&result.outcome));
            duplicates += u32::from(result.duplicate);
        }
        assert_eq!(duplicates, 1);
    }
    let Some(State::Request(request)) = world.change_of(&entity).await.state else { panic!("a request") };
    assert_eq!(request.attempts.len(), 8);
}

#[tokio::test]
async fn an_unknown_command_stops_the_push_before_anything_is_done() {
    let world = World::staffed().await;
    let good = world.plain(&world.visit().into(), 1, Command::AppointmentArrive);
    let mut odd = serde_json::to_value(world.plain(&world.visit().into(), 1, Command::AppointmentArrive)).unwrap();
    odd["action"]["command"]["do"] = json!("levitate");
    let reply = world.push_raw(&world.desk, &json!({ "actions": [good, odd] })).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::UNPROCESSABLE_ENTITY, ProblemCode::Validation));
    assert_eq!(reply.problem().action.unwrap().as_str(), odd["action"]["id"]);
    assert!(!world.push(&[good]).await[0].duplicate);
}
