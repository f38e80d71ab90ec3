//! Spending a certificate: by the gateway's yes alone. Without it the amount is held, and everybody can see that.

use crate::common::{
    Clinic, MANAGER, RECEPTIONIST,
    relay::{Fate, Relay},
    second_desk, settled, sign_in, somebody,
};
use contract::ui::*;
use desk::Desk;
use domain::{CertificateId, Kopecks, Refusal, certificate::CertificateStatus};
use serde_json::json;

const CODE_BODY: &str = "STORY23456789";

/// Two desks and a certificate over 5000 roubles; the second desk's line can be cut.
async fn two_desks() -> (Clinic, Relay, Desk, Desk, CertificateId) {
    let (clinic, first) = Clinic::founded().await;
    let (relay, second) = second_desk(&clinic, &first).await;
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

fn step(id: &CertificateId, step: CertificateStep) -> CertificateStepArgs {
    CertificateStepArgs { id: id.clone(), step }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_reversed_on_its_day_by_a_manager_alone() {
    let (clinic, _relay, first, second, id) = two_desks().await;
    sign_in(&second, RECEPTIONIST).await;
    second.certificate_redeem(spend(&id, 1500)).await.unwrap();
    let spent = card(&second, &id).await;
    assert_eq!(spent.ledger.last().unwrap().reversible, None, "not offered to whoever may not");
    settled(&first).await;
    let redemption = card(&first, &id).await.ledger.last().unwrap().reversible.clone().unwrap();
    let reverse = || ReverseArgs { id: id.clone(), redemption: redemption.clone() };
    assert_eq!(second.certificate_reverse(reverse()).await.unwrap_err().code, Code::Forbidden);
    let back = first.certificate_reverse(reverse()).await.unwrap();
    assert_eq!((back.outcome, back.certificate.balance), (RedeemOutcome::Confirmed, Kopecks::roubles(5000)));
    assert!(back.certificate.ledger.iter().all(|row| row.reversible.is_none()), "not twice");
    assert_eq!(first.certificate_reverse(reverse()).await.unwrap_err().refusal, Some(Refusal::NoSuchRedemption));
    // the next day the till is closed
    let spent = first.certificate_redeem(spend(&id, 100)).await.unwrap().certificate;
    let late = spent.ledger.last().unwrap().reversible.clone().unwrap();
    clinic.clock.forward(24 * 3600);
    sign_in(&first, MANAGER).await;
    assert_eq!(card(&first, &id).await.ledger.last().unwrap().reversible, None);
    let late = ReverseArgs { id: id.clone(), redemption: late };
    assert_eq!(first.certificate_reverse(late).await.unwrap_err().refusal, Some(Refusal::TooLate));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_money_is_asked_back_kept_or_paid_and_a_lost_card_is_blocked() {
    let (_clinic, relay, first, second, id) = two_desks().await;
    sign_in(&second, RECEPTIONIST).await;
    assert_eq!(card(&second, &id).await.offers, [CertificateStep::Block], "a receptionist stops a lost card, no more");
    let blocked = second.certificate_step(step(&id, CertificateStep::Block)).await.unwrap();
    assert!(blocked.status == CertificateStatus::Blocked && !blocked.redeemable);
    assert_eq!(second.certificate_redeem(spend(&id, 1)).await.unwrap_err().refusal, Some(Refusal::CertificateBlocked));
    let unblock = second.certificate_step(step(&id, CertificateStep::Unblock)).await;
    assert_eq!(unblock.unwrap_err().code, Code::Forbidden);
    settled(&second).await;
    settled(&first).await;
    first.certificate_step(step(&id, CertificateStep::Unblock)).await.unwrap();

    let asked = first.certificate_step(step(&id, CertificateStep::RequestRefund)).await.unwrap();
    assert_eq!(asked.status, CertificateStatus::RefundRequested);
    assert!(asked.refund_due.is_some() && !asked.redeemable);
    let kept = first.certificate_step(step(&id, CertificateStep::Keep)).await.unwrap();
    assert!(kept.redeemable && kept.refund_due.is_none());
    let too_early = first.certificate_refund(spend(&id, 5000)).await.unwrap_err();
    assert_eq!(too_early.refusal, Some(Refusal::RefundNotRequested));
    first.certificate_step(step(&id, CertificateStep::RequestRefund)).await.unwrap();
    let part = first.certificate_refund(spend(&id, 2000)).await.unwrap();
    assert_eq!((part.outcome, part.certificate.balance), (RedeemOutcome::Confirmed, Kopecks::roubles(3000)));
    assert!(part.certificate.offers.contains(&CertificateStep::Refund), "the rest is still owed");
    let all = first.certificate_refund(spend(&id, 3000)).await.unwrap().certificate;
    assert_eq!((all.status, all.balance, all.offers.len()), (CertificateStatus::Refunded, Kopecks(0), 0));
    settled(&second).await;

    // without a link nobody is told that it was paid
    cut(&relay);
    sign_in(&second, MANAGER).await;
    let refused = second.certificate_refund(spend(&id, 1)).await.unwrap_err();
    assert_eq!(refused.refusal, Some(Refusal::RefundNotRequested));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_found_by_its_last_four_signs_and_guessing_is_slowed_down() {
    let (clinic, _relay, first, _second, id) = two_desks().await;
    let code = format!("{CODE_BODY}{}", domain::fold::check_char(CODE_BODY));
    let last4 = |text: &str| LastFourArgs { last4: text.to_owned() };
    let found = first.certificate_last4(last4(&code[code.len() - 4..].to_lowercase())).await.unwrap().found;
    assert_eq!((found.len(), found[0].id.clone()), (1, id.clone()));
    assert_eq!(first.certificate_last4(last4("123")).await.unwrap_err().field.as_deref(), Some("last4"));
    let mut wait = 0;
    for _ in 0..5 {
        wait = first.certificate_last4(last4("ZZZZ")).await.unwrap().wait_seconds;
    }
    assert!(wait > 0, "the fifth wrong one in a row begins a pause");
    // the pause is one for both ways of guessing, and the right code does not end it
    let whole = first.certificate_find(CertificateArgs { code: code.clone() }).await.unwrap();
    assert!(whole.certificate.is_none() && whole.wait_seconds > 0);
    clinic.clock.forward(i64::from(wait) + 1);
    let whole = first.certificate_find(CertificateArgs { code }).await.unwrap();
    assert_eq!(whole.certificate.unwrap().id, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_day_moves_on_and_a_blocked_buyer_stops_the_spending() {
    let (_clinic, _relay, first, second, id) = two_desks().await;
    let shown = card(&first, &id).await;
    let known = shown.expires_on.unwrap_or_else(|| chrono::Utc::now().date_naive());
    let later = known + chrono::Days::new(90);
    let extend = |expires_on| ExtendArgs { id: id.clone(), expires_on };
    if shown.expires_on.is_some() {
        assert_eq!(first.certificate_extend(extend(later)).await.unwrap().expires_on, Some(later));
        assert_eq!(first.certificate_extend(extend(known)).await.unwrap_err().refusal, Some(Refusal::BadDate));
    }
    sign_in(&second, RECEPTIONIST).await;
    assert_eq!(second.certificate_extend(extend(later)).await.unwrap_err().code, Code::Forbidden);
    let whom = BlockWhom::Phone { phone: "8 913 555-12-34".into(), person: None };
    let block = BlockArgs {
        whom,
        requester: domain::person::BlockRequester::Subject,
        ground: domain::person::BlockGround::Dispute,
        note: None,
    };
    second.person_block(block).await.unwrap();
    let covered = card(&second, &id).await;
    assert!(covered.buyer_blocked && !covered.redeemable && covered.buyer.as_deref() == Some(store::BLOCKED));
    assert_eq!(second.certificate_redeem(spend(&id, 1)).await.unwrap_err().refusal, Some(Refusal::PersonBlocked));
}

fn sale(receipt: &str) -> IssueArgs {
    IssueArgs {
        face_value: Kopecks::roubles(5000),
        expires_on: Some(chrono::Utc::now().date_naive() + chrono::Days::new(365)),
        person: None,
        buyer: Some("Орлова Вера".into()),
        recipient: None,
        receipt: receipt.into(),
    }
}

fn paper(id: &CertificateId, form: &str) -> CertificatePaperArgs {
    CertificatePaperArgs { id: id.clone(), form: form.into(), redemption: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_sold_at_the_desk_printed_and_found_at_the_other_one() {
    let (_clinic, _relay, first, second, _) = two_desks().await;
    let buyer = first.person_put(somebody("Орлова", "Вера")).await.unwrap().row.id;
    let sold = first.certificate_issue(IssueArgs { person: Some(buyer.clone()), ..sale("118") }).await.unwrap();
    assert_eq!(sold.outcome, RedeemOutcome::Confirmed);
    let certificate = sold.certificate;
    assert_eq!((certificate.balance, certificate.pending), (Kopecks::roubles(5000), false));
    assert_eq!((certificate.receipt.as_deref(), certificate.buyer.as_deref()), (Some("118"), Some("Орлова Вера")));
    let owned = first.certificates_of(PersonArgs { id: buyer }).await.unwrap();
    assert_eq!(owned.iter().map(|row| &row.id).collect::<Vec<_>>(), [&certificate.id]);

    for form in ["gift_certificate", "gift_card"] {
        let preview = first.certificate_paper(paper(&certificate.id, form)).await.unwrap();
        let pdf = first.paper_pdf(PaperArgs { paper: preview.paper }).await.unwrap();
        assert!(pdf.starts_with(b"%PDF"), "{form}");
    }
    decided(&second).await;
    assert_eq!(card(&second, &certificate.id).await.last4, certificate.last4);
    let ending = LastFourArgs { last4: certificate.last4.clone() };
    assert_eq!(second.certificate_last4(ending).await.unwrap().found[0].id, certificate.id);

    // its mark of redemption, and the day's money
    let spent = second.certificate_redeem(spend(&certificate.id, 1500)).await.unwrap().certificate;
    let redemption = spent.ledger.last().unwrap().redemption.clone();
    assert!(redemption.is_some());
    let mark = CertificatePaperArgs { redemption, ..paper(&certificate.id, "certificate_redemption") };
    second.certificate_paper(mark).await.unwrap();
    let closing = second.shift_closing(Nothing {}).await.unwrap();
    assert_eq!((closing.sold, closing.redeemed), (Kopecks::roubles(5000), Kopecks::roubles(1500)));

    // a slip in the amount is taken back whole, on the same day, while nobody has used it
    let slip = first.certificate_issue(sale("119")).await.unwrap().certificate;
    let row = slip.ledger[0].reversible.clone().unwrap();
    let back = first.certificate_reverse(ReverseArgs { id: slip.id.clone(), redemption: row }).await.unwrap();
    assert_eq!(back.certificate.status, CertificateStatus::Refunded);
    assert_eq!(card(&second, &certificate.id).await.ledger[0].reversible, None, "somebody has used it");
    for (field, wrong) in [("receipt", sale(" ")), ("buyer", IssueArgs { buyer: Some("\u{7}".into()), ..sale("120") })]
    {
        assert_eq!(first.certificate_issue(wrong).await.unwrap_err().field.as_deref(), Some(field));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_bought_a_spent_certificate_is_forgotten_and_one_with_money_outlives_its_buyer() {
    let (clinic, _relay, first, second, _) = two_desks().await;
    sign_in(&first, MANAGER).await;
    let buyer = first.person_put(somebody("Орлова", "Вера")).await.unwrap().row.id;
    let sell = async |receipt: &str| {
        let sold = first.certificate_issue(IssueArgs { person: Some(buyer.clone()), ..sale(receipt) }).await.unwrap();
        sold.certificate.id
    };
    let (spent, kept) = (sell("118").await, sell("119").await);
    first.certificate_redeem(spend(&spent, 5000)).await.unwrap();
    let stranger = first.certificate_issue(sale("120")).await.unwrap().certificate.id;
    first.certificate_redeem(spend(&stranger, 5000)).await.unwrap();
    settled(&first).await;
    clinic.clock.forward(40 * 24 * 3600);
    for desk in [&first, &second] {
        sign_in(desk, MANAGER).await;
    }
    let due = first.destruction_queue(Nothing {}).await.unwrap().rows;
    let row = |whose: DueWhose| due.iter().find(|row| row.whose == whose);
    let person = row(DueWhose::Person { person: buyer.clone() }).unwrap();
    assert_eq!((person.records, person.holds.len()), (2, 0), "the card and the spent certificate");
    assert!(row(DueWhose::Certificate { certificate: spent.clone() }).is_none(), "it goes with its buyer");
    assert!(row(DueWhose::Certificate { certificate: kept.clone() }).is_none(), "money is owed");
    let alone = row(DueWhose::Certificate { certificate: stranger.clone() }).unwrap();
    assert_eq!(alone.name, "Орлова Вера");

    let args = |whose| DestroyArgs {
        whose,
        ground: domain::case::EraseGround::TermOver,
        reason: String::new(),
        case: None,
        secret: MANAGER.1.into(),
    };
    let owed = first.destruction_run(args(vec![DueWhose::Certificate { certificate: kept.clone() }])).await;
    assert_eq!(owed.unwrap_err().field.as_deref(), Some("whose"));
    let all = due.iter().map(|row| row.whose.clone()).collect();
    let act = first.destruction_run(args(all)).await.unwrap().act.unwrap();
    settled(&first).await;
    settled(&second).await;
    for gone in [&spent, &stranger] {
        let card = second.certificate_card(CertificateByIdArgs { id: gone.clone() }).await;
        assert_eq!(card.unwrap_err().code, Code::NotFound);
    }
    assert_eq!(card(&first, &kept).await.balance, Kopecks::roubles(5000));
    let left = first.case_card(CaseArgs { id: act }).await.unwrap().destroyed.unwrap().left;
    assert!(left.iter().any(|words| words.contains("сертификат") && words.contains("5\u{a0}000,00")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_without_a_link_says_that_it_waits_and_nothing_of_it_is_printed_or_spent() {
    let (_clinic, relay, first, second, _) = two_desks().await;
    cut(&relay);
    let sold = second.certificate_issue(sale("118")).await.unwrap();
    assert_eq!(sold.outcome, RedeemOutcome::Held);
    let waits = sold.certificate;
    assert!(waits.pending && !waits.redeemable && waits.offers.is_empty());
    let refused = second.certificate_paper(paper(&waits.id, "gift_card")).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("certificate.pending"));
    let unknown = first.certificate_card(CertificateByIdArgs { id: waits.id.clone() }).await.unwrap_err();
    assert_eq!(unknown.code, Code::NotFound);

    relay.pass_everything();
    assert_eq!(decided(&second).await.refused, 0);
    let granted = card(&second, &waits.id).await;
    assert!(!granted.pending && granted.redeemable);
    second.certificate_paper(paper(&waits.id, "gift_card")).await.unwrap();
    settled(&first).await;
    assert_eq!(card(&first, &waits.id).await.balance, Kopecks::roubles(5000));
}
