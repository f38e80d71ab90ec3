//! What the link does beside the feed, after its last page: has the head of the audit chain remembered, and looks at the
//! policy of the site when it is time. What goes wrong with it is no failure of the feed.

use chrono::{DateTime, Duration, Utc};
use contract::v1::audit::AuditHead;

use super::Host;
use crate::{policy, trouble::DeskError};

/// A chain that grows is remembered once in so long.
const ANCHOR_AGAIN: Duration = Duration::minutes(10);

/// When the gateway was told of the audit chain last, and up to which row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchored {
    at: DateTime<Utc>,
    n: u64,
}

impl Host {
    pub(super) async fn look_beside(&mut self) {
        if let Err(error) = self.anchor_audit().await {
            tracing::warn!(%error, "the head of the audit chain is not remembered");
        }
        if let Err(error) = self.watch_policy().await {
            tracing::warn!(%error, "the policy of the site is not looked at");
        }
    }

    async fn anchor_audit(&mut self) -> Result<(), DeskError> {
        let at = self.clock.now();
        if self.anchored.is_some_and(|last| (Duration::zero()..ANCHOR_AGAIN).contains(&(at - last.at))) {
            return Ok(());
        }
        let (n, hash) = self.store.audit_head().await?;
        if n == 0 || self.anchored.is_some_and(|last| last.n == n) {
            return Ok(());
        }
        // what did not arrive goes again, and not at once
        self.anchored = Some(Anchored { at, n: 0 });
        self.transport.put_audit_head(&AuditHead { n, hash }).await?;
        self.anchored = Some(Anchored { at, n });
        Ok(())
    }

    async fn watch_policy(&self) -> Result<(), DeskError> {
        let Some(address) = policy::take_turn(&self.store, self.clock.now()).await? else { return Ok(()) };
        let (store, clock, board) = (self.store.clone(), self.clock.clone(), self.board.clone());
        // a site may take its time
        tokio::spawn(async move {
            match policy::look(&store, &address, clock.now()).await {
                Ok(_) => board.records_changed(),
                Err(error) => tracing::warn!(%error, "the policy of the site is not noted"),
            }
        });
        Ok(())
    }
}
