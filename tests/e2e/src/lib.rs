//! The harness of the stories told in the real window: a real gateway process, a real desk process with its window in
//! a real display, a real keychain daemon, and a second desk that asks the gateway what arrived.
//!
//! Invariants: nothing is replaced by a double; waiting is asking again until a deadline, never a fixed pause; every
//! story has folders, processes and a keychain account of its own, and takes its processes down with it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a harness of tests fails by panicking")]

mod clinic;
mod keyboard;
mod observer;
mod printing;
mod processes;
mod scene;
mod site;
mod surroundings;
mod traces;
mod wait;
mod window;

pub use clinic::{DOCTOR, MANAGER, RECEPTIONIST};
pub use keyboard::{CTRL_A, CTRL_ENTER, CTRL_K, CTRL_L, CTRL_O, DELETE, ENTER, ESCAPE, F3, F5, TAB};
pub use observer::{Observer, Seen};
pub use printing::TestPrinter;
pub use scene::Scene;
pub use site::{CALLBACK, CERTIFICATE, FAMILY, Visitor};
pub use wait::until;
pub use window::Window;
