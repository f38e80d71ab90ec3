//! What real sites send, read into one canonical request.
//!
//! Sites name their fields as their designers please, so fields are mapped by the clinic's own rules, by what the format
//! says, by alias, and by the shape of phones and e-mails; what is not understood is kept and shown, never thrown away.
//!
//! A payload goes three steps: `fields` makes a flat list of fields of any encoding, the connector's module finds what
//! is particular to its product (orders, records, keys), `reading` maps the rest. What is kept of a payload is that
//! list of fields, so a desk can take the last two steps again ([`reread`]).
//!
//! Invariants:
//! - pure: bytes in, a value out; no clock, no network, and no input makes it panic;
//! - data minimisation at the door: addresses, cookies, browsers, referrers, passports and what is about health are left
//!   out by the name of their field, and only counted ([`Canonical::dropped`]);
//! - nothing is invented: «утро» stays a word, and a time without an offset is used only where the source names its zone;
//! - nothing is lost: what cannot be read is there as text;
//! - `Debug` of everything here prints no value of a visitor.

mod alias;
pub mod bitrix24;
mod canonical;
mod cart;
mod certificate;
mod charset;
mod consent;
mod dry_run;
mod elementor;
mod fields;
mod html;
mod letter;
mod mask;
mod moment;
mod page;
mod reading;
mod signature;
mod text;
mod woocommerce;
mod yclients;

use std::str::FromStr;

use chrono_tz::Tz;
use domain::request::RequestKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use canonical::{Canonical, CertificateOrder, Hint, Parsed, Standing, Unreadable};
pub use domain::{
    mapping::{FieldMeaning, FieldRule},
    request::QuarantineReason,
};
pub use dry_run::{DryRun, FieldReport, Why};
pub use fields::{LONGEST_KEY, LONGEST_VALUE, MOST_FIELDS};
pub use page::page_words;
pub use signature::{verify_taplink, verify_woocommerce};
pub use woocommerce::{GiftCard, gift_card};

use fields::{Field, Payload};
use reading::Arrived;

/// The most certificates that one order makes.
pub const MOST_CERTIFICATES: usize = 20;
/// The name under which the whole text of an unreadable payload is kept.
pub const BODY: &str = "body";
/// Longest text of an unreadable payload, in characters: more than the door lets in.
pub const LONGEST_BODY: usize = 262_144;

const JSON: &str = "application/json";

/// How a source speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Connector {
    /// Tilda's webhook: forms and the cart.
    Tilda,
    /// The webhook of Elementor Pro's forms, simple and advanced.
    Elementor,
    /// Contact Form 7 with «CF7 to Webhook».
    #[serde(rename = "cf7")]
    ContactForm7,
    /// Orders of a `WooCommerce` shop, by webhook and from its API.
    WooCommerce,
    /// What sites send to a Bitrix24 portal.
    Bitrix24,
    /// Records of YCLIENTS, by webhook and from its API.
    Yclients,
    /// Letters that simple sites send to the clinic's address.
    Mailbox,
    /// Anything that posts a form or JSON: a script, another program.
    Form,
}

impl Connector {
    /// Every connector.
    pub const ALL: [Self; 8] = [
        Self::Tilda,
        Self::Elementor,
        Self::ContactForm7,
        Self::WooCommerce,
        Self::Bitrix24,
        Self::Yclients,
        Self::Mailbox,
        Self::Form,
    ];

    /// The word in the address of a source.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tilda => "tilda",
            Self::Elementor => "elementor",
            Self::ContactForm7 => "cf7",
            Self::WooCommerce => "woocommerce",
            Self::Bitrix24 => "bitrix24",
            Self::Yclients => "yclients",
            Self::Mailbox => "mailbox",
            Self::Form => "form",
        }
    }
}

/// There is no such connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such connector")]
pub struct UnknownConnector;

impl FromStr for Connector {
    type Err = UnknownConnector;
    fn from_str(word: &str) -> Result<Self, UnknownConnector> {
        Self::ALL.into_iter().find(|c| c.as_str() == word).ok_or(UnknownConnector)
    }
}

/// What the clinic has said of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSettings {
    /// The zone of times that the site sends without an offset. Without it such times are not used.
    pub zone: Option<Tz>,
    /// What a request is when nothing in it says so.
    pub default_kind: RequestKind,
    /// What the clinic has said of single fields.
    #[serde(default)]
    pub mapping: Vec<FieldRule>,
}

/// Reads one payload.
#[must_use]
pub fn read(connector: Connector, content_type: &str, body: &[u8], settings: &SourceSettings) -> Parsed {
    dry_run(connector, content_type, body, settings).parsed
}

/// Reads what was kept of a payload ([`Canonical::kept`], [`Unreadable::kept`]) once more, after its mapping was mended.
#[must_use]
pub fn reread(
    connector: Connector,
    content_type: &str,
    kept: &[(String, String)],
    settings: &SourceSettings,
) -> Parsed {
    if let [(name, body)] = kept
        && name == BODY
    {
        return read(connector, content_type, body.as_bytes(), settings);
    }
    let fields = kept.iter().filter_map(|(key, value)| Field::of_kept(key, value)).collect();
    of_payload(connector, Payload { fields, dropped: Vec::new() }, settings).parsed
}

/// Reads a payload and tells of each field what it was taken for and why.
#[must_use]
pub fn dry_run(connector: Connector, content_type: &str, body: &[u8], settings: &SourceSettings) -> DryRun {
    match payload(connector, content_type, body) {
        Ok(payload) => of_payload(connector, payload, settings),
        Err(reason) => {
            let (text, dropped) = mask::masked(&charset::decode(body, content_type));
            let kept = vec![(BODY.to_owned(), text::clean_lines(&text, LONGEST_BODY))];
            let parsed = Parsed::Unreadable(Unreadable { reason, kept, dropped });
            DryRun { fields: Vec::new(), parsed }
        }
    }
}

/// A list as an API answers it (orders of a shop, records of a journal), each as if it had come alone.
#[must_use]
pub fn read_each(connector: Connector, body: &[u8], settings: &SourceSettings) -> Vec<Parsed> {
    let list = match serde_json::from_slice(body) {
        Ok(Value::Array(list)) => list,
        Ok(Value::Object(mut answer)) => match answer.remove("data") {
            Some(Value::Array(list)) => list,
            _ => return vec![read(connector, JSON, body, settings)],
        },
        _ => return vec![read(connector, JSON, body, settings)],
    };
    list.iter().map(|one| read(connector, JSON, one.to_string().as_bytes(), settings)).collect()
}

fn payload(connector: Connector, content_type: &str, body: &[u8]) -> Result<Payload, QuarantineReason> {
    match connector {
        Connector::Mailbox => letter::read(body),
        Connector::WooCommerce => fields::read(content_type, body, woocommerce::noise),
        Connector::Yclients => fields::read(content_type, body, yclients::noise),
        _ => fields::read(content_type, body, fields::no_noise),
    }
}

fn of_payload(connector: Connector, payload: Payload, settings: &SourceSettings) -> DryRun {
    let Payload { fields, dropped } = payload;
    if fields.is_empty() && dropped.is_empty() {
        return DryRun { fields: Vec::new(), parsed: Parsed::Probe };
    }
    let mut arrived = match connector {
        Connector::Tilda => cart::arrange(fields),
        Connector::WooCommerce => woocommerce::arrange(fields),
        Connector::Bitrix24 => Arrived::Submission(bitrix24::arrange(fields)),
        Connector::Yclients => yclients::arrange(fields),
        Connector::Mailbox => Arrived::Submission(letter::arrange(fields)),
        Connector::Elementor | Connector::ContactForm7 | Connector::Form => {
            Arrived::Submission(certificate::arrange(elementor::plain(fields)))
        }
    };
    if let Arrived::Submission(submission) | Arrived::Hint(_, Some(submission)) = &mut arrived {
        submission.dropped.extend(dropped);
    }
    reading::finish(arrived, connector, settings)
}
