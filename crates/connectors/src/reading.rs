//! The fields of one submission, sorted by what they mean.
//!
//! What a field is for is said, in this order, by the clinic's rule, by what must not be kept, by the format of the
//! connector, by its name, and for a phone or an e-mail by its shape. The first field of a meaning fills it; a second one
//! is kept beside it.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, Utc};
use domain::{
    mapping::{FieldMeaning, FieldRule},
    personal::RequestPersonal,
    phone::{self, ParsedPhone},
    request::{QuarantineReason, RequestKind},
};

use crate::{
    Canonical, Connector, DryRun, FieldReport, Hint, Parsed, SourceSettings, Unreadable, Why,
    alias::{self, Named},
    certificate::Orders,
    consent::Consent,
    fields::{self, Field},
    moment::{self, Written},
    text,
};

const LONGEST_NAME: usize = 100;
const LONGEST_PHONE: usize = 200;
const LONGEST_LINE: usize = 300;
/// A field beside the known ones is shown, not studied.
const LONGEST_EXTRA: usize = 2_000;
const LONGEST_LABEL: usize = 120;
const MOST_EXTRA: usize = 60;
const LONGEST_NATURAL_KEY: usize = 200;
/// Longer text is not a phone that somebody put into a field of another name.
const LONGEST_PHONE_SHAPE: usize = 24;
/// A number with fewer digits is not known by its shape.
const SHORTEST_PHONE_SHAPE: usize = 10;

/// What a connector found in its payload.
pub(crate) enum Arrived {
    Probe,
    /// News of something at the site, and what it claims.
    Hint(Hint, Option<Submission>),
    Submission(Submission),
}

/// What is particular to a product is known; the fields are not sorted yet.
#[derive(Default)]
pub(crate) struct Submission {
    pub(crate) fields: Vec<Field>,
    pub(crate) orders: Orders,
    pub(crate) subject_key: Option<String>,
    pub(crate) natural_key: Option<String>,
    pub(crate) kind: Option<RequestKind>,
    pub(crate) withdrawn: bool,
    pub(crate) quarantine: Option<QuarantineReason>,
    pub(crate) dropped: Vec<&'static str>,
}

/// The last step of every connector.
pub(crate) fn finish(arrived: Arrived, connector: Connector, settings: &SourceSettings) -> DryRun {
    let nothing = |parsed| DryRun { fields: Vec::new(), parsed };
    match arrived {
        Arrived::Probe => nothing(Parsed::Probe),
        Arrived::Hint(hint, None) => nothing(Parsed::Hint(hint)),
        Arrived::Hint(mut hint, Some(submission)) => {
            let read = Reading::of(submission, connector, settings);
            if let Parsed::Request(claimed) = read.parsed {
                hint.claimed = Some(claimed);
            }
            DryRun { fields: read.fields, parsed: Parsed::Hint(hint) }
        }
        Arrived::Submission(submission) => Reading::of(submission, connector, settings),
    }
}

/// What a submission says.
struct Reading<'a> {
    connector: Connector,
    settings: &'a SourceSettings,
    values: BTreeMap<FieldMeaning, String>,
    consent: Consent,
    wishes: Vec<String>,
    wish_start: Option<DateTime<FixedOffset>>,
    submitted_at: Option<DateTime<Utc>>,
    quarantine: Option<QuarantineReason>,
    extra: Vec<Beside>,
    dropped: Vec<&'static str>,
    kept: Vec<(String, String)>,
    reports: Vec<FieldReport>,
}

/// A field that is shown beside the known ones.
struct Beside {
    key: String,
    value: String,
    /// Its place among the reports, where nothing but its shape could tell what it is.
    unknown: Option<usize>,
}

impl<'a> Reading<'a> {
    fn of(mut submission: Submission, connector: Connector, settings: &'a SourceSettings) -> DryRun {
        let fields = fields::joined(std::mem::take(&mut submission.fields));
        let mut reading = Self {
            connector,
            settings,
            values: BTreeMap::new(),
            consent: Consent::default(),
            wishes: Vec::new(),
            wish_start: None,
            submitted_at: None,
            quarantine: submission.quarantine,
            extra: Vec::new(),
            dropped: std::mem::take(&mut submission.dropped),
            kept: Vec::new(),
            reports: Vec::new(),
        };
        // a form builder's own notes about the submission: its date is not the visitor's wish
        let has_notes = fields
            .iter()
            .any(|f| matches!(alias::words(&f.key).as_str(), "user agent" | "page url" | "remote ip" | "powered by"));
        for field in fields {
            let is_note =
                has_notes && field.hint.is_none() && matches!(alias::words(&field.key).as_str(), "date" | "time");
            reading.take(&field, is_note);
        }
        reading.know_by_shape();
        reading.finish(submission)
    }

    fn take(&mut self, field: &Field, is_note: bool) {
        let (named, mut why) = self.named(field, is_note);
        let meaning = match named {
            Named::Drop(sort) => {
                self.dropped.push(sort);
                self.report(field, FieldMeaning::Drop, why, Some(sort));
                return;
            }
            Named::Is(FieldMeaning::Site) if text::host(&field.value).is_none() => {
                self.dropped.push("technical");
                self.report(field, FieldMeaning::Drop, why, Some("technical"));
                return;
            }
            Named::Is(meaning) => meaning,
        };
        if meaning == FieldMeaning::Site {
            // a page's address may hold anything: its host is enough
            let host = text::host(&field.value).unwrap_or_default();
            self.kept.push((field.key.clone(), host.clone()));
            self.values.entry(meaning).or_insert(host);
        } else {
            self.kept.extend(field.as_sent());
            if !self.put(meaning, field) {
                let unknown = (why == Why::Unknown).then_some(self.reports.len());
                let value = text::clean_lines(&field.value, LONGEST_EXTRA);
                let key = text::clean_line(&field.key, LONGEST_LABEL);
                self.extra.push(Beside { key, value, unknown });
                if meaning != FieldMeaning::Extra {
                    why = Why::Second;
                }
            }
        }
        self.report(field, meaning, why, None);
    }

    fn named(&self, field: &Field, is_note: bool) -> (Named, Why) {
        if let Some(meaning) = rule(&self.settings.mapping, &field.key) {
            let named = if meaning == FieldMeaning::Drop { Named::Drop("rule") } else { Named::Is(meaning) };
            return (named, Why::Rule);
        }
        if is_note {
            return (Named::Drop("technical"), Why::Format);
        }
        let named = alias::named(&field.key);
        match (named, field.hint) {
            (Some(Named::Drop(sort)), _) => (Named::Drop(sort), Why::Alias),
            (Some(Named::Is(FieldMeaning::Extra)), Some(FieldMeaning::Consent)) => {
                (Named::Is(FieldMeaning::Extra), Why::Alias)
            }
            (_, Some(FieldMeaning::Drop)) => (Named::Drop("file"), Why::Format),
            (_, Some(meaning)) => (Named::Is(meaning), Why::Format),
            (Some(Named::Is(FieldMeaning::Phone)), None) if text::is_email(&field.value) => {
                (Named::Is(FieldMeaning::Email), Why::Shape)
            }
            // a form builder's ids are of its form, not of the submission
            (Some(Named::Is(FieldMeaning::Key)), None) if self.connector != Connector::Form => {
                (Named::Is(FieldMeaning::Extra), Why::Alias)
            }
            (Some(named), None) => (named, Why::Alias),
            (None, None) => (Named::Is(FieldMeaning::Extra), Why::Unknown),
        }
    }

    /// Fills a meaning. Whether there was room.
    fn put(&mut self, meaning: FieldMeaning, field: &Field) -> bool {
        let zone = self.settings.zone;
        match meaning {
            FieldMeaning::Extra | FieldMeaning::Drop => return false,
            FieldMeaning::Consent => return self.consent.tick(&field.key, &field.value),
            FieldMeaning::ConsentText => return self.consent.text(&field.value),
            FieldMeaning::ConsentTime => match moment::written(&field.value, zone) {
                Written::Exact(at) => return self.consent.at(at.with_timezone(&Utc)),
                Written::Naked => self.quarantine = Some(QuarantineReason::NakedTime),
                Written::Words => return false,
            },
            FieldMeaning::Start | FieldMeaning::PreferredTime => self.wish(&field.value),
            FieldMeaning::Submitted if self.submitted_at.is_none() => match moment::written(&field.value, zone) {
                Written::Exact(at) => self.submitted_at = Some(at.with_timezone(&Utc)),
                Written::Naked => self.quarantine = Some(QuarantineReason::NakedTime),
                Written::Words => {}
            },
            FieldMeaning::Submitted => {}
            _ if self.values.contains_key(&meaning) => return false,
            _ => drop(self.values.insert(meaning, field.value.clone())),
        }
        true
    }

    /// A wish, or a chosen start. The words are kept as they are where they are not a whole time.
    fn wish(&mut self, value: &str) {
        let words = match moment::written(value, self.settings.zone) {
            Written::Exact(start) if self.wish_start.is_none() => {
                self.wish_start = Some(start);
                start.format("%d.%m.%Y %H:%M (UTC%:z)").to_string()
            }
            Written::Naked => {
                self.quarantine = Some(QuarantineReason::NakedTime);
                text::clean_line(value, LONGEST_LINE)
            }
            _ => text::clean_line(value, LONGEST_LINE),
        };
        self.wishes.push(words);
    }

    fn report(&mut self, field: &Field, taken_for: FieldMeaning, why: Why, dropped: Option<&'static str>) {
        self.reports.push(FieldReport { field: field.key.clone(), taken_for, why, dropped });
    }

    fn know_by_shape(&mut self) {
        let fits = |beside: &Beside| !is_number_of_something(&beside.key) && has_phone_shape(&beside.value);
        self.take_by_shape(FieldMeaning::Phone, fits);
        self.take_by_shape(FieldMeaning::Email, |beside| text::is_email(&beside.value));
    }

    fn take_by_shape(&mut self, meaning: FieldMeaning, fits: impl Fn(&Beside) -> bool) {
        if self.values.contains_key(&meaning) {
            return;
        }
        let Some(at) = self.extra.iter().position(|beside| beside.unknown.is_some() && fits(beside)) else { return };
        let beside = self.extra.remove(at);
        if let Some(report) = beside.unknown.and_then(|place| self.reports.get_mut(place)) {
            *report = FieldReport { taken_for: meaning, why: Why::Shape, ..report.clone() };
        }
        self.values.insert(meaning, beside.value);
    }

    fn finish(mut self, submission: Submission) -> DryRun {
        let orders = submission.orders;
        self.kept.extend(orders.kept);
        let fields = std::mem::take(&mut self.reports);
        let is_known = submission.subject_key.is_some();
        if !self.says_something() && orders.certificates.is_empty() && orders.extra.is_empty() && !is_known {
            let reason = QuarantineReason::NothingRecognised;
            let parsed = Parsed::Unreadable(Unreadable { reason, kept: self.kept, dropped: self.dropped });
            return DryRun { fields, parsed };
        }
        let kind = self.kind_of_request(submission.kind, !orders.certificates.is_empty());
        let name = self.full_name();
        let recipient = self.values.remove(&FieldMeaning::Recipient);
        let mut certificates = orders.certificates;
        for certificate in &mut certificates {
            certificate.buyer = certificate.buyer.take().or_else(|| name.clone());
            let recipient = || recipient.as_deref().map(|r| text::clean_line(r, LONGEST_NAME));
            certificate.recipient = certificate.recipient.take().or_else(recipient);
        }
        let mut extra: Vec<(String, String)> = self.extra.drain(..).map(|b| (b.key, b.value)).collect();
        let form = self.values.remove(&FieldMeaning::Form);
        extra.extend(form.map(|form| ("Форма".to_owned(), text::clean_line(&form, LONGEST_LINE))));
        if certificates.is_empty() {
            extra.extend(recipient.map(|recipient| ("Получатель".to_owned(), recipient)));
        }
        extra.extend(orders.extra);
        extra.truncate(MOST_EXTRA);
        let mut take = |meaning, longest| self.values.remove(&meaning).map(|v| text::clean_line(&v, longest));
        let own_key = take(FieldMeaning::Key, LONGEST_NATURAL_KEY);
        let site = take(FieldMeaning::Site, LONGEST_LINE);
        let personal = RequestPersonal {
            name_raw: name.unwrap_or_default(),
            phone: take(FieldMeaning::Phone, LONGEST_PHONE).as_deref().map(phone_of),
            email: take(FieldMeaning::Email, LONGEST_LINE),
            service: take(FieldMeaning::Service, LONGEST_LINE),
            doctor: take(FieldMeaning::Doctor, LONGEST_LINE),
            preferred_time: (!self.wishes.is_empty()).then(|| self.wishes.join(", ")),
            wish_start: self.wish_start,
            comment: self.values.remove(&FieldMeaning::Comment),
            extra,
        };
        let short = |key: String| text::clean_line(&key, LONGEST_NATURAL_KEY);
        let canonical = Canonical {
            kind,
            personal,
            submitted_at: self.submitted_at,
            consent: self.consent.evidence(site.as_deref()),
            site,
            subject_key: submission.subject_key.map(short),
            natural_key: submission.natural_key.or(own_key).map(short),
            withdrawn: submission.withdrawn,
            certificates,
            quarantine: self.quarantine,
            dropped: self.dropped,
            kept: self.kept,
        };
        DryRun { fields, parsed: Parsed::Request(Box::new(canonical)) }
    }

    /// Whether there is anybody to answer, or anything to answer to.
    fn says_something(&self) -> bool {
        use FieldMeaning as M;
        [M::Name, M::Family, M::Given, M::Phone, M::Email, M::Comment, M::Service]
            .iter()
            .any(|meaning| self.values.contains_key(meaning))
    }

    fn full_name(&self) -> Option<String> {
        let value = |meaning| self.values.get(&meaning).map(String::as_str);
        let (name, given) = (value(FieldMeaning::Name), value(FieldMeaning::Given));
        let family = value(FieldMeaning::Family);
        let parts = match (name, given) {
            // the whole name beside a part of it; beside both parts it is a name to sign in with
            (Some(name), Some(_)) if family.is_none() => [None, Some(name), None],
            _ => [family, given.or(name), value(FieldMeaning::Patronymic)],
        };
        let full = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let full = text::clean_line(&full, LONGEST_NAME);
        (!full.is_empty()).then_some(full)
    }

    fn kind_of_request(&self, known: Option<RequestKind>, certificates: bool) -> RequestKind {
        let value = |meaning| self.values.get(&meaning).map(String::as_str);
        let said = match value(FieldMeaning::Kind).map(str::trim) {
            Some("callback") => Some(RequestKind::Callback),
            Some("booking") => Some(RequestKind::Booking),
            Some("certificate_order") => Some(RequestKind::CertificateOrder),
            Some("message") => Some(RequestKind::Message),
            _ => known,
        };
        let form = value(FieldMeaning::Form).unwrap_or_default().to_lowercase();
        let form_says = |words: &[&str]| words.iter().any(|word| form.contains(word));
        let has = |meaning| self.values.contains_key(&meaning);
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
            None if has(FieldMeaning::Doctor) || has(FieldMeaning::Service) || !self.wishes.is_empty() => {
                RequestKind::Booking
            }
            None if !has(FieldMeaning::Phone) && has(FieldMeaning::Comment) => RequestKind::Message,
            None => self.settings.default_kind,
        }
    }
}

fn rule(rules: &[FieldRule], key: &str) -> Option<FieldMeaning> {
    let name = alias::words(key);
    rules.iter().find(|rule| alias::words(&rule.field) == name).map(|rule| rule.meaning)
}

fn phone_of(value: &str) -> ParsedPhone {
    phone::parse(value)
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
