//! Many desks want the same thing at the same moment: exactly one gets it. On PostgreSQL the desks are spread over several
//! gateways on one database, as behind one address.

use std::sync::Arc;

use axum::Router;
use chrono::Duration;
use connectors::Connector;
use contract::v1::{ActionEnvelope, ActionsRequest, ActionsResponse, Outcome};
use domain::{
    CertificateId, Command, EntityRef, Kopecks, PersonId, Refusal, RequestId, State,
    appointment::{CancelReason, Slot},
};
use gateway::Gateway;
use serde_json::json;
use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    ON_POSTGRES,
    world::{Desk, World, ask, book, post, slot},
};

/// Desks that want it.
const DESKS: usize = 8;
const ROUNDS: usize = 200;
/// Gateways on the same database.
const GATEWAYS: usize = if ON_POSTGRES { 3 } else { 1 };

/// A clinic with as many desks, and the gateways that they use in turn.
struct Crowd {
    world: World,
    desks: Vec<(Desk, Router)>,
    gateways: Vec<Gateway>,
}

impl Crowd {
    async fn gather() -> Self {
        let world = World::staffed().await;
        let mut gateways = vec![world.gateway.clone()];
        while gateways.len() < GATEWAYS {
            gateways.push(Gateway::open_with_clock(world.place.config(), world.clock.clone()).await.unwrap());
        }
        let mut desks = Vec::new();
        for n in 0..DESKS {
            desks.push((world.second_desk().await, gateways[n % gateways.len()].router()));
        }
        Self { world, desks, gateways }
    }

    /// Each desk does its own action, all from the same moment; the outcomes in the order of the desks.
    async fn at_once(&self, actions: Vec<ActionEnvelope>) -> Vec<Outcome> {
        assert_eq!(actions.len(), DESKS);
        let start = Arc::new(Barrier::new(DESKS));
        let mut running = JoinSet::new();
        for (n, (action, (desk, router))) in actions.into_iter().zip(&self.desks).enumerate() {
            let (start, router) = (start.clone(), router.clone());
            let request = post("/v1/actions", Some(&desk.token), &ActionsRequest { actions: vec![action] });
            running.spawn(async move {
                start.wait().await;
                let response: ActionsResponse = ask(&router, request).await.json();
                (n, response.results.into_iter().next().unwrap().outcome)
            });
        }
        let mut outcomes = running.join_all().await;
        outcomes.sort_by_key(|(n, _)| *n);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    async fn close(self) {
        for gateway in &self.gateways {
            gateway.close().await.unwrap();
        }
    }
}

/// The one that was applied; every other one must be refused so.
fn winner(outcomes: &[Outcome], refused: impl Fn(&Refusal) -> bool) -> usize {
    let applied: Vec<_> =
        (0..outcomes.len()).filter(|n| matches!(outcomes[*n], Outcome::Applied { .. })).collect();
    let [winner] = applied[..] else { panic!("applied {} times: {outcomes:?}", applied.len()) };
    for (n, outcome) in outcomes.iter().enumerate() {
        let fits = matches!(outcome, Outcome::Conflict { refusal } if refused(refusal));
        assert!(n == winner || fits, "{outcome:?}");
    }
    winner
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_slot_has_one_visit_however_many_desks_book_it() {
    let crowd = Crowd::gather().await;
    let mut people: Vec<PersonId> = Vec::new();
    for _ in 0..DESKS {
        people.push(crowd.world.person().await);
    }
    for round in 0..ROUNDS {
        // by the doctor in even rounds, by the chair in odd ones; the times only touch
        let wanted = |n: usize| -> Slot {
            let other = u8::try_from(10 + n).unwrap();
            let mut slot = if round % 2 == 0 { slot(1, other, 9) } else { slot(other, 1, 9) };
            let later = Duration::minutes(30 * i64::try_from(round).unwrap());
            (slot.start, slot.end) = (slot.start + later, slot.end + later);
            slot
        };
        let visits: Vec<_> = (0..DESKS).map(|_| crowd.world.visit()).collect();
        let actions = (0..DESKS).map(|n| {
            crowd.world.plain(&visits[n].clone().into(), 0, book(wanted(n), &people[n], None))
        });
        let outcomes = crowd.at_once(actions.collect()).await;
        let winner = winner(&outcomes, |refusal| matches!(refusal, Refusal::SlotTaken { .. }));
        for outcome in &outcomes {
            if let Outcome::Conflict { refusal: Refusal::SlotTaken { by, .. } } = outcome {
                assert_eq!(by, &visits[winner], "the desk is told who was first");
            }
        }
    }
    crowd.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_request_is_worked_on_by_one_desk() {
    let crowd = Crowd::gather().await;
    let form = crowd.world.source(Connector::Form).await;
    let request: RequestId = crowd.world.callback(&form, "Анна").await;
    let entity = EntityRef::from(request);
    for _ in 0..ROUNDS {
        let actions = (0..DESKS).map(|_| crowd.world.plain(&entity, 1, Command::RequestClaim));
        let outcomes = crowd.at_once(actions.collect()).await;
        winner(&outcomes, |refusal| matches!(refusal, Refusal::ClaimedByOther));
        // nobody works on it for so long: the next round
        crowd.world.clock.advance(Duration::hours(1));
    }
    crowd.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_certificate_is_spent_once() {
    let crowd = Crowd::gather().await;
    let form = crowd.world.source(Connector::Form).await;
    let (value, rest) = (500_000, 99);
    for round in 0..ROUNDS {
        let certificate = EntityRef::from(certificate(&crowd.world, &form, round).await);
        let amount = Kopecks(value - rest);
        let actions =
            (0..DESKS).map(|_| crowd.world.plain(&certificate, 1, Command::CertificateRedeem { amount }));
        let outcomes = crowd.at_once(actions.collect()).await;
        winner(&outcomes, |refusal| *refusal == Refusal::BalanceTooLow { balance: Kopecks(rest) });
        if round % 20 == 0 {
            let Some(State::Certificate(state)) = crowd.world.change_of(&certificate).await.state else {
                panic!("a certificate")
            };
            assert_eq!((state.balance(), state.ledger.len()), (Kopecks(rest), 2));
        }
        // sources are slowed down that send more than a person types
        crowd.world.clock.advance(Duration::minutes(1));
    }
    crowd.close().await;
}

/// A certificate that a site has sold.
async fn certificate(world: &World, form: &gateway::SourceUrl, n: usize) -> CertificateId {
    let body = json!({ "name": format!("Имя {n}"), "certificate": { "code": format!("CODE{n}"), "face_value": 5000 } });
    let reply = world.submit(form, "application/json", body.to_string()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let request: RequestId = reply.json::<serde_json::Value>()["id"].as_str().unwrap().parse().unwrap();
    match world.change_of(&request.into()).await.state {
        Some(State::Request(request)) => request.certificate.expect("sold"),
        other => panic!("{other:?}"),
    }
}

/// Behind the rule stand the constraints: here the rule is blind, and they see.
#[tokio::test]
async fn what_the_rule_overlooks_is_refused_by_the_database_and_told_as_a_refusal() {
    let world = World::staffed().await;
    let person = world.person().await;
    let first = world.visit();
    let booked = world.do_it(world.plain(&first.clone().into(), 0, book(slot(1, 1, 10), &person, None))).await;
    assert!(matches!(booked, Outcome::Applied { .. }));
    let cancel = Command::AppointmentCancel { reason: CancelReason::Patient };
    world.do_it(world.plain(&first.clone().into(), 1, cancel)).await;
    // a row that was left behind: the rule sees a cancelled visit, the constraint a slot that is taken
    let (start, end) = (slot(1, 1, 10).start.and_utc().timestamp(), slot(1, 1, 10).end.and_utc().timestamp());
    world
        .place
        .sql(&format!(
            "INSERT INTO slot (appointment, practitioner, chair, person, starts, ends) VALUES ('{first}', '{}', '{}', '{person}', {start}, {end})",
            slot(1, 1, 10).practitioner,
            slot(1, 1, 10).chair,
        ))
        .await;
    let other = world.person().await;
    for (wanted, person, clash) in [
        (slot(1, 2, 10), &other, domain::decide::Clash::Practitioner),
        (slot(2, 1, 10), &other, domain::decide::Clash::Chair),
        (slot(2, 2, 10), &person, domain::decide::Clash::Person),
    ] {
        let action = world.plain(&world.visit().into(), 0, book(wanted, person, None));
        let refusal = Refusal::SlotTaken { clash, by: first.clone() };
        assert_eq!(world.do_it(action.clone()).await, Outcome::Conflict { refusal: refusal.clone() });
        let again = world.push(&[action]).await.remove(0);
        assert_eq!((again.duplicate, again.outcome), (true, Outcome::Conflict { refusal }), "remembered");
    }
    // side by side is no clash
    let next = world.plain(&world.visit().into(), 0, book(slot(1, 1, 11), &other, None));
    assert!(matches!(world.do_it(next).await, Outcome::Applied { .. }));

    let form = world.source(Connector::Form).await;
    let certificate = EntityRef::from(certificate(&world, &form, 1).await);
    world.place.sql("UPDATE purse SET balance = 100").await;
    let redeem = world.plain(&certificate, 1, Command::CertificateRedeem { amount: Kopecks(101) });
    let refusal = Refusal::BalanceTooLow { balance: Kopecks(100) };
    assert_eq!(world.do_it(redeem).await, Outcome::Conflict { refusal });
    let redeem = world.plain(&certificate, 1, Command::CertificateRedeem { amount: Kopecks(100) });
    assert!(matches!(world.do_it(redeem).await, Outcome::Applied { .. }));
}
