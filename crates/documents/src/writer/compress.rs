//! Compression of the streams of a file.

use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};
use lopdf::{Document as LowDocument, Object};

use super::faces::FontFiles;
use crate::PaperError;

/// Level of deflate, of 0 to 9: a quarter of the time of lopdf's own, which asks for the best, for a file 4 % larger.
const LEVEL: u32 = 2;

/// Compresses every stream that is not; of fonts that are remembered it has been done.
pub(super) fn streams(document: &mut LowDocument, fonts: &FontFiles) -> Result<(), PaperError> {
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object
            && stream.allows_compression
            && !stream.dict.has(b"Filter")
        {
            // only font files say how long they were
            let is_font = stream.dict.has(b"Length1");
            let known = if is_font { fonts.compressed(&stream.content) } else { None };
            let bytes = known.map_or_else(|| deflated(&stream.content), Ok)?;
            stream.set_content(bytes);
            stream.dict.set("Filter", "FlateDecode");
        }
    }
    Ok(())
}

pub(super) fn deflated(content: &[u8]) -> Result<Vec<u8>, PaperError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(LEVEL));
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}
