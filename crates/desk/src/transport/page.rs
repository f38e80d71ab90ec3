//! A page of the clinic's site: asked for without anything of the desk or the clinic, and without following it elsewhere.

use std::time::Duration;

use contract::ui::PolicyTrouble;
use reqwest::header;

use super::{PageAddress, TransportError, body, builder};

/// From the first byte to the last.
const LIMIT: Duration = Duration::from_secs(20);
/// The largest page that is read.
const LARGEST: usize = 5 * 1024 * 1024;

/// A page as it came.
#[derive(Debug)]
pub(crate) struct PageRead {
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// Reads a page.
///
/// # Errors
/// Why there is none.
pub(crate) async fn read_page(address: &PageAddress) -> Result<PageRead, PolicyTrouble> {
    let client = builder(address.is_local()).build().map_err(|_| PolicyTrouble::Unreachable)?;
    let asked = async {
        let answer = client.get(address.url()).send().await.map_err(|_| PolicyTrouble::Unreachable)?;
        let status = answer.status();
        if status.is_redirection() {
            return Err(PolicyTrouble::Moved);
        }
        if !status.is_success() {
            return Err(if status.is_server_error() { PolicyTrouble::Unreachable } else { PolicyTrouble::NoPage });
        }
        let content_type = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let body = body(answer, LARGEST).await.map_err(|error| match error {
            TransportError::TooLarge => PolicyTrouble::TooLarge,
            _ => PolicyTrouble::Unreachable,
        })?;
        Ok(PageRead { content_type, body })
    };
    tokio::time::timeout(LIMIT, asked).await.unwrap_or(Err(PolicyTrouble::Unreachable))
}
