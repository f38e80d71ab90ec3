//! What a site says of the agreement to processing: evidence for the clear state of a request, so nothing that a visitor
//! wrote may be in it.

use chrono::{DateTime, Utc};
use domain::request::ConsentEvidence;
use sha2::{Digest, Sha256};

use crate::text;

/// A longer label or value is the text of the agreement, not its name.
const LONGEST_LABEL: usize = 60;
/// What the field is called where its own name is too long or looks like somebody's data.
const LABEL: &str = "согласие";

#[derive(Default)]
pub(crate) struct Consent {
    tick: Option<(String, bool)>,
    text_sha256: Option<String>,
    at: Option<DateTime<Utc>>,
}

impl Consent {
    /// The tick. Whether it is the first one.
    pub(crate) fn tick(&mut self, label: &str, value: &str) -> bool {
        if self.tick.is_some() {
            return false;
        }
        let digits = label.chars().filter(char::is_ascii_digit).count();
        let is_label = label.chars().count() <= LONGEST_LABEL && digits <= 4 && !label.contains('@');
        let shown = if is_label { text::clean_line(label, LONGEST_LABEL) } else { LABEL.to_owned() };
        self.tick = Some((shown, text::is_yes(value)));
        // a form sends what was ticked either as the name of the box or as its value
        let agreed_to = [value, label].into_iter().find(|text| text.chars().count() > LONGEST_LABEL);
        if let Some(agreed_to) = agreed_to {
            self.text(agreed_to);
        }
        true
    }

    /// The text that was agreed to, or its hash.
    pub(crate) fn text(&mut self, text: &str) -> bool {
        if self.text_sha256.is_some() {
            return false;
        }
        let text = text.trim();
        let is_hash = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let hash = || Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        self.text_sha256 = Some(if is_hash { text.to_ascii_lowercase() } else { hash() });
        true
    }

    pub(crate) fn at(&mut self, at: DateTime<Utc>) -> bool {
        if self.at.is_some() {
            return false;
        }
        self.at = Some(at);
        true
    }

    /// Nothing without a tick: a text alone was not agreed to by anybody.
    pub(crate) fn evidence(&mut self, page: Option<&str>) -> Option<ConsentEvidence> {
        let (field, given) = self.tick.take()?;
        let (text_sha256, at) = (self.text_sha256.take(), self.at.take());
        Some(ConsentEvidence { field, given, text_sha256, at, page: page.map(str::to_owned) })
    }
}
