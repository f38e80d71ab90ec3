//! What the storage keeps of the clinic's keys and of those of its desks. All private keys stand in it sealed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contract::v1::{
    Sealed,
    keys::{DeskCopy, DeskKey, KeyRecord},
};
use domain::DeskId;
use serde::{Deserialize, Serialize};

use super::{Answer, EnrolledDesk};

/// A change of the clinic's key, as it is written and noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyChange {
    pub(crate) record: KeyRecord,
    pub(crate) desks: BTreeMap<DeskId, DeskCopy>,
    pub(crate) made_by: DeskId,
    pub(crate) made_at: DateTime<Utc>,
}

/// A record that is in force, and since when.
pub(crate) type KnownChange = (KeyRecord, DateTime<Utc>);

/// Reading keys.
pub(crate) trait KeyReader: Send + Sync {
    /// Every change, in their order.
    fn key_changes(&self) -> Answer<'_, Vec<KnownChange>>;
    /// The newest key for a desk, if the last change had one for it.
    fn key_copy<'a>(&'a self, desk: &'a DeskId) -> Answer<'a, Option<Sealed>>;
}

/// Changing them, within the writer's transaction.
pub(crate) trait KeyWriter: Send {
    /// Every desk that ever enrolled, oldest first.
    fn all_desks(&mut self) -> Answer<'_, Vec<EnrolledDesk>>;
    fn put_desk_key<'a>(&'a mut self, desk: &'a DeskId, key: &'a DeskKey, number: u32) -> Answer<'a, ()>;
    /// Puts the next key in force and withdraws every open invitation: it holds the older one.
    fn put_key<'a>(&'a mut self, change: &'a KeyChange) -> Answer<'a, ()>;
    /// The codes that this desk has made and nobody has used let nobody in.
    fn withdraw_invites<'a>(&'a mut self, by: &'a DeskId, at: DateTime<Utc>) -> Answer<'a, ()>;
    /// The desk of this token came in anew with its keys: whom the token stood for is out, as if it had never had any.
    fn replace_desk<'a>(&'a mut self, token_digest: &'a str, at: DateTime<Utc>) -> Answer<'a, ()>;
}
