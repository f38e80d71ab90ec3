//! Money in whole kopecks: exact, never a float.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An amount of roubles in kopecks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema, ts_rs::TS,
)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct Kopecks(pub i64);

impl Kopecks {
    /// Whole roubles.
    #[must_use]
    pub fn roubles(roubles: i64) -> Self {
        Self(roubles.saturating_mul(100))
    }

    /// The sum, or `None` when it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}
