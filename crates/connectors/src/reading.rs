//! The fields of one submission, sorted by what they mean.
//!
//! The first field of a meaning fills it; a second one is kept beside it. A phone or an e-mail in a field of an unknown
//! name is known by its shape.

use chrono_tz::Tz;
use domain::{
    personal::RequestPersonal,
    phone::{self, ParsedPhone},
    request::{ConsentEvidence, RequestKind},
};

use crate::{
    Canonical, Connector, Parsed, Reason, SourceSettings, Unreadable,
    alias::{self, Meaning},
    certificate::Orders,
    fields::Field,
    moment, text,
};

const LONGEST_NAME: usize = 100;
const LONGEST_PHONE: usize = 200;
const LONGEST_LINE: usize = 300;
/// A field beside the known ones is shown, not studied.
const LONGEST_EXTRA: usize = 2_000;
const MOST_EXTRA: usize = 60;
const LONGEST_NATURAL_KEY: usize = 200;
/// Longer text is not a phone that somebody put into a field of another name.
const LONGEST_PHONE_SHAPE: usize = 24;
/// A number with fewer digits is not known by its shape.
const SHORTEST_PHONE_SHAPE: usize = 10;

/// What a submission says.
#[derive(Default)]
pub(crate) struct Reading {
    name: Option<String>,
    family: Option<String>,
    given: Option<String>,
    patronymic: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    service: Option<String>,
    doctor: Option<String>,
    wishes: Vec<String>,
    comment: Option<String>,
    recipient: Option<String>,
    consent: Option<ConsentEvidence>,
    site: Option<String>,
    submitted: Option<String>,
    form_name: Option<String>,
    kind: Option<String>,
    natural_key: Option<String>,
    extra: Vec<(String, String)>,
    dropped: Vec<&'static str>,
    kept: Vec<(String, String)>,
}

impl Reading {
    pub(crate) fn of(fields: Vec<Field>, connector: Connector) -> Self {
        let mut reading = Self::default();
        let fields = plain_elementor(fields);
        // a form builder's own notes about the submission: its date is not the visitor's wish
        let has_notes = fields
            .iter()
            .any(|f| matches!(alias::words(&f.key).as_str(), "user agent" | "page url" | "remote ip" | "powered by"));
        for field in fields {
            if has_notes && matches!(alias::words(&field.key).as_str(), "date" | "time") {
                reading.dropped.push("technical");
                continue;
            }
            reading.sort(field, connector);
        }
        reading.know_by_shape();
        reading
    }

    fn sort(&mut self, field: Field, connector: Connector) {
        let Field { key, value } = field;
        let meaning = alias::meaning(&key);
        if let Meaning::Drop(sort) = meaning {
            self.dropped.push(sort);
            return;
        }
        if meaning == Meaning::Site {
            match text::host(&value) {
                Some(host) => drop(self.site.get_or_insert(host)),
                None => self.dropped.push("technical"),
            }
            return;
        }
        self.kept.push((key.clone(), value.clone()));
        let slot = match meaning {
            Meaning::Consent if self.consent.is_none() => {
                self.consent = Some(ConsentEvidence { field: field_name(&key), given: text::is_yes(&value) });
                return;
            }
            Meaning::Wish => return self.wishes.push(text::clean_line(&value, LONGEST_LINE)),
            Meaning::Phone if text::is_email(&value) => &mut self.email,
            Meaning::NaturalKey if connector == Connector::Form => &mut self.natural_key,
            Meaning::Name => &mut self.name,
            Meaning::Family => &mut self.family,
            Meaning::Given => &mut self.given,
            Meaning::Patronymic => &mut self.patronymic,
            Meaning::Phone => &mut self.phone,
            Meaning::Email => &mut self.email,
            Meaning::Service => &mut self.service,
            Meaning::Doctor => &mut self.doctor,
            Meaning::Comment => &mut self.comment,
            Meaning::Recipient => &mut self.recipient,
            Meaning::Submitted => &mut self.submitted,
            Meaning::FormName => &mut self.form_name,
            Meaning::Kind => &mut self.kind,
            _ => return self.beside(key, &value),
        };
        if slot.is_some() {
            self.beside(key, &value);
        } else {
            *slot = Some(value);
        }
    }

    fn beside(&mut self, key: String, value: &str) {
        self.extra.push((key, text::clean_lines(value, LONGEST_EXTRA)));
    }

    fn know_by_shape(&mut self) {
        if self.phone.is_none()
            && let Some(at) =
                self.extra.iter().position(|(key, value)| !is_number_of_something(key) && has_phone_shape(value))
        {
            self.phone = Some(self.extra.remove(at).1);
        }
        if self.email.is_none()
            && let Some(at) = self.extra.iter().position(|(_, value)| text::is_email(value))
        {
            self.email = Some(self.extra.remove(at).1);
        }
    }

    pub(crate) fn finish(mut self, orders: Orders, settings: &SourceSettings) -> Parsed {
        self.kept.extend(orders.kept);
        if !self.says_something() && orders.certificates.is_empty() && orders.extra.is_empty() {
            return Parsed::Unreadable(Unreadable {
                reason: Reason::NothingRecognised,
                kept: self.kept,
                dropped: self.dropped,
            });
        }
        let kind = self.kind_of_request(!orders.certificates.is_empty(), settings.default_kind);
        let submitted_at = self.instant(settings.zone);
        let name = self.full_name();
        let mut certificates = orders.certificates;
        for certificate in &mut certificates {
            certificate.buyer = certificate.buyer.take().or_else(|| name.clone());
            certificate.recipient = certificate
                .recipient
                .take()
                .or_else(|| self.recipient.as_deref().map(|r| text::clean_line(r, LONGEST_NAME)));
        }
        let mut extra = self.extra;
        extra.extend(self.form_name.map(|form| ("Форма".to_owned(), text::clean_line(&form, LONGEST_LINE))));
        if certificates.is_empty() {
            extra.extend(self.recipient.map(|recipient| ("Получатель".to_owned(), recipient)));
        }
        extra.extend(orders.extra);
        extra.truncate(MOST_EXTRA);
        let line = |value: Option<String>| value.map(|v| text::clean_line(&v, LONGEST_LINE));
        let personal = RequestPersonal {
            name_raw: name.unwrap_or_default(),
            phone: self.phone.as_deref().map(read_phone),
            email: self.email.map(|email| text::clean_line(&email, LONGEST_LINE)),
            service: line(self.service),
            doctor: line(self.doctor),
            preferred_time: (!self.wishes.is_empty()).then(|| self.wishes.join(", ")),
            comment: self.comment,
            extra,
        };
        let natural_key =
            orders.natural_key.or(self.natural_key).map(|key| text::clean_line(&key, LONGEST_NATURAL_KEY));
        Parsed::Request(Box::new(Canonical {
            kind,
            personal,
            submitted_at,
            site: self.site,
            natural_key,
            consent: self.consent,
            certificates,
            dropped: self.dropped,
            kept: self.kept,
        }))
    }

    /// Whether there is anybody to answer, or anything to answer to.
    fn says_something(&self) -> bool {
        [&self.name, &self.family, &self.given, &self.phone, &self.email, &self.comment, &self.service]
            .into_iter()
            .any(Option::is_some)
    }

    fn instant(&self, zone: Option<Tz>) -> Option<chrono::DateTime<chrono::Utc>> {
        self.submitted.as_deref().and_then(|submitted| moment::instant(submitted, zone))
    }

    fn full_name(&self) -> Option<String> {
        let given = self.given.as_ref().or(self.name.as_ref());
        let mut parts: Vec<&str> =
            [self.family.as_ref(), given, self.patronymic.as_ref()].into_iter().flatten().map(String::as_str).collect();
        if let (Some(name), Some(_)) = (&self.name, &self.given) {
            parts = vec![name];
        }
        let full = text::clean_line(&parts.join(" "), LONGEST_NAME);
        (!full.is_empty()).then_some(full)
    }

    fn kind_of_request(&self, certificates: bool, default: RequestKind) -> RequestKind {
        let said = match self.kind.as_deref().map(str::trim) {
            Some("callback") => Some(RequestKind::Callback),
            Some("booking") => Some(RequestKind::Booking),
            Some("certificate_order") => Some(RequestKind::CertificateOrder),
            Some("message") => Some(RequestKind::Message),
            _ => None,
        };
        let form = self.form_name.as_deref().unwrap_or_default().to_lowercase();
        let form_says = |words: &[&str]| words.iter().any(|word| form.contains(word));
        match said {
            _ if certificates => RequestKind::CertificateOrder,
            Some(kind) => kind,
            None if form_says(&["звон", "callback"]) => RequestKind::Callback,
            None if form_says(&["запис", "приём", "прием", "appointment", "booking"]) => {
                RequestKind::Booking
            }
            None if form_says(&["вопрос", "сообщен", "отзыв", "message", "contact", "обратная связь"]) => {
                RequestKind::Message
            }
            None if self.doctor.is_some() || self.service.is_some() || !self.wishes.is_empty() => RequestKind::Booking,
            None if self.phone.is_none() && self.comment.is_some() => RequestKind::Message,
            None => default,
        }
    }
}

fn read_phone(value: &str) -> ParsedPhone {
    phone::parse(&text::clean_line(value, LONGEST_PHONE))
}

/// The name of a field for the clear part of a request: a designer's words, or none if it looks like somebody's data.
fn field_name(key: &str) -> String {
    let digits = key.chars().filter(char::is_ascii_digit).count();
    if digits > 4 || key.contains('@') { "согласие".to_owned() } else { text::clean_line(key, 80) }
}

/// Ids and counts may look like phones.
fn is_number_of_something(key: &str) -> bool {
    alias::words(key).split(' ').any(|word| {
        matches!(word, "id" | "ids" | "order" | "number" | "count" | "amount" | "sum" | "price" | "inn" | "инн")
    })
}

fn has_phone_shape(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    digits >= SHORTEST_PHONE_SHAPE
        && value.chars().count() <= LONGEST_PHONE_SHAPE
        && value
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | '.' | '\u{a0}' | '\u{2011}') || c == ' ')
        && phone::parse(value).phone.is_some()
}

/// Elementor's advanced form, `fields[name][value]`, as `name=value`; its notes `meta[remote_ip][value]` likewise.
fn plain_elementor(fields: Vec<Field>) -> Vec<Field> {
    let is_value = |f: &Field| f.key.starts_with("fields.") && f.key.ends_with(".value");
    if !fields.iter().any(is_value) {
        return fields;
    }
    let titles: Vec<(String, String)> =
        fields.iter().filter_map(|f| Some((f.key.strip_suffix(".title")?.to_owned(), f.value.clone()))).collect();
    let named = |stem: &str| {
        let title = titles.iter().find(|(of, _)| of == stem).map(|(_, title)| title.clone());
        title.unwrap_or_else(|| stem.rsplit('.').next().unwrap_or(stem).to_owned())
    };
    fields
        .iter()
        .filter_map(|field| match field.key.strip_suffix(".value") {
            Some(stem) if stem.starts_with("fields.") || stem.starts_with("meta.") => {
                Some(Field { key: named(stem), value: field.value.clone() })
            }
            _ if field.key.starts_with("fields.") || field.key.starts_with("meta.") => None,
            _ => Some(field.clone()),
        })
        .collect()
}
