//! The sync engine: when to push, when to pull, how long to wait. It does nothing itself; a host carries out what
//! [`Engine::step`] says and reports back.
//!
//! Invariants, each with a property test:
//! - at most one [`Instruction::Push`] or [`Instruction::Pull`] is out at any time;
//! - what staff did goes out before anything is pulled in, unless it came to nothing several times in a row: a push that
//!   fails by itself keeps no desk from pulling, and one action that breaks it keeps no other from going out;
//! - an unanswered push is *unknown*, not failed: it is sent again with the same ids;
//! - every wait has an end that is bounded by a named limit, unless this desk's access was taken away;
//! - once faults stop, the engine comes to rest with everything sent and pulled in a bounded number of steps;
//! - time and randomness arrive as arguments.

mod engine;
mod leave_out;
mod limits;

pub use engine::{Engine, Event, Failure, Instruction, Link, Moment};
pub use leave_out::leave_out;
pub use limits::*;
