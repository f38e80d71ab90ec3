//! Heads of the desks' audit chains. A chain that was cut and written anew from there is whole in itself; whoever
//! remembers its heads knows it for another one. A head is a number and a hash: nothing of what was done, or by whom.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The largest number of a row: as far as every reader of JSON counts.
pub const LARGEST_ROW: u64 = (1 << 53) - 1;

/// The last row of a desk's chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditHead {
    #[schemars(range(min = 1, max = LARGEST_ROW))]
    pub n: u64,
    /// SHA-256 over the row and the one before it, hex.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub hash: String,
}

/// A head as it was remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RememberedHead {
    pub n: u64,
    pub hash: String,
    /// When it came, by the gateway's clock.
    pub at: DateTime<Utc>,
}

/// What is remembered of the chain of the desk that asks: the last two days whole, of each day before that the last head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditHeads {
    /// The oldest first.
    pub heads: Vec<RememberedHead>,
    pub server_time: DateTime<Utc>,
}
