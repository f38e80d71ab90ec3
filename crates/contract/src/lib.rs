//! What crosses a wire: desk <-> gateway ([`v1`]), and window <-> shell ([`ui`], [`commands`]).
//!
//! Invariants: no behaviour beyond small constructors; additive changes only within v1; nothing here touches a
//! network, a database or a clock. Personal data crosses to the gateway only inside [`v1::Sealed`].

pub mod commands;
pub mod typescript;
pub mod ui;
pub mod v1;
