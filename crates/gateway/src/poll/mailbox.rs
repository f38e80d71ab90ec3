//! Letters that a site sends to the clinic's address.
//!
//! The mailbox is opened for reading only and letters are peeked at, so nothing in it changes: whoever reads the mail finds
//! it unread. The place is the number of the last letter within the mailbox's validity; when that changes, or the mailbox
//! is another one, the letters of the last week are read again, and those that are known are known by their Message-ID.

use std::{collections::BTreeSet, sync::Arc, time::Duration as StdDuration};

use async_imap::{Client, Session, error::Error as ImapError};
use chrono::Duration;
use futures_util::TryStreamExt;
use rustls::{ClientConfig, pki_types::ServerName};
use rustls_platform_verifier::ConfigVerifierExt;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{Asking, PollError};
use crate::sources::Trouble;

const CONNECT_LIMIT: StdDuration = StdDuration::from_secs(10);
/// Letters taken in one asking.
const MOST_LETTERS: usize = 500;
/// Only so much of a letter is fetched: what a form sends stands before the attachments.
const LETTER: &str = "(UID BODY.PEEK[]<0.262144>)";
const AGAIN: Duration = Duration::days(7);

/// The access to a mailbox.
pub(super) struct Mailbox<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) tls: bool,
    pub(super) user: &'a str,
    pub(super) password: &'a str,
    pub(super) folder: &'a str,
    pub(super) from: Option<&'a str>,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
struct Place {
    validity: u32,
    last: u32,
}

/// What a connection is, with TLS or without.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Wire for T {}

pub(super) async fn ask(asking: &mut Asking, mailbox: &Mailbox<'_>) -> Result<(), PollError> {
    let mut session = mailbox.sign_in().await?;
    let read = letters(asking, mailbox, &mut session).await;
    // it hangs up anyway
    let _ = timeout(CONNECT_LIMIT, session.logout()).await;
    read
}

async fn letters(
    asking: &mut Asking,
    mailbox: &Mailbox<'_>,
    session: &mut Session<Box<dyn Wire>>,
) -> Result<(), PollError> {
    let opened = session.examine(mailbox.folder).await.map_err(trouble)?;
    let (validity, next) = (opened.uid_validity.unwrap_or(0), opened.uid_next);
    let known = asking.place.as_deref().and_then(|place| serde_json::from_str::<Place>(place).ok());
    let mut search = match (known, next) {
        (Some(place), _) if place.validity == validity => format!("UID {}:*", u64::from(place.last) + 1),
        // a new source begins with what comes from now on
        (None, Some(next)) => {
            asking.place = at(Place { validity, last: next.saturating_sub(1) });
            return Ok(());
        }
        _ => format!("SINCE {}", (asking.gateway.now() - AGAIN).format("%d-%b-%Y")),
    };
    if let Some(from) = mailbox.from {
        search.push_str(&format!(" FROM \"{from}\""));
    }
    let mut last = known.filter(|place| place.validity == validity).map_or(0, |place| place.last);
    let found = session.uid_search(&search).await.map_err(trouble)?;
    // `n:*` names the last letter even where it is before n
    let new: BTreeSet<u32> = found.into_iter().filter(|uid| *uid > last).collect();
    for uid in new.into_iter().take(MOST_LETTERS) {
        if let Some(letter) = letter(session, uid).await? {
            asking.take("message/rfc822", letter).await?;
        }
        last = uid;
        asking.place = at(Place { validity, last });
    }
    if known.is_none_or(|place| place.validity != validity) {
        asking.place = at(Place { validity, last });
    }
    Ok(())
}

fn at(place: Place) -> Option<String> {
    serde_json::to_string(&place).ok()
}

/// None: it was removed meanwhile.
async fn letter(session: &mut Session<Box<dyn Wire>>, uid: u32) -> Result<Option<Vec<u8>>, PollError> {
    let fetched = session.uid_fetch(uid.to_string(), LETTER).await.map_err(trouble)?;
    let fetched: Vec<_> = fetched.try_collect().await.map_err(trouble)?;
    Ok(fetched.iter().find_map(|one| one.body().map(<[u8]>::to_vec)))
}

impl Mailbox<'_> {
    async fn sign_in(&self) -> Result<Session<Box<dyn Wire>>, PollError> {
        let unreachable = || PollError::Site(Trouble::Unreachable);
        let connect = async {
            let stream = TcpStream::connect((self.host, self.port)).await.ok()?;
            let wire: Box<dyn Wire> = if self.tls {
                let _ = rustls::crypto::ring::default_provider().install_default();
                let config = ClientConfig::with_platform_verifier().ok()?;
                let name = ServerName::try_from(self.host.to_owned()).ok()?;
                Box::new(TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?)
            } else {
                Box::new(stream)
            };
            let mut client = Client::new(wire);
            // the greeting
            client.read_response().await.ok()??;
            Some(client)
        };
        let client = timeout(CONNECT_LIMIT, connect).await.ok().flatten().ok_or_else(unreachable)?;
        match timeout(CONNECT_LIMIT, client.login(self.user, self.password)).await {
            Ok(Ok(session)) => Ok(session),
            Ok(Err((ImapError::No(_) | ImapError::Bad(_), _))) => Err(PollError::Site(Trouble::AccessRefused)),
            Ok(Err(_)) | Err(_) => Err(unreachable()),
        }
    }
}

/// The library's error may quote what the server said, so only its sort is kept.
fn trouble(error: ImapError) -> PollError {
    PollError::Site(match error {
        ImapError::Io(_) | ImapError::ConnectionLost => Trouble::Unreachable,
        ImapError::No(_) => Trouble::SiteFailed,
        _ => Trouble::Garbled,
    })
}
