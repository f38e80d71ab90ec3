//! The clinic's keys, one after another, and the keys of its desks. Nothing here is about a person, and nothing of it opens
//! anything at the gateway: private keys stand in it sealed to other keys only.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, Utc};
use domain::DeskId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Sealed;

/// Longest sealed key, in characters of base64; a right one is far shorter.
pub const LONGEST_SEALED_KEY: usize = 400;

/// Where the clinic's key stands, for the desk that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyMark {
    /// Of the key that everything is sealed to; the founding one is the first.
    pub number: u32,
    /// A desk that has this key was let go: the first desk that can is to change it.
    pub due: bool,
    /// The gateway has this desk's own public key.
    pub own: bool,
}

impl KeyMark {
    /// What stands behind the cursor in an `ETag`. A desk that has this key and nothing to do asks with that of
    /// `{number, due: false, own: true}`.
    #[must_use]
    pub fn tag(self) -> String {
        let (due, own) = (if self.due { "-due" } else { "" }, if self.own { "" } else { "-own" });
        format!("{}{due}{own}", self.number)
    }
}

/// A change of the clinic's key. The founding key, number 1, has none.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyRecord {
    #[schemars(range(min = 2))]
    pub number: u32,
    /// The new public key, base64url of 32 bytes.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"))]
    pub public_key: String,
    /// HMAC-SHA256 by the key before it over number and new public key, hex.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub proof: String,
    /// The private key before it, sealed to the new one.
    pub previous: Sealed,
}

impl fmt::Debug for KeyRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRecord").field("number", &self.number).finish_non_exhaustive()
    }
}

/// A desk's own public key, authenticated by the clinic's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeskKey {
    /// base64url of 32 bytes.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"))]
    pub public_key: String,
    /// HMAC-SHA256 by the clinic's newest key over the desk's id and public key, hex.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub authentication: String,
}

/// A desk gives its own public key.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DeskKeyRequest {
    pub key: DeskKey,
    /// Of the clinic's key that authenticates it: the newest.
    pub number: u32,
}

/// What a desk gets by a change.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeskCopy {
    /// The clinic's new private key, sealed to the desk's own.
    pub key: Sealed,
    /// Of the desk's public key by the new key, hex.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub authentication: String,
}

impl fmt::Debug for DeskCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeskCopy(…)")
    }
}

/// A desk changes the clinic's key.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct KeyChangeRequest {
    pub record: KeyRecord,
    /// For each desk that gets the new key; the one that makes it is among them.
    pub desks: BTreeMap<DeskId, DeskCopy>,
    /// [`KeysView::basis`] that it was made from: nothing has changed since.
    pub basis: String,
}

/// The clinic's keys and its desks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeysView {
    /// Of the newest key.
    pub number: u32,
    pub public_key: String,
    /// When it was made; none: it is the founding one.
    pub changed_at: Option<DateTime<Utc>>,
    /// Since when a desk that has it is let go: it is to be changed.
    pub due_since: Option<DateTime<Utc>>,
    /// Every change, in their order.
    pub records: Vec<KeyRecord>,
    /// The newest private key for the desk that asks. None: it was not given one by a change.
    pub own: Option<Sealed>,
    /// Every desk that ever came in, the oldest first.
    pub desks: Vec<DeskView>,
    /// Of all this; a change says what it was made from.
    pub basis: String,
    pub server_time: DateTime<Utc>,
}

/// A desk as the gateway knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeskView {
    pub id: DeskId,
    /// «Ресепшн 1»
    pub name: String,
    pub app_version: String,
    pub enrolled_at: DateTime<Utc>,
    /// None: not since it came in.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// When it was let go.
    pub released_at: Option<DateTime<Utc>>,
    /// When it asked for news last and had everything until then: what was erased before that, it has heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caught_up_at: Option<DateTime<Utc>>,
    /// None: it has given none yet.
    pub key: Option<DeskKey>,
}
