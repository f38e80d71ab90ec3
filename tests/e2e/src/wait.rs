//! Waiting: ask again until the answer is there or the deadline has passed.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Generous: a busy machine is slow, and a story that is right never waits for it.
const DEADLINE: Duration = Duration::from_secs(60);
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks until there is an answer.
///
/// # Panics
/// When there is none before the deadline.
pub async fn until<T, F, A>(what: &str, mut ask: F) -> T
where
    F: FnMut() -> A,
    A: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited too long: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}
