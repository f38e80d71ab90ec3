//! Heads of the desks' audit chains, remembered where no desk can reach them: a chain that was cut and written anew from
//! there is whole in itself and another one by these. What stands in a chain nobody here knows.

use chrono::TimeDelta;
use contract::v1::{
    ProblemCode,
    audit::{AuditHead, AuditHeads, LARGEST_ROW, RememberedHead},
};
use data_encoding::HEXLOWER;
use domain::DeskId;

use crate::{Failure, Gateway, GatewayError, db::Head};

/// Every head is kept so long; after that the last one of each day.
const WHOLE: TimeDelta = TimeDelta::days(2);
/// After so long a desk's last head alone.
const KEPT: TimeDelta = TimeDelta::days(400);

impl Gateway {
    /// Lets go of heads that later ones of their day stand for. How many.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn thin_audit_heads(&self) -> Result<u64, GatewayError> {
        let mut tx = self.storage().begin().await?;
        let gone = tx.thin_heads(self.now() - WHOLE, self.now() - KEPT).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// Remembers a head, unless it goes back.
pub(crate) async fn put_head(gateway: Gateway, desk: DeskId, head: AuditHead) -> Result<(), Failure> {
    if !(1..=LARGEST_ROW).contains(&head.n) {
        return Err(Failure::Misfit("n is no number of a row".into()));
    }
    let hash = HEXLOWER.decode(head.hash.as_bytes()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let hash = hash.ok_or(Failure::Misfit("hash is no SHA-256 in hexadecimal".into()))?;
    let mut tx = gateway.storage().begin().await?;
    if let Some(last) = tx.last_head(&desk).await? {
        if (last.n, last.hash) == (head.n, hash) {
            return Ok(());
        }
        if head.n <= last.n {
            tracing::warn!(%desk, n = head.n, remembered = last.n, "a desk's audit chain is not what it was");
            return Err(ProblemCode::AuditBehind.into());
        }
    }
    tx.add_head(&desk, &Head { n: head.n, hash, at: gateway.now() }).await?;
    Ok(tx.commit().await?)
}

/// What is remembered of a desk's chain.
pub(crate) async fn heads(gateway: &Gateway, desk: &DeskId) -> Result<AuditHeads, Failure> {
    let heads = gateway.storage().heads(desk).await?;
    let shown = |head: Head| RememberedHead { n: head.n, hash: HEXLOWER.encode(&head.hash), at: head.at };
    Ok(AuditHeads { heads: heads.into_iter().map(shown).collect(), server_time: gateway.now() })
}
