//! What a PDF file says about itself: title, author, times, language, identity.
//!
//! No conformance level (PDF/A, PDF/X) is claimed: none is checked. The person's name is not part
//! of the description.

use chrono::{DateTime, Datelike, FixedOffset, Timelike, Utc};
use data_encoding::HEXUPPER;
use lopdf::{Document as LowDocument, Object, ObjectId, Stream, StringFormat, dictionary};
use printpdf::{OffsetDateTime, PdfDocument};
use sha2::{Digest, Sha256};

use crate::PaperError;

const CREATOR: &str = concat!("Ресепшн, documents ", env!("CARGO_PKG_VERSION"));
const PRODUCER: &str = "printpdf 0.12.8; Typst 0.15.1 (layout)";
const PDF_VERSION: &str = "1.7";

/// The description of one file.
#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) title: String,
    /// The clinic.
    pub(crate) author: String,
    /// Wording, revision and sheet.
    pub(crate) subject: String,
    pub(crate) printed_at: DateTime<FixedOffset>,
}

impl Card {
    /// The part printpdf writes by itself.
    pub(crate) fn fill_in(&self, document: &mut PdfDocument) -> Result<(), PaperError> {
        let printed_at =
            OffsetDateTime::from_unix_timestamp(self.printed_at.timestamp()).map_err(|_| PaperError::Time)?;
        let info = &mut document.metadata.info;
        info.document_title.clone_from(&self.title);
        info.author.clone_from(&self.author);
        info.subject.clone_from(&self.subject);
        CREATOR.clone_into(&mut info.creator);
        PRODUCER.clone_into(&mut info.producer);
        info.creation_date = printed_at;
        info.modification_date = printed_at;
        info.metadata_date = printed_at;
        Ok(())
    }

    /// The part printpdf does not know: version, language, XMP, the way viewers open the file.
    pub(crate) fn finish(&self, document: &mut LowDocument) -> Result<(), PaperError> {
        PDF_VERSION.clone_into(&mut document.version);
        let info = reference(document, b"Info")?;
        let info = document.get_object_mut(info)?.as_dict_mut()?;
        for claim in [&b"GTS_PDFXVersion"[..], b"Identifier", b"Trapped", b"Keywords"] {
            info.remove(claim);
        }
        let packet = dictionary! { "Type" => "Metadata", "Subtype" => "XML" };
        let metadata = Stream::new(packet, self.xmp().into_bytes()).with_compression(false);
        let metadata = document.add_object(metadata);
        let root = reference(document, b"Root")?;
        let catalog = document.get_object_mut(root)?.as_dict_mut()?;
        catalog.set("Metadata", metadata);
        catalog.set("Lang", Object::string_literal("ru-RU"));
        catalog.set("ViewerPreferences", dictionary! { "DisplayDocTitle" => true });
        Ok(())
    }

    fn xmp(&self) -> String {
        let at = self.printed_at.with_timezone(&Utc);
        let time = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+00:00",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        );
        format!(
            include_str!("xmp.xml"),
            title = escape(&self.title),
            author = escape(&self.author),
            subject = escape(&self.subject),
            creator = CREATOR,
            producer = PRODUCER,
            time = time,
        )
    }
}

/// Saves the file with an identity made of its own content instead of a random one.
pub(crate) fn sign(document: &mut LowDocument) -> Result<Vec<u8>, PaperError> {
    const NONE: [u8; 16] = [0; 16];
    let identity = |bytes: &[u8]| Object::String(bytes.to_vec(), StringFormat::Hexadecimal);
    document.trailer.set("ID", vec![identity(&NONE), identity(&NONE)]);
    let mut file = Vec::new();
    document.save_to(&mut file)?;
    let digest = HEXUPPER.encode(Sha256::digest(&file).get(..NONE.len()).unwrap_or_default());
    let place = HEXUPPER.encode(&NONE);
    // the trailer is at the end, and both halves are the same
    for _ in 0..2 {
        if let Some(at) = file.windows(place.len()).rposition(|window| window == place.as_bytes())
            && let Some(half) = file.get_mut(at..at + place.len())
        {
            half.copy_from_slice(digest.as_bytes());
        }
    }
    Ok(file)
}

fn reference(document: &LowDocument, key: &[u8]) -> Result<ObjectId, PaperError> {
    Ok(document.trailer.get(key)?.as_reference()?)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
