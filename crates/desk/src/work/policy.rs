//! The policy of the site before those who answer for the data: its versions, and that somebody has read the newest.

use contract::ui::{Nothing, PolicyReadArgs, PolicyVersion, PolicyView};
use store::KeptPolicy;

use super::scene::Scene;
use crate::{
    policy::{self, Watch},
    session::Seat,
    trouble::DeskError,
};

/// What is known of the policy's text.
pub(crate) async fn policy_view(seat: &Seat, _args: Nothing) -> Result<PolicyView, DeskError> {
    let (scene, store) = (Scene::of(seat).await?, &seat.open.store);
    let page = policy::page(store).await?.map(|page| page.to_string()).unwrap_or_default();
    let watch = Watch::of(store, &page).await?;
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let shown = |kept: KeptPolicy| PolicyVersion {
        n: number(kept.n),
        sha256: kept.sha256,
        seen_at: kept.seen_at,
        read_at: kept.read_at,
        read_by: kept.read_by.map(|id| scene.staff_name(&id)).unwrap_or_default(),
    };
    let versions: Vec<PolicyVersion> = store.policy_versions(&page).await?.into_iter().map(shown).collect();
    let unread = versions.first().filter(|newest| newest.read_at.is_none()).map(|newest| newest.n);
    Ok(PolicyView { checked_at: watch.read_at, trouble: watch.failed, versions, unread, page })
}

/// Looks at the page now.
pub(crate) async fn policy_check(seat: &Seat, _args: Nothing) -> Result<PolicyView, DeskError> {
    let address = policy::page(&seat.open.store).await?.ok_or(DeskError::BadInput("policy_page"))?;
    policy::look(&seat.open.store, &address, seat.now()).await?;
    policy_view(seat, Nothing {}).await
}

/// Somebody has read the newest version: that is written in the audit chain, under their name.
pub(crate) async fn policy_read(seat: &Seat, args: PolicyReadArgs) -> Result<PolicyView, DeskError> {
    let store = &seat.open.store;
    let page = policy::page(store).await?.ok_or(DeskError::BadInput("policy_page"))?;
    let entry = seat.entry("policy.read").with(&args.n.to_string());
    store.read_policy(&page.to_string(), args.n.into(), &seat.staff.id, &entry).await?;
    policy_view(seat, Nothing {}).await
}
