//! Bytes as text, whichever of the encodings of Russian sites they are in.
//!
//! UTF-8 is told by its form and goes before what a header claims; then comes the claim, then a guess.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// The encoding of bytes that came under this content type.
pub(crate) fn of(bytes: &[u8], content_type: &str) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => return UTF_8,
        // cut off inside a letter
        Err(error) if error.error_len().is_none() => return UTF_8,
        Err(_) => {}
    }
    if let Some(claimed) = claimed(content_type).filter(|encoding| *encoding != UTF_8) {
        return claimed;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(Some(b"ru"), Utf8Detection::Deny)
}

/// What cannot be decoded becomes `U+FFFD`; nothing fails.
pub(crate) fn decode(bytes: &[u8], content_type: &str) -> String {
    of(bytes, content_type).decode(bytes).0.into_owned()
}

fn claimed(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let (_, label) = lower.split_once("charset=")?;
    let label = label.split(';').next().unwrap_or_default();
    Encoding::for_label(label.trim().trim_matches('"').as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_is_read_in_its_usual_encodings() {
        let text = "Иванова Анна, перезвоните после 18:00";
        let (windows, ..) = encoding_rs::WINDOWS_1251.encode(text);
        let (koi, ..) = encoding_rs::KOI8_R.encode(text);
        assert_eq!(decode(text.as_bytes(), "text/plain; charset=windows-1251"), text, "the form of UTF-8 is certain");
        assert_eq!(decode(&windows, "text/plain; charset=\"Windows-1251\""), text);
        assert_eq!(decode(&windows, ""), text);
        assert_eq!(decode(&koi, "text/plain; charset=koi8-r"), text);
        assert_eq!(decode(&koi, "text/plain"), text);
        assert!(decode(&"Анна".as_bytes()[..7], "").starts_with("Анн"), "cut off inside a letter");
    }
}
