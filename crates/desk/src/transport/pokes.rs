//! The stream of pokes: «something changed, pull».

use std::{collections::VecDeque, fmt, pin::Pin, time::Duration};

use contract::v1::Poke;
use futures_util::{Stream, StreamExt};
use reqwest::Response;

use super::{TransportError, sse::Reader};

/// The gateway beats every 20 seconds; after so long a silence the stream is dead.
const SILENCE_LIMIT: Duration = Duration::from_secs(65);

type Chunks = Pin<Box<dyn Stream<Item = Option<Vec<u8>>> + Send>>;

/// An open stream.
pub struct Pokes {
    chunks: Chunks,
    reader: Reader,
    waiting: VecDeque<Poke>,
}

impl fmt::Debug for Pokes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pokes").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl Pokes {
    pub(super) fn of(opened: Response) -> Self {
        let chunks = opened.bytes_stream().map(|chunk| chunk.ok().map(|bytes| bytes.to_vec()));
        Self { chunks: Box::pin(chunks), reader: Reader::default(), waiting: VecDeque::new() }
    }

    /// The next poke.
    ///
    /// # Errors
    /// [`TransportError::Unreachable`] when the stream ended or went silent.
    pub async fn next(&mut self) -> Result<Poke, TransportError> {
        loop {
            if let Some(poke) = self.waiting.pop_front() {
                return Ok(poke);
            }
            let chunk = tokio::time::timeout(SILENCE_LIMIT, self.chunks.next()).await;
            let Ok(Some(Some(bytes))) = chunk else { return Err(TransportError::Unreachable) };
            for event in self.reader.take(&bytes).map_err(|_| TransportError::TooLarge)? {
                if event.name == "state"
                    && let Ok(poke) = serde_json::from_str(&event.data)
                {
                    self.waiting.push_back(poke);
                }
            }
        }
    }
}
