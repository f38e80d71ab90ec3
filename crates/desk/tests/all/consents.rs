//! What people agreed to: unknown until somebody asks, proved by a paper, taken back in a word; and every call asks first.

use crate::common::{Clinic, RECEPTIONIST, settled, sign_in, somebody};
use contract::ui::*;
use desk::Desk;
use domain::{
    PaperId, PersonId,
    paper::Weight,
    person::{Channel, ConsentAnswer, ConsentKind, ConsentStatus},
};

async fn entered(desk: &Desk) -> PersonId {
    let args = PersonPutArgs { phones: vec!["89135551234".into()], ..somebody("Иванова", "Анна") };
    desk.person_put(args).await.unwrap().row.id
}

async fn printed(desk: &Desk, person: &PersonId, form: &str) -> PaperId {
    let preview = PreviewArgs::of(form, Some(person.clone()));
    let paper = desk.paper_preview(preview).await.unwrap().paper;
    desk.paper_print(PrintArgs::of(paper.clone(), 1)).await.unwrap();
    paper
}

fn said(person: &PersonId, kind: ConsentKind, answer: ConsentAnswer, paper: Option<PaperId>) -> ConsentArgs {
    let channel = if paper.is_some() { Channel::Paper } else { Channel::Phone };
    ConsentArgs { person: person.clone(), kind, answer, said_at: None, channel, paper, valid_until: None }
}

fn status(card: &PersonCard, kind: ConsentKind) -> ConsentStatus {
    card.consents.iter().find(|consent| consent.kind == kind).unwrap().status
}

async fn ask(desk: &Desk, person: &PersonId, purpose: Purpose) -> (bool, ContactWhy, usize) {
    let ask = ContactArgs { person: Some(person.clone()), request: None, purpose };
    let leave = desk.contact_ask(ask).await.unwrap();
    (leave.allowed, leave.why, leave.phones.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_unknown_then_given_on_paper_then_taken_back_at_once() {
    use ConsentAnswer as A;
    use ConsentKind as K;
    let (clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let anna = entered(&desk).await;
    let card = desk.person_card(PersonArgs { id: anna.clone() }).await.unwrap();
    assert_eq!(card.consents.len(), 5);
    assert!(card.consents.iter().all(|one| one.status == ConsentStatus::Unknown && one.history.is_empty()));
    assert_eq!(ask(&desk, &anna, Purpose::Advertising).await, (false, ContactWhy::NotAsked, 0));
    assert_eq!(ask(&desk, &anna, Purpose::Service).await, (true, ContactWhy::OwnRequest, 1));
    assert_eq!(ask(&desk, &anna, Purpose::Reminder).await, (false, ContactWhy::NoVisit, 0));

    // by word alone, or on the paper of something else, there is no consent
    let other = printed(&desk, &anna, "consent_pd").await;
    for paper in [None, Some(other)] {
        let error = desk.consent_record(said(&anna, K::Advertising, A::Given, paper)).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("paper"));
    }
    let paper = printed(&desk, &anna, "consent_advertising").await;
    let given = desk.consent_record(said(&anna, K::Advertising, A::Given, Some(paper.clone()))).await.unwrap();
    assert_eq!(status(&given, K::Advertising), ConsentStatus::Given);
    assert_eq!(status(&given, K::Newsletter), ConsentStatus::Unknown, "two purposes, two answers");
    let row = &given.consents.iter().find(|one| one.kind == K::Advertising).unwrap().history[0];
    assert_eq!((row.paper.clone(), row.channel, row.revision.is_some()), (Some(paper), Channel::Paper, true));
    assert_eq!(ask(&desk, &anna, Purpose::Advertising).await, (true, ContactWhy::Consented, 1));

    // «больше не звоните»: by phone, in any form
    clinic.clock.forward(60);
    let taken = desk.consent_record(said(&anna, K::Advertising, A::Withdrawn, None)).await.unwrap();
    assert_eq!(status(&taken, K::Advertising), ConsentStatus::Withdrawn);
    assert_eq!(
        taken.consents.iter().find(|one| one.kind == K::Advertising).unwrap().history.len(),
        2,
        "rows are added"
    );
    assert_eq!(ask(&desk, &anna, Purpose::Advertising).await, (false, ContactWhy::Withdrawn, 0));
    // what is entered late does not stand above what was said after it
    let early = taken.consents.iter().find(|one| one.kind == K::Advertising).unwrap().history[1].said_at;
    let late = ConsentArgs { said_at: Some(early), ..said(&anna, K::Advertising, A::Refused, None) };
    let still = desk.consent_record(late).await.unwrap();
    assert_eq!(status(&still, K::Advertising), ConsentStatus::Withdrawn);
    let future = ConsentArgs {
        said_at: Some(early + chrono::Duration::days(1)),
        ..said(&anna, K::Newsletter, A::Refused, None)
    };
    assert_eq!(desk.consent_record(future).await.unwrap_err().field.as_deref(), Some("said_at"));

    // a paper says why it should not be offered again
    desk.consent_record(said(&anna, K::Processing, A::Refused, None)).await.unwrap();
    let preview = PreviewArgs::of("consent_pd", Some(anna.clone()));
    let found = desk.paper_preview(preview).await.unwrap().findings;
    assert!(found.iter().any(|found| found.weight == Weight::Ask && found.words.contains("отказ")));
    settled(&desk).await;
    let after = desk.person_card(PersonArgs { id: anna }).await.unwrap();
    assert_eq!(status(&after, K::Advertising), ConsentStatus::Withdrawn, "the gateway says the same");
}
