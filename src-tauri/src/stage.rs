//! The demo: a clinic that does not exist, with a gateway of its own inside this process.
//!
//! The seam to the crate that raises it: until that crate is here, a demo says that it cannot be shown.

use std::path::Path;

use desk::Profile;

/// Why the demo could not be raised.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StageError {
    #[error("this build has no demo clinic in it")]
    NotBuilt,
}

/// A raised demo; its gateway lives as long as this value.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) profile: Profile,
}

impl Stage {
    /// Raises the demo clinic in a folder of its own.
    pub(crate) async fn raise(_home: &Path) -> Result<Self, StageError> {
        Err(StageError::NotBuilt)
    }
}
