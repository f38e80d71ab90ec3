//! Compression of the streams of a file.
//!
//! Invariant: what is remembered is fonts cut to the letters of a paper, never what stands on it.

use std::collections::VecDeque;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::{Compression, write::ZlibEncoder};
use lopdf::{Document as LowDocument, Object};
use sha2::{Digest, Sha256};

use crate::PaperError;

/// Level of deflate, of 0 to 9: a quarter of the time of lopdf's own, which asks for the best, for a file 4 % larger.
const LEVEL: u32 = 2;

/// Font files that are remembered: four faces of the papers of a visit.
const REMEMBERED: usize = 32;

type Known = (Arc<[u8]>, Arc<[u8]>);

/// Compressed font files by the digest of what they hold: papers of a kind use the same letters, and fonts are most of
/// what there is to compress.
#[derive(Default)]
pub(crate) struct FontFiles(Mutex<VecDeque<Known>>);

impl FontFiles {
    fn compressed(&self, content: &[u8]) -> Result<Vec<u8>, PaperError> {
        let digest: Arc<[u8]> = Sha256::digest(content).as_slice().into();
        let found = self.lock().iter().find(|(known, _)| *known == digest).map(|(_, bytes)| bytes.to_vec());
        if let Some(found) = found {
            return Ok(found);
        }
        let bytes = deflated(content)?;
        let mut files = self.lock();
        files.truncate(REMEMBERED - 1);
        files.push_front((digest, bytes.as_slice().into()));
        Ok(bytes)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compresses every stream that is not.
pub(super) fn streams(document: &mut LowDocument, fonts: &FontFiles) -> Result<(), PaperError> {
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object
            && stream.allows_compression
            && !stream.dict.has(b"Filter")
        {
            // only font files say how long they were
            let is_font = stream.dict.has(b"Length1");
            let bytes = if is_font { fonts.compressed(&stream.content)? } else { deflated(&stream.content)? };
            stream.set_content(bytes);
            stream.dict.set("Filter", "FlateDecode");
        }
    }
    Ok(())
}

fn deflated(content: &[u8]) -> Result<Vec<u8>, PaperError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(LEVEL));
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}
