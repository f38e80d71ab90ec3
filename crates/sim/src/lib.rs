//! Desks, a gateway and everything that goes wrong between them, played from one seed.
//!
//! The rule ([`domain::decide()`]), the engine ([`sync::Engine`]) and the words of the protocol are the product's own; disks
//! and network are modelled, so that a crash can come between any two commits and a packet can meet any fate.
//!
//! Invariants:
//! - a plan holds every choice: the same plan is the same story, and a plan can be cut;
//! - first faults, then none: after healing everything must converge within a bound;
//! - a timeout is *unknown*, never a failure; what somebody was told to be saved is kept, or counted as excused.

mod acts;
mod bug;
mod cache;
pub mod card;
pub mod cast;
mod chance;
mod desk;
mod disk;
mod figures;
mod gateway;
mod keys;
mod plan;
pub mod property;
mod rows;
mod run;
mod tell;
mod world;

pub use acts::command;
pub use bug::Bug;
pub use cache::{Cache, Entry, Laid, Page, Settled, Stage};
pub use chance::Chance;
pub use desk::Desk;
pub use figures::Figures;
pub use gateway::{Cursor, Decided, Gateway, House};
pub use keys::{Key, Record};
pub use plan::{Act, Event, Fate, MOST_DESKS, Plan};
pub use rows::{Envelope, Row, Rows};
pub use run::{Verdict, Violation, play, shrink};
pub use tell::tell;
pub use world::{Promise, ShutOut, World};
