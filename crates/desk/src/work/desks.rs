//! The clinic's workstations, for a manager: which ones there are, letting one go, inviting one more.
//!
//! Invariant: the list is the gateway's own, asked for now; without the gateway there is none.

use contract::{
    ui::{ClinicKeyView, DeskReleaseArgs, DeskRow, DesksView, InvitationView, Nothing},
    v1::{
        RevokeRequest,
        keys::{DeskView, KeysView},
    },
};
use seal::key_change;

use crate::{administration, session::Seat, trouble::DeskError};

/// Lists the workstations.
pub(crate) async fn desks_list(seat: &Seat, _args: Nothing) -> Result<DesksView, DeskError> {
    let view = seat.open.link.transport().keys().await?;
    let waits_for = key_change::waited_for(&view).into_iter().map(|desk| desk.name.clone()).collect();
    let key =
        ClinicKeyView { number: view.number, changed_at: view.changed_at, due: view.due_since.is_some(), waits_for };
    let (inside, gone): (Vec<_>, Vec<_>) = view.desks.iter().partition(|desk| desk.released_at.is_none());
    let desks = inside.into_iter().chain(gone).map(|desk| row(seat, &view, desk)).collect();
    Ok(DesksView { desks, key })
}

fn row(seat: &Seat, view: &KeysView, desk: &DeskView) -> DeskRow {
    DeskRow {
        id: desk.id.clone(),
        name: desk.name.clone(),
        version: desk.app_version.clone(),
        enrolled_at: desk.enrolled_at,
        last_seen_at: desk.last_seen_at,
        released_at: desk.released_at,
        this: desk.id == seat.open.meta.desk,
        lacks_key: desk.released_at.is_none() && key_change::lacks_key(&seat.open.keys.ring.now(), view, desk),
    }
}

/// Lets a workstation go. The clinic's key is changed by itself after that.
pub(crate) async fn desk_release(seat: &Seat, args: DeskReleaseArgs) -> Result<DesksView, DeskError> {
    if args.id == seat.open.meta.desk {
        return Err(DeskError::BadInput("id"));
    }
    let request = RevokeRequest { actor: seat.staff.id.clone() };
    seat.open.link.transport().revoke(&args.id, &request).await?;
    seat.open.store.audit(seat.entry("desk.release").about(args.id.as_str())).await?;
    seat.open.link.ask();
    desks_list(seat, Nothing {}).await
}

/// Lets one more workstation in: a one-time code for it.
pub(crate) async fn desk_invite(seat: &Seat, _args: Nothing) -> Result<InvitationView, DeskError> {
    let (code, expires_at) = administration::invite(seat).await?;
    Ok(InvitationView { code, expires_at })
}
