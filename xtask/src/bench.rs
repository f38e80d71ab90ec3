//! `cargo xtask bench`: placeholder until the measured parts stand.

use crate::shell::Done;

pub(crate) fn all() -> Done {
    Ok(())
}
