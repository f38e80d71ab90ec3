//! The desks that are in: their tokens, their versions, and how they are let go.
//!
//! - A token is exchanged without a gap: the new one is made beside the old one, and the old one dies when the new one is
//!   used for the first time. An answer that is lost, or a desk that crashed before it had stored the new one, costs
//!   nothing.
//! - A desk that was let go hears so with its next request, and its stream of pokes ends.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use contract::v1::{ProblemCode, RevokeRequest, TokenResponse};
use domain::{DeskId, State, staff::Permission};
use seal::token;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    Failure, Gateway, GatewayError, Version,
    db::{Caller, EnrolledDesk, StorageError, Transaction},
    suppression::Entry,
};

/// So long a desk may be away without having to pull everything anew.
pub(crate) const TOMBSTONES_LAST: TimeDelta = TimeDelta::days(90);
/// What was heard of desks is noted so often.
const NOTE_EVERY: Duration = Duration::from_secs(120);
/// Tombstones are looked through so often, in rounds of [`NOTE_EVERY`].
const PURGE_EVERY: u32 = 12 * 30;

/// When a desk was heard of last, and what it said it runs.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) at: DateTime<Utc>,
    pub(crate) version: Option<Version>,
    /// When it had everything last, if this process knows.
    pub(crate) caught_up_at: Option<DateTime<Utc>>,
}

impl Gateway {
    /// Every desk that ever enrolled, oldest first.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn desks(&self) -> Result<Vec<EnrolledDesk>, GatewayError> {
        Ok(self.storage().desks().await?)
    }

    /// Takes a desk's access away: its next request is refused and its stream of pokes ends. False: there is no such desk.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn revoke_desk(&self, desk: &DeskId) -> Result<bool, GatewayError> {
        let tx = self.storage().begin().await?;
        let found = self.release(tx, desk).await?;
        if found {
            tracing::info!(%desk, "desk revoked");
        }
        Ok(found)
    }

    /// Lets a desk go and tells the others, who have to change the clinic's key now. False: there is no such desk.
    async fn release(&self, mut tx: Box<dyn Transaction>, desk: &DeskId) -> Result<bool, StorageError> {
        if !tx.revoke_desk(desk, self.now()).await? {
            return Ok(false);
        }
        // whoever has it could come in by a code of its own before the key is changed
        tx.withdraw_invites(desk, self.now()).await?;
        // the feed stands still by it, but whoever listens must look
        let seq = tx.next_seq().await?;
        self.note(&Entry::Revoked(desk.clone()));
        tx.commit().await?;
        self.inner.listeners.dismiss(desk);
        self.poke(seq);
        Ok(true)
    }

    /// Forgets what was erased more than 90 days ago. A desk that was away for longer pulls from the beginning.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn purge_tombstones(&self) -> Result<u64, GatewayError> {
        let mut tx = self.storage().begin().await?;
        let gone = tx.purge_tombstones(self.now() - TOMBSTONES_LAST).await?;
        tx.commit().await?;
        Ok(gone)
    }

    /// The desk of a token, and who it is from now on.
    pub(crate) async fn caller(&self, digest: &str) -> Result<Caller, Failure> {
        let caller = self.storage().caller(digest).await?.ok_or(ProblemCode::Unauthorized)?;
        if caller.revoked {
            return Err(ProblemCode::DeskRevoked.into());
        }
        if caller.first_use {
            let (gateway, desk, digest) = (self.clone(), caller.desk.clone(), digest.to_owned());
            Self::to_the_end(async move {
                let mut tx = gateway.storage().begin().await?;
                tx.take_token(&desk, &digest).await?;
                Ok(tx.commit().await?)
            })
            .await?;
        }
        Ok(caller)
    }

    /// Turns away what is older than the clinic's minimum. A desk that does not say its version is older than any.
    pub(crate) fn fits(&self, version: Option<&Version>) -> Result<(), Failure> {
        match &self.inner.min_desk_version {
            Some(minimum) if version.is_none_or(|version| version < minimum) => {
                Err(Failure::TooOld { minimum: minimum.clone() })
            }
            _ => Ok(()),
        }
    }

    /// A desk was heard of.
    pub(crate) fn saw(&self, desk: &DeskId, version: Option<Version>) {
        let mut known = self.seen();
        let caught_up_at = known.get(desk).and_then(|seen| seen.caught_up_at);
        known.insert(desk.clone(), Seen { at: self.now(), version, caught_up_at });
    }

    /// A desk has shown that it has everything up to now, tombstones too.
    pub(crate) fn caught_up(&self, desk: &DeskId) {
        let now = self.now();
        if let Some(seen) = self.seen().get_mut(desk) {
            seen.caught_up_at = Some(now);
        }
    }

    /// When it had, if that is not in the database yet.
    pub(crate) fn last_caught_up(&self, desk: &DeskId) -> Option<DateTime<Utc>> {
        self.seen().get(desk).and_then(|seen| seen.caught_up_at)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, std::collections::BTreeMap<DeskId, Seen>> {
        self.inner.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// When this process heard of a desk, if that is not in the database yet.
    pub(crate) fn last_seen(&self, desk: &DeskId) -> Option<DateTime<Utc>> {
        self.seen().get(desk).map(|seen| seen.at)
    }

    /// Notes in the database what was heard of desks: in one go, so that no request waits for it.
    pub(crate) async fn note_seen(&self) -> Result<(), GatewayError> {
        let seen = std::mem::take(&mut *self.seen());
        if seen.is_empty() {
            return Ok(());
        }
        let mut tx = self.storage().begin().await?;
        for (desk, seen) in &seen {
            tx.note_desk(desk, seen).await?;
        }
        Ok(tx.commit().await?)
    }

    /// What is done from time to time while the gateway serves. Ends when it closes.
    pub(crate) async fn keep_house(self) {
        let mut closing = self.inner.closing.subscribe();
        let mut ticks = interval(NOTE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for round in 0u32.. {
            let closes = tokio::select! {
                _ = closing.wait_for(|closing| *closing) => true,
                _ = ticks.tick() => false,
            };
            if let Err(error) = self.note_seen().await {
                tracing::warn!(%error, "the desks are not noted");
            }
            if closes {
                return;
            }
            if round.is_multiple_of(PURGE_EVERY)
                && let Err(error) = self.purge_tombstones().await
            {
                tracing::warn!(%error, "tombstones are not purged");
            }
            if round.is_multiple_of(PURGE_EVERY)
                && let Err(error) = self.thin_audit_heads().await
            {
                tracing::warn!(%error, "heads of audit chains are not thinned");
            }
        }
    }
}

/// Makes a new token for a desk.
pub(crate) async fn exchange_token(gateway: Gateway, desk: DeskId) -> Result<TokenResponse, Failure> {
    let (bearer, digest) = token::make_token()?;
    let mut tx = gateway.storage().begin().await?;
    tx.offer_token(&desk, &digest).await?;
    tx.commit().await?;
    Ok(TokenResponse { token: bearer.to_string() })
}

/// A desk takes another one's access away, in the name of somebody who may.
pub(crate) async fn revoke(
    gateway: Gateway,
    by: DeskId,
    desk: DeskId,
    RevokeRequest { actor }: RevokeRequest,
) -> Result<(), Failure> {
    let mut tx = gateway.storage().begin().await?;
    let allowed = match tx.entity(&actor.clone().into()).await?.state {
        Some(State::Staff(staff)) => staff.active && staff.role.may(Permission::InviteDesk),
        _ => false,
    };
    if !allowed {
        return Err(ProblemCode::Scope.into());
    }
    if !gateway.release(tx, &desk).await? {
        return Err(ProblemCode::NotFound.into());
    }
    tracing::info!(%desk, %by, %actor, "desk revoked");
    Ok(())
}
