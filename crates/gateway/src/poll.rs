//! Asking sites themselves: shops, YCLIENTS and mailboxes.
//!
//! - What a site posts is a hint that makes the gateway ask sooner; what it answers is the truth.
//! - Each source has its own place ("up to here"), which moves only after everything before it is on the disk, and its own
//!   patience: after a failure it is asked later and later.
//! - Whatever is fetched goes through the same intake as what is posted, so the same thing by both ways is one request.
//! - Of several processes on one database one asks a source at a time.

mod http;
mod mailbox;
mod woocommerce;
mod yclients;

use std::{collections::BTreeSet, time::Duration as StdDuration};

use chrono::{DateTime, Duration, Utc};
use tokio::{task::JoinSet, time::timeout};

use crate::{
    Failure, Gateway, SourceError,
    db::{HintRow, PollState, Source},
    intake::{self, Arrival, MarkKey, Taken, Word},
    sources::{
        Trouble,
        secrets::{Keys, Upstream},
    },
};

/// How often it is looked whether a source is due.
const TICK: StdDuration = StdDuration::from_secs(2);
/// One asking takes no longer…
const LIMIT: StdDuration = StdDuration::from_secs(300);
/// …and a process that died in it holds the source no longer.
const HELD: Duration = Duration::minutes(6);
/// After a failure: this, doubled with each further one…
const FIRST_WAIT: Duration = Duration::seconds(10);
/// …up to this.
const LONGEST_WAIT: Duration = Duration::minutes(30);
/// Hints that are followed in one asking.
const MOST_HINTS: usize = 100;

/// Why asking came to nothing.
#[derive(Debug)]
pub(crate) enum PollError {
    /// Of the site.
    Site(Trouble),
    /// Of the gateway itself.
    Own(Failure),
}

impl From<Failure> for PollError {
    fn from(failure: Failure) -> Self {
        Self::Own(failure)
    }
}

impl From<crate::StorageError> for PollError {
    fn from(error: crate::StorageError) -> Self {
        Self::Own(error.into())
    }
}

/// One asking of one source.
pub(crate) struct Asking {
    pub(crate) gateway: Gateway,
    pub(crate) source: Source,
    mark_key: MarkKey,
    /// How far it came, as JSON: the poller moves it on.
    pub(crate) place: Option<String>,
    /// Requests that are new or of a newer version.
    pub(crate) news: u32,
}

impl Asking {
    /// Takes in what was fetched.
    async fn take(&mut self, content_type: &str, body: Vec<u8>) -> Result<(), PollError> {
        let arrival = self.arrival(content_type, body);
        let taken = Gateway::to_the_end(intake::receive(self.gateway.clone(), arrival)).await?;
        self.note(&taken);
        Ok(())
    }

    fn arrival(&self, content_type: &str, body: Vec<u8>) -> Arrival {
        Arrival {
            source: self.source.clone(),
            mark_key: self.mark_key.clone(),
            content_type: content_type.to_owned(),
            body,
            word: Word::Fetched,
            can_ask: true,
            onto: None,
            test: false,
        }
    }

    fn note(&mut self, taken: &Taken) {
        self.news += u32::from(matches!(taken, Taken::Request { again: false, .. }));
    }

    /// The site says that it is gone.
    async fn gone(&mut self, hint: &HintRow) -> Result<(), PollError> {
        let canonical = intake::gone(&hint.resource, hint.subject);
        // known again by this for as long as any other body
        let body = format!("{} {} is gone", hint.resource, hint.subject);
        let arrival = self.arrival("", body.into_bytes());
        let taken = intake::take(&self.gateway, &arrival, Some(canonical), None).await?;
        self.note(&taken);
        Ok(())
    }

    async fn hints(&self) -> Result<Vec<HintRow>, PollError> {
        Ok(self.gateway.storage().hints(&self.source.id, MOST_HINTS).await?)
    }

    async fn settled(&self, hint: &HintRow) -> Result<(), PollError> {
        let mut tx = self.gateway.storage().begin().await?;
        tx.drop_hint(&self.source.id, hint).await?;
        Ok(tx.commit().await?)
    }
}

/// What came of asking a source once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollReport {
    /// Requests that are new or of a newer version.
    pub news: u32,
    /// None: it went to its end.
    pub trouble: Option<&'static str>,
}

impl Gateway {
    /// Asks a source now, whether or not it is due. `None`: it cannot be asked, or another process asks it now.
    ///
    /// # Errors
    /// There is no such source, or the storage failed. What the site did wrong is in the report.
    pub async fn poll_source(&self, id: &str) -> Result<Option<PollReport>, SourceError> {
        let source = self.known(id).await?;
        let holder = seal::token::make_id("poll")?;
        Ok(ask(self, source, &holder).await?)
    }
}

/// Asks whatever is due, until the gateway closes.
pub(crate) async fn run(gateway: Gateway) {
    let Ok(holder) = seal::token::make_id("poll") else { return };
    let mut closing = gateway.closing();
    let mut askings = JoinSet::new();
    let (mut busy, mut nudged) = (BTreeSet::new(), BTreeSet::new());
    while !*closing.borrow_and_update() {
        nudged.extend(gateway.take_nudged());
        match due(&gateway, &busy, &mut nudged).await {
            Ok(sources) => {
                for source in sources {
                    busy.insert(source.id.clone());
                    askings.spawn(one(gateway.clone(), source, holder.clone()));
                }
            }
            Err(error) => tracing::warn!(%error, "it is not known which sources are due"),
        }
        tokio::select! {
            _ = closing.changed() => {}
            Some(done) = askings.join_next(), if !askings.is_empty() => {
                if let Ok(id) = done {
                    busy.remove(&id);
                }
            }
            () = gateway.doors().nudge.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
    // what was taken in so far stays; the rest is asked for again
    askings.shutdown().await;
}

async fn due(
    gateway: &Gateway,
    busy: &BTreeSet<String>,
    nudged: &mut BTreeSet<String>,
) -> Result<Vec<Source>, crate::StorageError> {
    let storage = gateway.storage();
    if storage.house().await?.clinic.is_none() {
        return Ok(Vec::new());
    }
    let mut due = Vec::new();
    for source in storage.sources().await? {
        if !source.enabled || !secrets_allow(source.connector) || busy.contains(&source.id) {
            continue;
        }
        let state = storage.poll_state(&source.id).await?;
        // a hint does not shorten the patience with a site that fails
        let sooner = nudged.remove(&source.id) && state.failures == 0;
        if sooner || state.due_at <= gateway.now() {
            due.push(source);
        }
    }
    Ok(due)
}

fn secrets_allow(connector: connectors::Connector) -> bool {
    use connectors::Connector as C;
    matches!(connector, C::WooCommerce | C::Yclients | C::Mailbox)
}

async fn one(gateway: Gateway, source: Source, holder: String) -> String {
    let id = source.id.clone();
    if let Err(error) = ask(&gateway, source, &holder).await {
        tracing::warn!(source = %id, %error, "a source could not be asked");
    }
    id
}

async fn ask(gateway: &Gateway, source: Source, holder: &str) -> Result<Option<PollReport>, crate::StorageError> {
    let keys = Keys::of(gateway.storage(), &source.id).await?;
    let now = gateway.now();
    let id = source.id.clone();
    let Some(upstream) = keys.upstream.clone() else {
        rest(gateway, &id, holder, now).await?;
        return Ok(None);
    };
    let mut tx = gateway.storage().begin().await?;
    if !tx.hold_poll(&id, holder, now, now + HELD).await? {
        return Ok(None);
    }
    tx.commit().await?;
    let before = gateway.storage().poll_state(&id).await?;
    let mark_key = keys.mark_key("");
    let mut asking = Asking { gateway: gateway.clone(), source, mark_key, place: before.place.clone(), news: 0 };
    let asked = timeout(LIMIT, by_kind(&mut asking, &upstream)).await;
    let trouble = match asked {
        Ok(Ok(())) => None,
        Ok(Err(PollError::Site(trouble))) => Some(trouble),
        Ok(Err(PollError::Own(error))) => {
            tracing::error!(source = %id, %error, "what was fetched was not stored");
            Some(Trouble::NotStored)
        }
        Err(_) => Some(Trouble::Unreachable),
    };
    if let Some(trouble) = trouble {
        tracing::warn!(source = %id, kind = trouble.as_str(), "a source was asked in vain");
        gateway.trouble(&id, trouble);
    }
    let after = gateway.now();
    let failures = if trouble.is_some() { before.failures.saturating_add(1) } else { 0 };
    let wait = if failures > 0 { patience(failures) } else { interval(&upstream) };
    let state = PollState {
        place: asking.place,
        polled_at: if trouble.is_none() { Some(after) } else { before.polled_at },
        failures,
        due_at: after + with_jitter(wait),
    };
    let mut tx = gateway.storage().begin().await?;
    tx.put_poll(&id, &state).await?;
    tx.commit().await?;
    Ok(Some(PollReport { news: asking.news, trouble: trouble.map(Trouble::as_str) }))
}

/// Without an access there is nothing to ask with: it is not looked at again until there is one.
async fn rest(gateway: &Gateway, id: &str, holder: &str, now: DateTime<Utc>) -> Result<(), crate::StorageError> {
    let state = gateway.storage().poll_state(id).await?;
    let mut tx = gateway.storage().begin().await?;
    if tx.hold_poll(id, holder, now, now).await? {
        tx.put_poll(id, &PollState { due_at: now + LONGEST_WAIT, ..state }).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn by_kind(asking: &mut Asking, upstream: &Upstream) -> Result<(), PollError> {
    match upstream {
        Upstream::WooCommerce { url, consumer_key, consumer_secret } => {
            woocommerce::ask(asking, &woocommerce::Shop { url, consumer_key, consumer_secret }).await
        }
        Upstream::Yclients { url, company, partner_token, user_token } => {
            yclients::ask(asking, &yclients::Journal { url, company: *company, partner_token, user_token }).await
        }
        Upstream::Mailbox { host, port, tls, user, password, folder, from } => {
            let from = from.as_deref();
            mailbox::ask(asking, &mailbox::Mailbox { host, port: *port, tls: *tls, user, password, folder, from }).await
        }
    }
}

/// How often a source is asked without a hint.
fn interval(upstream: &Upstream) -> Duration {
    match upstream {
        Upstream::WooCommerce { .. } => Duration::minutes(5),
        // asked by hints alone; this looks after those that were left over
        Upstream::Yclients { .. } => Duration::minutes(5),
        Upstream::Mailbox { .. } => Duration::minutes(1),
    }
}

fn patience(failures: u32) -> Duration {
    (FIRST_WAIT * 2_i32.saturating_pow(failures.saturating_sub(1).min(16))).min(LONGEST_WAIT)
}

/// Up to a fifth more, so that many gateways do not ask one shop in step.
fn with_jitter(wait: Duration) -> Duration {
    let random = seal::make_bytes::<1>().map_or(0, |bytes| bytes[0]);
    wait + wait * i32::from(random) / (255 * 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_grows_and_has_an_end() {
        let seconds: Vec<_> = [1, 2, 3, 8, 9, 100].map(|failures| patience(failures).num_seconds()).into();
        assert_eq!(seconds, [10, 20, 40, 1280, 1800, 1800]);
        let wait = Duration::seconds(100);
        assert!((0..200).all(|_| (wait..=wait * 6 / 5).contains(&with_jitter(wait))));
    }
}
