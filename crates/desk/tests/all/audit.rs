//! The audit chain and what the gateway remembers of it: whoever puts an older database back, or cuts the chain and writes it
//! anew, is found out by somebody who is not at this computer.

use std::path::Path;

use crate::common::{Clinic, MANAGER, RECEPTIONIST, comes, register, second_desk, settled, sign_in};
use chrono::Utc;
use contract::ui::*;
use desk::Desk;

const TEN_MINUTES: i64 = 10 * 60 + 1;

async fn audit(desk: &Desk) -> AuditView {
    let today = Utc::now().date_naive();
    let (from, to) = (today.pred_opt().unwrap(), today.succ_opt().unwrap());
    desk.audit_view(AuditArgs { from, to }).await.unwrap()
}

/// Works, and has the head of it remembered.
async fn works(clinic: &Clinic, desk: &Desk, people: u32) {
    sign_in(desk, RECEPTIONIST).await;
    for n in 0..people {
        register(desk, &format!("Иванов-{n}")).await;
    }
    clinic.clock.forward(TEN_MINUTES);
    settled(desk).await;
    sign_in(desk, MANAGER).await;
}

fn copied(from: &Path, to: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let [from, to] = [from, to].map(|path| format!("{}{suffix}", path.display()));
        // a database that was closed has nothing beside it
        let _ = std::fs::remove_file(&to);
        if Path::new(&from).exists() {
            std::fs::copy(from, to).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_was_cut_and_written_anew_is_found_out_by_what_the_gateway_remembers() {
    let (clinic, desk) = Clinic::founded().await;
    works(&clinic, &desk, 2).await;
    let honest = audit(&desk).await;
    let AuditAnchor::Fits { n: before, .. } = honest.anchor else { panic!("{:?}", honest.anchor) };
    assert!(honest.ok && before > 0);

    // a copy of the file is set aside, more is done, and the copy is put back in its place
    let (file, aside) = (clinic.home().join("desk.db"), clinic.dir.path().join("aside.db"));
    desk.close().await;
    copied(&file, &aside);
    let desk = clinic.desk().await;
    works(&clinic, &desk, 5).await;
    let AuditAnchor::Fits { n: remembered, .. } = audit(&desk).await.anchor else {
        panic!("the chain was not remembered")
    };
    assert!(remembered > before);
    desk.close().await;
    copied(&aside, &file);

    let desk = clinic.desk().await;
    sign_in(&desk, MANAGER).await;
    let cut = audit(&desk).await;
    assert!(cut.ok, "the chain on the disk is whole in itself");
    let AuditAnchor::Cut { whole, n, .. } = &cut.anchor else { panic!("{:?}", cut.anchor) };
    assert!((before..remembered).contains(whole) && (whole + 1..=remembered).contains(n), "{whole} {n}, {remembered}");

    // it grows beyond what was remembered, and is another one all the same
    works(&clinic, &desk, 40).await;
    let grown = audit(&desk).await;
    assert!(grown.ok && grown.rows > remembered);
    assert_eq!(grown.anchor, cut.anchor);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_nothing_is_compared_and_that_is_said() {
    let (clinic, first) = Clinic::founded().await;
    let (relay, second) = second_desk(&clinic, &first).await;
    works(&clinic, &second, 1).await;
    assert!(matches!(audit(&second).await.anchor, AuditAnchor::Fits { .. }));
    sign_in(&first, MANAGER).await;
    assert!(matches!(audit(&first).await.anchor, AuditAnchor::Fits { .. }), "each has a chain of its own");
    relay.decide(|_| crate::common::relay::Fate::Answered(503, Vec::new(), serde_json::json!({})));
    let view = audit(&second).await;
    assert_eq!((view.ok, view.anchor), (true, AuditAnchor::NotCompared));
    relay.pass_everything();

    // the head goes out sparingly, and not at all when nothing was done
    relay.look_away();
    for _ in 0..5 {
        settled(&second).await;
    }
    assert_eq!(relay.saw("PUT /v1/audit/head"), 0);
    clinic.clock.forward(TEN_MINUTES);
    comes("the head of the chain", async || {
        settled(&second).await;
        (relay.saw("PUT /v1/audit/head") > 0).then_some(())
    })
    .await;
    for _ in 0..5 {
        settled(&second).await;
    }
    assert_eq!(relay.saw("PUT /v1/audit/head"), 1);
}
