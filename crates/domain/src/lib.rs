//! What the clinic means: people, requests, appointments, certificates, and the one rule that decides about them.
//!
//! Invariants of this crate:
//! - pure: no async, no SQL, no files, no ambient clock or randomness; time and ids arrive as arguments;
//! - [`decide()`] is the only place that moves an entity from one state to the next. The desk runs it for a tentative
//!   answer, the gateway runs the same function for the final one;
//! - states ([`State`]) hold nothing personal: names, phones, free text and codes live in [`personal`], which travels sealed.

pub mod action;
pub mod appointment;
pub mod case;
pub mod certificate;
pub mod clinic;
pub mod decide;
pub mod fold;
pub mod hours;
pub mod ids;
pub mod mapping;
pub mod merging;
pub mod money;
pub mod paper;
pub mod person;
pub mod personal;
pub mod phone;
pub mod request;
pub mod staff;
pub mod state;
pub mod terms;
pub mod translit;

pub use action::{Action, Command};
pub use decide::{Changes, Context, Refusal, View, decide};
pub use ids::*;
pub use money::Kopecks;
pub use state::{EntityKind, EntityRef, State};
