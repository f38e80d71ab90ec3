//! What a site sends becomes a request, sealed before it is written: one rule for every door.
//!
//! - Nothing that got past the door is lost: what cannot be read, or what makes the reader fail, becomes a request in
//!   quarantine with everything that was sent in its sealed envelope. Reading comes before the answer, because the
//!   gateway could not open later what it has sealed now.
//! - Nothing is doubled: the same submission is known by the site's own key, else by the same bytes soon after. A later
//!   version of the same thing (an order that was paid, a record that was moved) changes the request that it has made.
//! - The site's `ok` means that all of it is on the disk: request, certificates, envelope and marks are one transaction.

mod certificates;
mod marks;
mod plan;
mod reading;

use chrono::{DateTime, Duration, Utc};
use connectors::{Canonical, Hint, Parsed, Unreadable};
use contract::v1::ProblemCode;
use domain::RequestId;

use crate::{
    Failure, Gateway,
    db::{HintRow, Source, Subject, Transaction},
};

pub(crate) use marks::MarkKey;
use marks::Marks;
use plan::{Plan, Sealing};
pub(crate) use reading::guarded;

/// The same bytes again within this time are the same submission.
const SAME_BODY: Duration = Duration::minutes(10);

/// Who says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// Whoever knows the address of the source. Where the site can be asked, it is only news.
    News,
    /// The site: it has signed it.
    Signed,
    /// The site: the gateway has asked it.
    Fetched,
}

/// What arrived at the door of a source, or was fetched from it.
pub(crate) struct Arrival {
    pub(crate) source: Source,
    /// Keys the digests by which repetitions are known.
    pub(crate) mark_key: MarkKey,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
    pub(crate) word: Word,
    /// The site can be asked for the truth of what it says.
    pub(crate) can_ask: bool,
    /// It adds to this request, which the same visitor has just made.
    pub(crate) onto: Option<RequestId>,
    /// Somebody tries the door.
    pub(crate) test: bool,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    /// The site only tried the door.
    Probe,
    /// News of something that will be asked for.
    Noted,
    Request {
        id: RequestId,
        /// It was there already, in this version.
        again: bool,
    },
}

/// What a submission says, and what it gives to ask about.
pub(crate) type Said = (Option<Canonical>, Option<HintRow>);

/// Takes a submission in.
pub(crate) async fn receive(gateway: Gateway, arrival: Arrival) -> Result<Taken, Failure> {
    let parsed = read(&arrival);
    receive_read(gateway, arrival, parsed).await
}

/// The same of what was read already.
pub(crate) async fn receive_read(gateway: Gateway, arrival: Arrival, parsed: Parsed) -> Result<Taken, Failure> {
    match said(&arrival, parsed, gateway.now()) {
        Some((canonical, hint)) => take(&gateway, &arrival, canonical, hint.as_ref()).await,
        None => Ok(Taken::Probe),
    }
}

/// Reads a submission; whatever is wrong with it, or with the reader, nothing of it is lost.
pub(crate) fn read(arrival: &Arrival) -> Parsed {
    let settings = arrival.source.settings();
    guarded(&arrival.body, || {
        connectors::read(arrival.source.connector, &arrival.content_type, &arrival.body, &settings)
    })
}

/// None: the site only tried the door.
pub(crate) fn said(arrival: &Arrival, parsed: Parsed, now: DateTime<Utc>) -> Option<Said> {
    Some(match parsed {
        Parsed::Probe => return None,
        Parsed::Request(canonical) => (Some(*canonical), None),
        Parsed::Unreadable(unreadable) => (Some(shown_as_it_is(unreadable)), None),
        Parsed::Hint(Hint { claimed: None, resource, id, event }) if !arrival.can_ask => {
            (Some(reading::bare_news(&resource, id, event.as_deref())), None)
        }
        Parsed::Hint(Hint { resource, id: subject, claimed, .. }) => {
            let row = HintRow { resource, subject, noted_at: now };
            (claimed.map(|claimed| *claimed), (arrival.can_ask && arrival.word != Word::Fetched).then_some(row))
        }
    })
}

/// What is taken in of something that the site does not have any more.
pub(crate) fn gone(resource: &str, id: u64) -> Canonical {
    reading::bare_news(resource, id, Some("delete"))
}

/// Nothing was recognised: somebody looks at it as it is.
fn shown_as_it_is(unreadable: Unreadable) -> Canonical {
    let Unreadable { reason, kept, dropped } = unreadable;
    reading::raw(reason, kept, dropped)
}

/// Writes what was read, and the news that is to be asked about, in one transaction.
pub(crate) async fn take(
    gateway: &Gateway,
    arrival: &Arrival,
    canonical: Option<Canonical>,
    hint: Option<&HintRow>,
) -> Result<Taken, Failure> {
    let clinic = gateway.storage().house().await?.clinic.ok_or(ProblemCode::NotFounded)?;
    let source = arrival.source.id.as_str();
    let now = gateway.now();
    let sealed = match canonical {
        Some(canonical) => Some((Sealing::of_new(arrival, &canonical, &clinic.key, now)?, canonical)),
        None => None,
    };
    let mut tx = gateway.storage().begin().await?;
    let newest = tx.house().await?.clinic.ok_or(ProblemCode::NotFounded)?.key;
    let sealed = match sealed {
        // the key was changed while this waited for the writer
        Some((_, canonical)) if newest != clinic.key => {
            Some((Sealing::of_new(arrival, &canonical, &newest, now)?, canonical))
        }
        sealed => sealed,
    };
    if let Some(hint) = hint {
        tx.put_hint(source, hint).await?;
    }
    let (taken, seq) = match sealed {
        None => (Taken::Noted, None),
        Some((sealing, canonical)) => {
            let marks = Marks::of(arrival, &canonical)?;
            match known(tx.as_mut(), source, &marks, now).await? {
                Some(id) => (Taken::Request { id, again: true }, None),
                None => {
                    let subject = subject(tx.as_mut(), arrival, &marks).await?;
                    if subject.is_none() && reading::is_bare_deletion(&canonical) {
                        // of something that was never heard of: there is nobody to answer
                        tx.commit().await?;
                        return Ok(Taken::Noted);
                    }
                    let on = (sealing, subject);
                    let plan = Plan::of(tx.as_mut(), arrival, canonical, &marks, on, &newest, now).await?;
                    let seq = plan.write(tx.as_mut(), arrival, &marks, now).await?;
                    (Taken::Request { id: plan.request, again: false }, seq)
                }
            }
        }
    };
    tx.commit().await?;
    if let Taken::Request { id, again } = &taken {
        tracing::info!(source, request = %id, again, "taken in");
    }
    if let Some(seq) = seq {
        gateway.poke(seq);
    }
    if arrival.can_ask && arrival.word != Word::Fetched {
        gateway.nudge(source);
    }
    Ok(taken)
}

/// The request that this submission has already made. By the site's own key where it gives one, else by the same bytes.
async fn known(
    tx: &mut dyn Transaction,
    source: &str,
    marks: &Marks,
    now: DateTime<Utc>,
) -> Result<Option<RequestId>, Failure> {
    Ok(match &marks.natural {
        Some(natural) => tx.intake_of_key(source, natural).await?,
        None => tx.intake_of_body(source, &marks.body, now - SAME_BODY).await?,
    })
}

/// The request that an earlier version of the same thing has made.
async fn subject(tx: &mut dyn Transaction, arrival: &Arrival, marks: &Marks) -> Result<Option<Subject>, Failure> {
    match (&arrival.onto, &marks.subject) {
        (Some(onto), _) => Ok(Some(Subject { request: onto.clone(), newest: None })),
        (None, Some(mac)) => Ok(tx.subject(&arrival.source.id, mac).await?),
        (None, None) => Ok(None),
    }
}
