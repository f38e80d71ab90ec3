//! Token buckets: a broken or hostile sender is slowed down, and only it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

/// How many at once, and how many a second after that.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub burst: f64,
    pub per_second: f64,
}

impl Rate {
    /// Of one desk: it may pull a long feed at one go, and then no faster than it can store.
    #[must_use]
    pub fn of_desk(per_second: usize) -> Self {
        let per_second = per_second as f64;
        Self { burst: 30.0 * per_second, per_second }
    }
}

/// Submissions of one source.
pub(crate) const INTAKE: Rate = Rate { burst: 300.0, per_second: 5.0 };
/// One-time codes of one address: they cannot be guessed, this only keeps the noise down.
pub(crate) const ENROL: Rate = Rate { burst: 30.0, per_second: 0.2 };
/// Buckets beyond so many: full ones are forgotten.
const MOST: usize = 1_000;

/// A bucket a key.
#[derive(Debug)]
pub(crate) struct Buckets {
    rate: Rate,
    left: HashMap<String, (f64, DateTime<Utc>)>,
}

impl Buckets {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, left: HashMap::new() }
    }

    /// Takes one, or says after how many seconds there is one.
    pub(crate) fn take(&mut self, key: &str, now: DateTime<Utc>) -> Result<(), u32> {
        let Rate { burst, per_second } = self.rate;
        let filled = |(left, at): (f64, DateTime<Utc>)| {
            let seconds = (now - at).num_milliseconds().max(0) as f64 / 1_000.0;
            (left + seconds * per_second).min(burst)
        };
        if self.left.len() >= MOST {
            self.left.retain(|_, bucket| filled(*bucket) < burst);
        }
        let left = self.left.get(key).map_or(burst, |bucket| filled(*bucket));
        let taken = left >= 1.0;
        self.left.insert(key.to_owned(), (if taken { left - 1.0 } else { left }, now));
        if taken { Ok(()) } else { Err(((1.0 - left) / per_second).ceil() as u32) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    #[test]
    fn one_sender_waits_and_the_other_does_not() {
        let mut buckets = Buckets::new(Rate { burst: 2.0, per_second: 0.5 });
        let start = DateTime::<Utc>::default();
        assert_eq!(buckets.take("a", start), Ok(()));
        assert_eq!(buckets.take("a", start), Ok(()));
        assert_eq!(buckets.take("a", start), Err(2));
        assert_eq!(buckets.take("b", start), Ok(()));
        assert_eq!(buckets.take("a", start + Duration::seconds(1)), Err(1));
        assert_eq!(buckets.take("a", start + Duration::seconds(2)), Ok(()));
        assert_eq!(buckets.take("a", start + Duration::seconds(2)), Err(2));
        // a clock that goes back gives nothing and takes nothing
        assert_eq!(buckets.take("a", start - Duration::days(1)), Err(2));
    }
}
