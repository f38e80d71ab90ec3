//! The desk's encrypted database: SQLCipher under sqlx.
//!
//! What is kept: the clinic's entities as this desk sees them (what the gateway confirmed, with this desk's own
//! unsettled actions on top), the outbox, the place in the feed, and the audit chain.
//!
//! Invariants of this crate:
//! - what belongs together commits together, with `synchronous=FULL`: an action's outbox row, its effect and its audit
//!   row; a page of the feed and its cursor;
//! - persons leave only as [`Visible`]; what is blocked leaves only as a stub, unless [`Store::for_check`] is asked;
//! - nothing is in plain form in any file; no error, log line or `Debug` holds a stored value or the key;
//! - opening never destroys: each trouble has its own error, and the file stays as it was.

mod apply;
mod audit;
mod copy;
mod entity;
mod erase;
mod error;
mod index;
mod key;
mod model;
mod newer;
mod open;
mod outbox;
mod overlay;
mod papers;
mod policy;
mod read;
mod reseal;
mod salvage;
mod search;
mod settings;
mod settled;
mod sides;
mod view;
mod wordings;

pub use copy::{Copied, copy, verify};
pub use erase::{ERASED, Erased, erase_in_copy};
pub use error::{OpenError, StoreError};
pub use key::{DatabaseKey, NotAKey};
pub use model::{
    AuditEntry, AuditReport, AuditRow, CaseRecord, Found, Identified, Meta, NewAction, Opened, OpenedChange,
    OutboxRecord, PersonRecord, Record, SearchQuery, SearchRow, SyncMark, Visible,
};
pub use open::Store;
pub use papers::Scan;
pub use policy::KeptPolicy;
pub use read::{ClinicRecord, shield::BLOCKED};
pub use salvage::{Salvage, SalvagedAction, move_aside, note_damage, remove_unfinished, salvage};
pub use sides::{Sides, Snapshot};
pub use wordings::{KeptWording, OwnForm};
