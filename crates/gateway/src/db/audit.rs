//! What the storage keeps of the desks' audit chains: their heads, and the holds of courts among the cases.

use chrono::{DateTime, Utc};
use domain::{ActionId, DeskId};

use super::Answer;

/// The last row of a desk's chain, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) n: u64,
    pub(crate) hash: [u8; 32],
    pub(crate) at: DateTime<Utc>,
}

/// Reading heads.
pub(crate) trait HeadReader: Send + Sync {
    /// Those of a desk, the oldest first.
    fn heads<'a>(&'a self, desk: &'a DeskId) -> Answer<'a, Vec<Head>>;
}

/// What of it a writer's transaction needs.
pub(crate) trait HeadWriter: Send {
    fn last_head<'a>(&'a mut self, desk: &'a DeskId) -> Answer<'a, Option<Head>>;
    fn add_head<'a>(&'a mut self, desk: &'a DeskId, head: &'a Head) -> Answer<'a, ()>;
    /// Of what came before `whole`, keeps the last head of each day; of what came before `kept`, the desk's last alone. How
    /// many went.
    fn thin_heads(&mut self, whole: DateTime<Utc>, kept: DateTime<Utc>) -> Answer<'_, u64>;
    /// The steps by which courts hold cases now. Whom a case is about nobody here knows.
    fn holds(&mut self) -> Answer<'_, Vec<ActionId>>;
}
