//! The audit chain for whoever reviews it: who did what, how often, whether the chain is whole, and whether it is the one
//! that the gateway remembers. No values: the chain has none.

use std::collections::BTreeMap;

use contract::ui::{AuditAnchor, AuditArgs, AuditLine, AuditSum, AuditView};

use super::{
    queue::count,
    scene::{Scene, instants_of},
};
use crate::{session::Seat, trouble::DeskError};

/// Rows that are shown; sums are of [`MOST`].
const SHOWN: usize = 300;
const MOST: u32 = 20_000;
/// The gateway is asked, and not waited for longer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3);

/// What was done in a span of days. Looking at it is itself noted.
pub(crate) async fn audit_view(seat: &Seat, args: AuditArgs) -> Result<AuditView, DeskError> {
    let scene = Scene::of(seat).await?;
    let (from, _) = instants_of(scene.zone(), args.from).ok_or(DeskError::BadInput("from"))?;
    let (_, to) = instants_of(scene.zone(), args.to).ok_or(DeskError::BadInput("to"))?;
    if from >= to {
        return Err(DeskError::BadInput("to"));
    }
    let store = &seat.open.store;
    seat.viewed("audit.view", seat.open.meta.desk.as_str()).await?;
    let report = store.audit_verify().await?;
    let rows = store.audit_between(from, to, MOST).await?;
    let by = |row: &store::AuditRow| row.entry.staff.as_ref().map(|id| scene.staff_name(id)).unwrap_or_default();
    let mut sums: BTreeMap<(String, String), u32> = BTreeMap::new();
    for row in &rows {
        *sums.entry((by(row), row.entry.verb.clone())).or_default() += 1;
    }
    let mut sums: Vec<AuditSum> = sums.into_iter().map(|((by, verb), count)| AuditSum { by, verb, count }).collect();
    sums.sort_by_key(|sum| std::cmp::Reverse(sum.count));
    let line = |row: &store::AuditRow| AuditLine {
        n: shown(row.n),
        at: row.entry.at,
        by: by(row),
        verb: row.entry.verb.clone(),
        subject: row.entry.subject.clone().unwrap_or_default(),
    };
    Ok(AuditView {
        ok: report.ok,
        rows: shown(report.rows),
        anchor: anchor(seat).await?,
        entries: rows.iter().take(SHOWN).map(line).collect(),
        more: count(rows.len()) > count(SHOWN),
        sums,
    })
}

/// Compares the chain with the heads that the gateway remembers. A chain that was cut and written anew is whole in itself: it
/// shows here alone.
async fn anchor(seat: &Seat) -> Result<AuditAnchor, DeskError> {
    let transport = seat.open.link.transport();
    let Ok(Ok(known)) = tokio::time::timeout(PATIENCE, transport.audit_heads()).await else {
        return Ok(AuditAnchor::NotCompared);
    };
    let numbers: Vec<u64> = known.heads.iter().map(|head| head.n).collect();
    let here = seat.open.store.audit_hashes(&numbers).await?;
    let mut whole = 0;
    for head in &known.heads {
        if here.get(&head.n) != Some(&head.hash) {
            return Ok(AuditAnchor::Cut { whole: shown(whole), n: shown(head.n), at: head.at });
        }
        whole = head.n;
    }
    Ok(known.heads.last().map_or(AuditAnchor::Nothing, |last| AuditAnchor::Fits { n: shown(last.n), at: last.at }))
}

fn shown(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
