//! The application without its window: what it may do, what it tells the system, what it sends to a printer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod marks;
mod shell;
mod spooler;
