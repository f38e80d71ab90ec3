//! What a desk does: opens its encrypted database, lets staff in, works the queue, the schedule, certificates, people
//! and papers, and keeps in step with the gateway. No window here.
//!
//! Invariants:
//! - every command of the window is a method of [`Desk`] and passes the one [`gate`]: while the desk is locked, only
//!   those before sign-in are answered, and a role may do only what it may;
//! - clock, randomness and files come from [`platform`], the network from [`transport`]; nothing else touches them;
//! - trouble is a state that the window shows ([`contract::ui::AppView::trouble`]); a start never fails and never destroys;
//! - no name, phone, code or key stands in a trace or an error.

mod administration;
mod connect;
mod copies;
mod desk;
pub mod doctor;
mod founding;
pub mod gate;
mod input;
mod keeper;
mod key_card;
mod keys;
mod link;
pub mod merging;
mod place;
pub mod platform;
mod policy;
mod rescue;
mod revoked;
mod ring;
mod sealing;
mod secrets;
mod session;
mod sources;
mod token;
pub mod transport;
mod trouble;
mod work;

pub use administration::{PractitionerDraft, StaffDraft};
pub use desk::{Desk, DeskEvent};
pub use place::{Profile, Surroundings};
pub use platform::print::{Handed, PrintError, PrintJob, Printer, TRAYS};
pub use session::IDLE_LOCK_SECONDS;
pub use trouble::DeskError;
// what [`Attention`] knows requests by
pub use domain::RequestId;
pub use work::{Attention, LARGEST_FILE};
