//! Spending a certificate: by the gateway's yes alone. Without it the amount is held, and everybody can see that.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{
    Clinic, MANAGER,
    relay::{Fate, Relay},
    settled, sign_in,
};
use contract::ui::*;
use desk::Desk;
use domain::{CertificateId, Kopecks, Refusal, certificate::CertificateStatus};
use serde_json::json;

const CODE_BODY: &str = "STORY23456789";

/// Two desks and a certificate over 5000 roubles; the second desk's line can be cut.
async fn two_desks() -> (Clinic, Relay, Desk, Desk, CertificateId) {
    let (clinic, first) = Clinic::founded().await;
    let relay = Relay::to(clinic.gateway.router(), clinic.keychain.clone()).await;
    let second = clinic.desk_at(&clinic.dir.path().join("second"), "second").await;
    let code = first.invite().await.unwrap();
    let join = ConnectArgs { gateway: relay.url.clone(), code, desk_name: "Ресепшн 2".into() };
    second.connect(join).await.unwrap();
    let code = format!("{CODE_BODY}{}", domain::fold::check_char(CODE_BODY));
    let order = json!({"name": "Анна", "phone": "8 913 555-12-34", "certificate": {"code": code, "face_value": 5000}});
    clinic.visitor(order).await;
    settled(&first).await;
    settled(&second).await;
    sign_in(&second, MANAGER).await;
    let found = first.certificate_find(CertificateArgs { code }).await.unwrap().certificate.unwrap();
    assert!(found.redeemable && found.balance == Kopecks::roubles(5000) && found.as_of.is_some());
    (clinic, relay, first, second, found.id)
}

fn cut(relay: &Relay) {
    relay.decide(|_| Fate::Answered(500, Vec::new(), json!({})));
}

fn spend(id: &CertificateId, roubles: i64) -> RedeemArgs {
    RedeemArgs { id: id.clone(), amount: Kopecks::roubles(roubles) }
}

async fn card(desk: &Desk, id: &CertificateId) -> CertificateView {
    desk.certificate_card(CertificateByIdArgs { id: id.clone() }).await.unwrap()
}

/// Syncs until nothing is unsent any more, whatever was refused.
async fn decided(desk: &Desk) -> SyncView {
    for _ in 0..200 {
        let view = desk.sync(std::time::Duration::from_secs(20)).await.unwrap();
        if view.link == Link::Online && view.unsent == 0 {
            return view;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("not decided");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_link_the_gateway_decides_at_once_and_a_part_may_be_spent() {
    let (_clinic, _relay, first, second, id) = two_desks().await;
    let spent = first.certificate_redeem(spend(&id, 1500)).await.unwrap();
    assert_eq!((spent.outcome, spent.refusal), (RedeemOutcome::Confirmed, None));
    let certificate = spent.certificate;
    assert_eq!((certificate.balance, certificate.held), (Kopecks::roubles(3500), Kopecks(0)));
    assert_eq!(certificate.status, CertificateStatus::PartiallyRedeemed);
    let last = certificate.ledger.last().unwrap();
    assert_eq!((last.amount, last.certainty), (Kopecks::roubles(-1500), Certainty::Confirmed));
    decided(&second).await;
    assert_eq!(card(&second, &id).await.balance, Kopecks::roubles(3500));

    let too_much = first.certificate_redeem(spend(&id, 3501)).await.unwrap_err();
    assert_eq!(too_much.refusal, Some(Refusal::BalanceTooLow { balance: Kopecks::roubles(3500) }));
    for amount in [0, -1] {
        let args = RedeemArgs { id: id.clone(), amount: Kopecks(amount) };
        assert_eq!(first.certificate_redeem(args).await.unwrap_err().refusal, Some(Refusal::BadAmount));
    }
    let rest = first.certificate_redeem(spend(&id, 3500)).await.unwrap().certificate;
    assert!(rest.status == CertificateStatus::Redeemed && !rest.redeemable);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_link_the_amount_is_held_says_so_and_is_confirmed_later() {
    let (_clinic, relay, first, second, id) = two_desks().await;
    cut(&relay);
    let held = second.certificate_redeem(spend(&id, 2000)).await.unwrap();
    assert_eq!(held.outcome, RedeemOutcome::Held);
    assert_eq!((held.certificate.balance, held.certificate.held), (Kopecks::roubles(3000), Kopecks::roubles(2000)));
    assert_eq!(held.certificate.ledger.last().unwrap().certainty, Certainty::Saved);
    let over = second.certificate_redeem(spend(&id, 3001)).await.unwrap_err();
    assert_eq!(over.refusal, Some(Refusal::BalanceTooLow { balance: Kopecks::roubles(3000) }), "a hold counts");
    assert_eq!(card(&first, &id).await.balance, Kopecks::roubles(5000), "nobody else knows of it");

    relay.pass_everything();
    assert_eq!(decided(&second).await.refused, 0);
    let after = card(&second, &id).await;
    assert_eq!((after.balance, after.held), (Kopecks::roubles(3000), Kopecks(0)));
    assert_eq!(after.ledger.last().unwrap().certainty, Certainty::Confirmed);
    settled(&first).await;
    assert_eq!(card(&first, &id).await.balance, Kopecks::roubles(3000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_is_not_covered_any_more_comes_before_a_person() {
    let (_clinic, relay, first, second, id) = two_desks().await;
    cut(&relay);
    second.certificate_redeem(spend(&id, 2000)).await.unwrap();
    assert_eq!(first.certificate_redeem(spend(&id, 4000)).await.unwrap().outcome, RedeemOutcome::Confirmed);
    relay.pass_everything();
    assert_eq!(decided(&second).await.refused, 1);
    let row = second.outbox_list(Nothing {}).await.unwrap().remove(0);
    assert_eq!(row.refusal, Some(Refusal::BalanceTooLow { balance: Kopecks::roubles(1000) }));
    assert!(row.about.starts_with("Сертификат …") && row.editable);
    let certificate = card(&second, &id).await;
    assert_eq!((certificate.balance, certificate.held), (Kopecks::roubles(1000), Kopecks(0)));

    // what is left is taken instead
    let less = AmendArgs { id: row.id, draft: Draft::Redeem { amount: Kopecks::roubles(1000) } };
    second.outbox_amend(less).await.unwrap();
    assert_eq!(decided(&second).await.refused, 0);
    settled(&first).await;
    let last = card(&first, &id).await;
    assert_eq!((last.balance, last.status), (Kopecks(0), CertificateStatus::Redeemed));
}
