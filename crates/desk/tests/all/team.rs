//! From one shift to the next: who works, the note for whoever comes, and what is left before going home.

use crate::common::{Clinic, MANAGER, RECEPTIONIST, relay::Fate, second_desk, settled, sign_in};
use contract::ui::*;
use desk::Desk;
use domain::{Kopecks, certificate::LedgerKind};
use serde_json::json;

async fn team(desk: &Desk) -> TeamView {
    desk.shift_team(Nothing {}).await.unwrap()
}

fn note(text: &str) -> HandOverArgs {
    HandOverArgs { text: text.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_left_at_one_desk_and_taken_over_at_another() {
    let (clinic, first) = Clinic::founded().await;
    let (relay, second) = second_desk(&clinic, &first).await;
    sign_in(&first, RECEPTIONIST).await;
    first.shift_start(Nothing {}).await.unwrap();
    let seen = team(&first).await;
    assert!(seen.notes.is_empty() && seen.working.len() == 1 && seen.working[0].me && seen.working[0].here);
    assert_eq!(first.shift_note(note("  ")).await.unwrap_err().field.as_deref(), Some("text"));
    first.shift_note(note("Черновик")).await.unwrap();
    let left = first.shift_note(note("П. С. обещали позвонить в 15:00")).await.unwrap();
    assert_eq!(left.notes.len(), 1, "one note stands from each");
    assert!(left.notes[0].mine);
    settled(&first).await;

    // the next one comes to the other desk, where the line is down
    settled(&second).await;
    relay.decide(|_| Fate::Answered(500, Vec::new(), json!({})));
    sign_in(&second, MANAGER).await;
    second.shift_start(Nothing {}).await.unwrap();
    let seen = team(&second).await;
    assert_eq!(seen.working.len(), 2);
    let row = &seen.notes[0];
    assert_eq!((row.text.as_str(), row.by.as_str(), row.mine), ("П. С. обещали позвонить в 15:00", "Аннина А.", false));
    let take = TakeOverArgs { staff: row.staff.clone(), note: row.note.clone() };
    let taken = second.shift_take(take.clone()).await.unwrap().notes.remove(0);
    assert_eq!((taken.taken_by.as_deref(), taken.certainty), (Some("Верина В."), Certainty::Saved));
    relay.pass_everything();
    settled(&second).await;
    settled(&first).await;
    assert_eq!(team(&first).await.notes[0].taken_by.as_deref(), Some("Верина В."));
    // whoever was first stays; a day later it is out of sight
    first.shift_take(take).await.unwrap();
    assert_eq!(team(&first).await.notes[0].taken_by.as_deref(), Some("Верина В."));
    clinic.clock.forward(21 * 3600);
    sign_in(&first, RECEPTIONIST).await;
    let later = team(&first).await;
    assert!(later.notes.is_empty() && later.working.is_empty(), "who forgot to end a shift does not work for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_edits_somebody_who_works_and_neither_is_lost() {
    let (clinic, first) = Clinic::founded().await;
    let (relay, second) = second_desk(&clinic, &first).await;
    sign_in(&second, RECEPTIONIST).await;
    let anna =
        first.settings_view(Nothing {}).await.unwrap().staff.into_iter().find(|row| row.login == "anna").unwrap();
    relay.decide(|_| Fate::Answered(500, Vec::new(), json!({})));
    second.shift_start(Nothing {}).await.unwrap();
    second.shift_note(note("Ключ от сейфа у врача")).await.unwrap();
    let renamed = StaffArgs {
        id: Some(anna.id),
        etag: anna.etag,
        name: crate::common::name("Петрова", "Анна"),
        role: anna.role,
        login: anna.login,
        secret: None,
        active: true,
    };
    first.settings_staff(renamed).await.unwrap();
    settled(&first).await;
    relay.pass_everything();
    assert_eq!(settled(&second).await.refused, 0, "a shift is no edit of the record");
    settled(&first).await;
    for desk in [&first, &second] {
        let seen = team(desk).await;
        assert_eq!(
            (seen.working[0].name.as_str(), seen.notes[0].text.as_str()),
            ("Петрова А.", "Ключ от сейфа у врача")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_going_home_the_certificates_are_held_against_the_receipts() {
    let (clinic, desk) = Clinic::founded().await;
    let order = json!({"name": "Покупатель", "phone": "+79135551234",
        "certificate": {"code": "AB2C-D3EF", "face_value": 5000, "buyer": "Покупатель", "paid": true}});
    clinic.visitor(order).await;
    clinic.visitor(json!({"name": "Семёнов Пётр", "phone": "8 913 555-12-34"})).await;
    settled(&desk).await;
    desk.shift_start(Nothing {}).await.unwrap();
    let found = desk.certificate_find(CertificateArgs { code: "AB2CD3EF".into() }).await.unwrap().certificate.unwrap();
    let spend = |roubles| RedeemArgs { id: found.id.clone(), amount: Kopecks::roubles(roubles) };
    desk.certificate_redeem(spend(1500)).await.unwrap();
    let wrong = desk.certificate_redeem(spend(700)).await.unwrap().certificate;
    let redemption = wrong.ledger.last().unwrap().reversible.clone().unwrap();
    desk.certificate_reverse(ReverseArgs { id: found.id.clone(), redemption }).await.unwrap();
    let queue = desk.queue_list(QueueArgs { filter: QueueFilter::Free }).await.unwrap().rows;
    let held = queue.iter().find(|row| row.name == "Семёнов Пётр").unwrap();
    desk.request_claim(RequestArgs { id: held.id.clone() }).await.unwrap();
    let free = desk.queue_list(QueueArgs { filter: QueueFilter::Free }).await.unwrap().rows;
    assert!(free.iter().all(|row| row.id != held.id));
    settled(&desk).await;

    let left = desk.shift_closing(Nothing {}).await.unwrap();
    let kinds: Vec<_> = left.money.iter().map(|row| (row.kind, row.amount.0)).collect();
    use LedgerKind::{Redeem, RedeemReversal};
    assert_eq!(kinds, [(Redeem, -150_000), (Redeem, -70_000), (RedeemReversal, 70_000)]);
    assert_eq!((left.redeemed, left.refunded), (Kopecks::roubles(1500), Kopecks(0)));
    assert!(left.started.is_some() && left.mine == 1 && left.unsent == 0);
    assert_eq!(left.money[0].last4, "D3EF");

    let below = ShiftEndArgs { receipts: Some(Kopecks(-1)), shredded: true };
    assert_eq!(desk.shift_end(below).await.unwrap_err().field.as_deref(), Some("receipts"));
    desk.shift_end(ShiftEndArgs { receipts: Some(Kopecks::roubles(1400)), shredded: true }).await.unwrap();
    assert!(team(&desk).await.working.is_empty());
    let noted = desk.audit_tail(3).await.unwrap();
    let row = noted.iter().find(|row| row.entry.verb == "desk.shift_end").unwrap();
    assert_eq!(row.entry.detail.as_deref(), Some("receipts=-10000 shredded=yes"));
}
