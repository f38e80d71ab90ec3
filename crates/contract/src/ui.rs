//! What the window sees and sends. Every command takes one `…Args` struct and answers with one view.
//!
//! Times are instants (RFC 3339 text) unless a field says *wall*: then it is wall time in the clinic's zone,
//! `2026-11-23T10:30:00`. `Debug` of views with personal data is deliberately not derived into logs: the shell logs
//! command names only.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! views {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$fmeta:meta])* pub $field:ident : $ty:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Serialize, Deserialize, TS)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$fmeta])* pub $field: $ty),* }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

mod cases;
mod certificates;
mod data;
mod desks;
mod errors;
mod keys;
mod outbox;
mod papers;
mod people;
mod policy;
mod queue;
mod schedule;
mod search;
mod session;
mod settings;
mod shift;
mod wordings;

pub use cases::*;
pub use certificates::*;
pub use data::*;
pub use desks::*;
pub use errors::*;
pub use keys::*;
pub use outbox::*;
pub use papers::*;
pub use people::*;
pub use policy::*;
pub use queue::*;
pub use schedule::*;
pub use search::*;
pub use session::*;
pub use settings::*;
pub use shift::*;
pub use wordings::*;

/// Nothing to say or to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Nothing {}
