//! The digests by which repetitions and later versions are known.
//!
//! Invariant: nobody who has the database can find out by trying whether somebody's phone is in it. Digests of what forms
//! send are keyed by the secret that only the site has. Sources that the gateway asks by itself have a key in the database
//! instead: what is digested of them are keys such as `order:731`, or, where there is none, a whole order or letter with
//! all its times and ids, which nobody guesses.

use chrono::{DateTime, NaiveDateTime, Utc};
use connectors::Canonical;

use super::{Arrival, Word};
use crate::{Failure, db::StorageError, feed::mac};

/// The key of a source's digests.
#[derive(Clone)]
pub(crate) enum MarkKey {
    /// The site's secret, as it came with the submission.
    Shown(String),
    /// Made for the source.
    Kept(String),
}

/// What a submission is known by.
pub(super) struct Marks {
    /// This very submission.
    pub(super) natural: Option<[u8; 32]>,
    pub(super) body: [u8; 32],
    /// The thing at the site that it is about.
    pub(super) subject: Option<[u8; 32]>,
    /// Which version of the thing, by the site's clock.
    pub(super) version: Option<DateTime<Utc>>,
    key: MarkKey,
    subject_key: Option<String>,
}

impl Marks {
    pub(super) fn of(arrival: &Arrival, canonical: &Canonical) -> Result<Self, Failure> {
        let key = arrival.mark_key.clone();
        // news that can be forged, or that lack a code, must not stand in the way of the truth of the same version
        let lacks = canonical.certificates.iter().any(|piece| piece.code.is_none() && piece.code_at_site.is_some());
        let label = match arrival.word {
            Word::News if arrival.can_ask => "reception/intake/news/v1",
            Word::Signed if arrival.can_ask && lacks => "reception/intake/news/v1",
            Word::News | Word::Signed | Word::Fetched => "reception/intake/key/v1",
        };
        let natural_key = canonical.natural_key.as_deref();
        let natural = natural_key.map(|natural| key.mac(label, natural.as_bytes())).transpose()?;
        let body = match (&key, &natural) {
            // never looked at, so it is not there to be looked at
            (MarkKey::Kept(_), Some(natural)) => *natural,
            _ => key.mac("reception/intake/body/v1", &arrival.body)?,
        };
        let subject_key = canonical.subject_key.clone();
        let subject = subject_key
            .as_ref()
            .map(|subject| key.mac("reception/intake/subject/v1", subject.as_bytes()))
            .transpose()?;
        let version = subject_key.as_deref().and_then(|subject| version(subject, natural_key?));
        Ok(Self { natural, body, subject, version, key, subject_key })
    }

    /// Knows a piece of an order again in a later version of it.
    pub(super) fn of_piece(&self, piece: &str) -> Result<Option<[u8; 32]>, Failure> {
        let Some(subject) = &self.subject_key else { return Ok(None) };
        Ok(Some(self.key.mac("reception/intake/piece/v1", format!("{subject}\n{piece}").as_bytes())?))
    }
}

impl MarkKey {
    fn mac(&self, label: &str, data: &[u8]) -> Result<[u8; 32], StorageError> {
        let (Self::Shown(key) | Self::Kept(key)) = self;
        mac(key.as_bytes(), label, data)
    }
}

/// The time in a key such as `order:731:2026-10-04T06:12:07`.
fn version(subject: &str, natural: &str) -> Option<DateTime<Utc>> {
    let time = natural.strip_prefix(subject)?.strip_prefix(':')?;
    let with_offset = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z"];
    let offset = with_offset.iter().find_map(|form| DateTime::parse_from_str(time, form).ok());
    // what a site writes without an offset is compared with its own alone
    let naked = || NaiveDateTime::parse_from_str(time, "%Y-%m-%dT%H:%M:%S%.f").ok();
    offset.map(|at| at.with_timezone(&Utc)).or_else(|| naked().map(|at| at.and_utc()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_thing_is_the_time_in_its_key() {
        let utc = |text: &str| Some(DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc));
        assert_eq!(version("order:731", "order:731:2026-10-04T06:12:07"), utc("2026-10-04T06:12:07Z"));
        assert_eq!(version("record:5", "record:5:2026-10-05T12:15:24+0500"), utc("2026-10-05T07:15:24Z"));
        for natural in ["order:7310:2026-10-04T06:12:07", "order:731", "order:731:", "order:731:paid", "1:2"] {
            assert_eq!(version("order:731", natural), None, "{natural}");
        }
    }
}
