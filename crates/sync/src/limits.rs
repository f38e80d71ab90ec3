//! The named limits of the engine, milliseconds unless the name says otherwise.

/// First pause after a failure.
pub const BACKOFF_FIRST: u64 = 1_000;
/// No pause after a failure is longer, unless the gateway asks for it.
pub const BACKOFF_LONGEST: u64 = 60_000;
/// Longest pause that the gateway may ask for by `Retry-After`.
pub const RETRY_AFTER_LONGEST: u64 = 15 * 60_000;
/// A desk that starts with the computer waits up to so long: at 08:55 all of them are switched on.
pub const BOOT_SPREAD: u64 = 30_000;
/// A desk that the gateway does not let in asks again after no more than this, and no less than half of it.
pub const BARRED_POLL: u64 = 15 * 60_000;
/// Without pokes: pull so often.
pub const POLL_EVERY: u64 = 60_000;
/// With pokes: pull so often all the same, in case one was lost.
pub const POLL_WHEN_LISTENING: u64 = 5 * 60_000;
/// The poll moves by up to so much in both directions, so that desks do not come all at once.
pub const POLL_JITTER: u64 = 15_000;
/// Most actions in one push.
pub const PUSH_LIMIT: usize = contract::v1::MAX_ACTIONS;
/// So many pushes in a row come to nothing before a pull is let by.
pub const PUSH_TRIES: u32 = 3;
/// Most actions that are left out because each broke every push that it was in.
pub const MOST_LEFT_OUT: usize = 3;
/// They are tried again after no more than this, and no less than half of it.
pub const LEFT_OUT_FOR: u64 = 2 * 60_000;
