//! The shell: one window around the desk. It opens the desk, hands it the window's commands and the window its events.
//!
//! Invariants:
//! - no decision is made here: every command goes to the method of the same name of [`desk::Desk`];
//! - the window is not trusted: it may call the listed commands only, go nowhere and open nothing;
//! - the window stands before the desk is open: its first question waits for the answer;
//! - no name, phone or code stands in a title, a notification, the tray, a trace or an argument.

pub mod commands;
mod launch;
mod marks;
mod opening;
mod printer;
mod seat;
mod start;
mod tray;
mod windows;

pub use marks::{Known, dotted, mark, words};
pub use printer::SystemPrinter;
pub use seat::{Seat, Usher};
pub use start::run;
pub use tray::{Closing, words as tray_words};
pub use windows::stays_inside;
