//! What a site says of the agreement to processing.
//!
//! It is evidence for the clear state of a request, so nothing that a visitor wrote may be in it: of a label only the
//! usual words are shown, of a text only its hash (SHA-256 of UTF-8, white space made single and trimmed).

use chrono::{DateTime, Utc};
use domain::request::ConsentEvidence;
use sha2::{Digest, Sha256};

use crate::{alias, text};

/// A longer label or value is the text of the agreement, not its name.
const LONGEST_LABEL: usize = 60;
/// How the words of a label begin that says nothing but that there is an agreement.
const USUAL_WORDS: [&str; 38] = [
    "accept",
    "agree",
    "and",
    "billing",
    "box",
    "checkbox",
    "condition",
    "consent",
    "data",
    "field",
    "form",
    "gdpr",
    "i",
    "my",
    "of",
    "order",
    "pd",
    "personal",
    "policy",
    "privacy",
    "processing",
    "terms",
    "the",
    "to",
    "в",
    "данн",
    "даю",
    "и",
    "конфиденц",
    "мои",
    "на",
    "обработк",
    "оферт",
    "персональн",
    "пд",
    "политик",
    "с",
    "соглас",
];
/// Words that are whole, not beginnings: a short one begins half of the dictionary.
const LONGEST_WHOLE: usize = 3;
/// What the field is called where its own name has other words.
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
        let is_label = label.chars().count() <= LONGEST_LABEL && alias::words(label).split(' ').all(is_usual);
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
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
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

fn is_usual(word: &str) -> bool {
    let is =
        |usual: &&str| if usual.chars().count() <= LONGEST_WHOLE { word == *usual } else { word.starts_with(*usual) };
    USUAL_WORDS.iter().any(is) || word.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_shows_nothing_of_a_visitor() {
        for (label, shown) in [
            ("acceptance-pd", "acceptance-pd"),
            ("consent.pd", "consent.pd"),
            ("Согласие на обработку персональных данных", "Согласие на обработку персональных данных"),
            ("Согласна, Мария Иванова", LABEL),
            ("Согласие 79000001234", LABEL),
            ("Согласие на обработку персональных данных и на звонки с предложениями клиники", LABEL),
        ] {
            let mut consent = Consent::default();
            consent.tick(label, "on");
            assert_eq!(consent.evidence(None).map(|evidence| evidence.field).as_deref(), Some(shown));
        }
    }

    #[test]
    fn a_text_is_told_by_its_hash_alone() {
        let hash_of = |text: &str| {
            let mut consent = Consent::default();
            consent.tick("consent", "yes");
            consent.text(text);
            consent.evidence(None).and_then(|evidence| evidence.text_sha256)
        };
        let hash = hash_of("Даю согласие\n на обработку");
        assert_eq!(hash, hash_of(" Даю согласие на обработку "));
        let hash = hash.unwrap_or_default();
        assert_eq!(hash_of(&hash.to_uppercase()).as_deref(), Some(hash.as_str()), "a hash stays what it is");
        assert_eq!(Consent::default().evidence(None), None, "a text alone was agreed to by nobody");
    }
}
