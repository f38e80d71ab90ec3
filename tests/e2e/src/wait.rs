//! Waiting: ask again until the answer is there or the deadline has passed.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Generous: a busy machine is slow, and a story that is right never waits for it.
const DEADLINE: Duration = Duration::from_secs(25);
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks until there is an answer.
///
/// # Panics
/// When there is none before the deadline.
pub async fn until<T, F, A>(what: &str, ask: F) -> T
where
    F: FnMut() -> A,
    A: Future<Output = Option<T>>,
{
    in_time(ask).await.unwrap_or_else(|| panic!("waited too long: {what}"))
}

/// Asks until there is an answer or the deadline has passed.
pub(crate) async fn in_time<T, F, A>(mut ask: F) -> Option<T>
where
    F: FnMut() -> A,
    A: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + DEADLINE;
    while Instant::now() < deadline {
        let answer = ask().await;
        if answer.is_some() {
            return answer;
        }
        tokio::time::sleep(PAUSE).await;
    }
    None
}
