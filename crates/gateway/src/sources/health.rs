//! How a source fares, from what is kept of it anyway.

use chrono::{DateTime, Duration, Utc};
use contract::v1::sources::{SourceHealth, SourceTrouble};

use crate::{Gateway, db::StorageError};

/// Counts are of so long.
const WINDOW: Duration = Duration::days(7);
/// The silences between so many submissions make the usual one…
const REMEMBERED: usize = 50;
/// …once there are so many.
const ENOUGH: usize = 10;
/// A shorter silence is never remarked on.
const SHORTEST: Duration = Duration::hours(2);

pub(super) async fn of(gateway: &Gateway, source: &str) -> Result<SourceHealth, StorageError> {
    gateway.write_troubles().await?;
    let (storage, now) = (gateway.storage(), gateway.now());
    let arrivals = storage.arrivals(source, REMEMBERED + 1).await?;
    let figures = storage.figures(source, now - WINDOW).await?;
    let troubles = storage.troubles(source, now - WINDOW).await?;
    let poll = storage.poll_state(source).await?;
    let failed: u64 = troubles.iter().map(|trouble| trouble.count).sum();
    let last = troubles.into_iter().max_by_key(|trouble| trouble.last_at);
    let usual = usual_silence(&arrivals);
    let last_seen = arrivals.first().copied();
    Ok(SourceHealth {
        last_seen,
        last_asked: poll.polled_at,
        asking_failed: poll.failures,
        taken: figures.taken,
        quarantined: figures.quarantined,
        failed,
        error_percent: (failed * 100).checked_div(failed + figures.taken).unwrap_or(0),
        last_error: last.map(|trouble| SourceTrouble { kind: trouble.kind, at: trouble.last_at }),
        usual_silence_seconds: usual.and_then(|usual| u64::try_from(usual.num_seconds()).ok()),
        silent: usual.zip(last_seen).is_some_and(|(usual, last)| is_silent(usual, now - last)),
    })
}

/// The longest silence of late: nights and weekends are among them, so it needs no calendar.
fn usual_silence(latest_first: &[DateTime<Utc>]) -> Option<Duration> {
    let silences = latest_first.windows(2).map(|pair| pair[0] - pair[1]);
    if latest_first.len() <= ENOUGH { None } else { silences.max() }
}

/// Half as long again as the longest of late.
fn is_silent(usual: Duration, now: Duration) -> bool {
    now > SHORTEST && now > usual * 3 / 2
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_silent_when_it_is_so_for_clearly_longer_than_over_a_weekend() {
        let start: DateTime<Utc> = "2026-11-27T12:00:00Z".parse().unwrap();
        // hourly, with a weekend of 60 hours
        let mut arrivals: Vec<_> = (0..8).map(|hour| start + Duration::hours(hour)).collect();
        arrivals.extend((0..8).map(|hour| start + Duration::hours(67 + hour)));
        arrivals.reverse();
        let usual = usual_silence(&arrivals).unwrap();
        assert_eq!(usual, Duration::hours(60));
        assert!(!is_silent(usual, Duration::hours(60)) && !is_silent(usual, Duration::hours(90)));
        assert!(is_silent(usual, Duration::hours(91)));
        assert_eq!(usual_silence(&arrivals[..10]), None, "too few to know");
        // a site that is busy day and night
        assert!(
            !is_silent(Duration::minutes(5), Duration::minutes(100))
                && is_silent(Duration::minutes(5), Duration::minutes(121))
        );
    }
}
