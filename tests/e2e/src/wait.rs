//! Waiting: ask again until the answer is there or the deadline has passed.

use std::{future::Future, time::Duration};

/// Generous: a busy machine is slow, and a story that is right never waits for it.
const DEADLINE: Duration = Duration::from_secs(60);
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

/// Asks until there is an answer or the deadline has passed, also when a question itself gets none.
pub(crate) async fn in_time<T, F, A>(mut ask: F) -> Option<T>
where
    F: FnMut() -> A,
    A: Future<Output = Option<T>>,
{
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(DEADLINE, asking).await.ok()
}
