//! Letters of simple sites: `Имя: Анна` line by line, or a table of two columns, in plain text or in HTML.
//!
//! A letter's id is the key of the submission. Somebody who writes by himself, without any form, is read as a message.

use domain::mapping::FieldMeaning;
use mail_parser::{Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::{
    QuarantineReason,
    alias::{self, Named},
    certificate, charset,
    fields::{Field, MOST_FIELDS, Payload},
    html, mask,
    reading::Submission,
    text,
};

/// Headers as fields.
const ID: &str = "Message-ID";
const DATE: &str = "Дата письма";
const SUBJECT: &str = "Тема письма";
const SENDER: &str = "Отправитель письма";
/// The sender of a form's letter is the site.
const SENDING_SITE: &str = "Письмо отправлено с адреса";
const SENDER_NAME: &str = "Имя отправителя письма";
const REPLY_TO: &str = "Ответить на";
const HEADERS: [&str; 7] = [ID, DATE, SUBJECT, SENDER, SENDING_SITE, SENDER_NAME, REPLY_TO];
/// The page of a form, where its letter has the address in a line of its own.
const PAGE: &str = "Страница";
/// What is not a field, beside a form's fields.
const REST: &str = "Остальное в письме";
/// The whole text of a letter without fields.
const TEXT: &str = "Текст письма";
/// Labels of the one who wrote, in letters of forms.
const WRITERS: [&str; 6] = ["от", "от кого", "from", "отправитель", "клиент", "заказчик"];
/// A longer text before a colon is not a name.
const LONGEST_LABEL: usize = 60;
/// A form's letter has at least so many fields that are known by name.
const FEWEST_OF_FORM: usize = 2;
/// Addresses of this kind are a site's, not a visitor's.
const OF_SITE: [&str; 7] = ["noreply", "no-reply", "wordpress", "mailer", "robot", "webmaster", "postmaster"];

/// A letter as fields: its headers that matter, and its text.
pub(crate) fn read(body: &[u8]) -> Result<Payload, QuarantineReason> {
    if body.trim_ascii().is_empty() {
        return Ok(Payload::default());
    }
    let message = MessageParser::default().parse(body).ok_or(QuarantineReason::UnknownEncoding)?;
    let mut payload = Payload::default();
    let mut header = |name: &str, value: Option<String>| {
        payload.fields.extend(value.and_then(|value| Field::new(name, &value)));
    };
    header(ID, message.message_id().map(str::to_owned));
    header(DATE, message.date().filter(|date| date.is_valid()).map(|date| date.to_rfc3339()));
    header(SUBJECT, message.subject().map(str::to_owned));
    let from = message.from().and_then(|from| from.first());
    header(SENDER, from.and_then(|from| from.address().map(str::to_owned)));
    header(SENDER_NAME, from.and_then(|from| from.name().map(str::to_owned)));
    header(REPLY_TO, message.reply_to().and_then(|to| to.first()?.address().map(str::to_owned)));
    if payload.fields.is_empty() {
        return Err(QuarantineReason::UnknownEncoding);
    }
    let mut bodies = (String::new(), String::new());
    for part in &message.parts {
        let is_file = part.content_disposition().is_some_and(|about| about.is_attachment());
        match &part.body {
            PartType::Multipart(_) => {}
            PartType::Text(text) | PartType::Html(text) if !is_file => {
                let text = body_of(&message, part, text);
                // a letter that was cut off has HTML that is called plain text
                if part.is_text_html() || part.is_content_type("text", "html") {
                    append(&mut bodies.1, &html::lines(&text));
                } else {
                    append(&mut bodies.0, &text);
                }
            }
            _ => payload.dropped.push("file"),
        }
    }
    // plain text and HTML of one letter say the same: the one that more is known of is read
    let (plain, rich) = (fields_of_lines(&bodies.0), fields_of_lines(&bodies.1));
    let is_richer = known(&rich.fields) > known(&plain.fields) || plain.fields.is_empty();
    let text = if is_richer { rich } else { plain };
    if known(&text.fields) >= FEWEST_OF_FORM {
        for sender in payload.fields.iter_mut().filter(|field| field.key == SENDER) {
            SENDING_SITE.clone_into(&mut sender.key);
        }
    }
    payload.fields.extend(text.fields);
    payload.dropped.extend(text.dropped);
    Ok(payload)
}

fn append(bodies: &mut String, body: &str) {
    bodies.push_str(body);
    bodies.push('\n');
}

/// The text of a part; where it came as bare bytes of no named encoding, the encoding is told from the bytes.
fn body_of(message: &Message<'_>, part: &MessagePart<'_>, text: &str) -> String {
    let has_charset = part.content_type().is_some_and(|kind| kind.has_attribute("charset"));
    let raw = message.raw_message.get(part.offset_body as usize..part.offset_end as usize);
    match raw {
        Some(raw) if part.encoding == Encoding::None && !has_charset => charset::decode(raw, ""),
        _ => text.to_owned(),
    }
}

/// «От: Ольга <olga@pochta.example>» in the text of a form's letter is the visitor.
fn writer(field: Field) -> Field {
    if !WRITERS.contains(&alias::words(&field.key).as_str()) {
        return field;
    }
    let name = field.value.split('<').next().unwrap_or_default().trim().to_owned();
    if name.is_empty() { field } else { Field { value: name, ..field.with([]) }.hinted(Some(FieldMeaning::Name)) }
}

/// What is particular to a letter. Its text has become fields already.
pub(crate) fn arrange(fields: Vec<Field>) -> Submission {
    // where the site itself sends, there is none, and a name beside the address is not a visitor's
    let sender = fields.iter().find(|field| field.key == SENDER).map(|field| field.value.clone());
    let id = fields.iter().find(|field| field.key == ID).map(|field| format!("mail:{}", field.value));
    let (headers, mut fields): (Vec<Field>, Vec<Field>) =
        fields.into_iter().partition(|field| HEADERS.contains(&field.key.as_str()));
    let mut kept = Vec::new();
    // after the form's own fields: those are the visitor's words
    for field in headers {
        let is_visitor = is_of_visitor(&field.value);
        let hint = match field.key.as_str() {
            DATE => FieldMeaning::Submitted,
            SUBJECT => FieldMeaning::Form,
            REPLY_TO if is_visitor && !fields.iter().any(|other| other.value == field.value) => FieldMeaning::Email,
            SENDER if is_visitor => FieldMeaning::Email,
            SENDER_NAME if sender.as_deref().is_some_and(is_of_visitor) => FieldMeaning::Name,
            // a form's letter comes from the site: not news for a desk
            _ => {
                kept.extend(field.as_sent());
                continue;
            }
        };
        fields.push(field.hinted(Some(hint)));
    }
    let mut submission = certificate::arrange(fields.into_iter().map(writer).collect());
    submission.orders.kept.extend(kept);
    Submission { natural_key: id, ..submission }
}

/// Whether an address may be a visitor's.
fn is_of_visitor(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default().to_lowercase();
    text::is_email(address) && !OF_SITE.iter().any(|word| local.contains(word))
}

/// How many fields tell of a person by their name.
fn known(fields: &[Field]) -> usize {
    use FieldMeaning as M;
    let tells = |field: &&Field| {
        matches!(
            alias::named(&field.key),
            Some(Named::Is(
                M::Name
                    | M::Given
                    | M::Family
                    | M::Phone
                    | M::Email
                    | M::Comment
                    | M::Service
                    | M::Doctor
                    | M::PreferredTime
            ))
        )
    };
    fields.iter().filter(|field| field.key != TEXT && !HEADERS.contains(&field.key.as_str())).filter(tells).count()
}

/// The fields of a text of some `text/…`.
pub(crate) fn fields_of_text(text: &str, kind: &str) -> Payload {
    if kind.contains("html") { fields_of_lines(&html::lines(text)) } else { fields_of_lines(text) }
}

/// The lines of a comment whose names are known, and the rest of it.
pub(crate) fn split_known(text: &str) -> (Vec<(String, String)>, String) {
    let is_html = ["<br", "<p>", "<div"].iter().any(|tag| text.contains(tag));
    let text = if is_html { html::lines(text) } else { text.to_owned() };
    let mut known = Vec::new();
    let mut rest = Vec::new();
    for line in text.lines() {
        match labelled(line.trim()) {
            Some((label, value)) if !value.is_empty() && alias::named(&label).is_some() => known.push((label, value)),
            _ => rest.push(line),
        }
    }
    (known, rest.join("\n"))
}

/// Lines on their way to fields.
#[derive(Default)]
struct Lines {
    fields: Vec<(String, String)>,
    rest: Vec<String>,
    /// Lines that are an address of a page and nothing else.
    pages: Vec<String>,
    /// The last field may go on, as a message of several lines does.
    goes_on: bool,
}

fn fields_of_lines(text: &str) -> Payload {
    let mut lines = Lines::default();
    for line in text.lines() {
        lines.take(line);
    }
    let mut fields: Vec<Field> = lines.fields.iter().filter_map(|(label, value)| Field::new(label, value)).collect();
    let is_form = known(&fields) >= FEWEST_OF_FORM;
    let mut pages = lines.pages.into_iter();
    if is_form {
        fields.extend(pages.next().and_then(|page| Field::new(PAGE, &page)));
    }
    lines.rest.extend(pages);
    let (rest, dropped) = mask::masked(&lines.rest.join("\n"));
    fields.extend(Field::new(if is_form { REST } else { TEXT }, &rest));
    Payload { fields, dropped }
}

impl Lines {
    fn take(&mut self, line: &str) {
        if line.trim_end() == "--" {
            self.goes_on = false;
            self.rest.push(String::new());
            return;
        }
        let line = line.trim().trim_start_matches(['>', '•', '·']).trim_start();
        let line = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).unwrap_or(line);
        if !line.chars().any(char::is_alphanumeric) {
            return self.gap();
        }
        if line.starts_with("http") && line.contains("://") && !line.contains(char::is_whitespace) {
            return self.pages.push(line.to_owned());
        }
        let label = if self.fields.len() < MOST_FIELDS { labelled(line) } else { None };
        match label {
            Some((label, value)) if !self.is_inside_message() || alias::named(&label).is_some() => {
                self.goes_on = value.is_empty() || alias::named(&label) == Some(Named::Is(FieldMeaning::Comment));
                self.fields.push((label, value));
            }
            _ => self.go_on(line),
        }
    }

    fn is_inside_message(&self) -> bool {
        self.goes_on && self.fields.last().is_some_and(|(_, value)| !value.is_empty())
    }

    fn gap(&mut self) {
        if self.is_inside_message()
            && let Some((_, value)) = self.fields.last_mut()
        {
            value.push('\n');
        }
    }

    fn go_on(&mut self, line: &str) {
        match self.fields.last_mut() {
            Some((label, value)) if self.goes_on => {
                if !value.is_empty() {
                    value.push('\n');
                }
                value.push_str(line);
                self.goes_on = alias::named(label) == Some(Named::Is(FieldMeaning::Comment));
            }
            _ => self.rest.push(line.to_owned()),
        }
    }
}

/// A line as a label and its value.
fn labelled(line: &str) -> Option<(String, String)> {
    if let Some((label, value)) = line.split_once('\t') {
        let value = value.replace(html::LINE_IN_VALUE, "\n");
        return Some((cleaned(label)?, value.trim().to_owned()));
    }
    if let Some((label, value)) = line.split_once(':') {
        let is_time = label.ends_with(|c: char| c.is_ascii_digit()) && value.starts_with(|c: char| c.is_ascii_digit());
        if !is_time && !value.starts_with("//") {
            return Some((cleaned(label)?, value.trim_matches(['*', ' ', '\t', '\u{a0}']).to_owned()));
        }
    }
    let (label, value) = [" — ", " – ", " - ", " = "].iter().find_map(|dash| line.split_once(dash))?;
    let label = cleaned(label)?;
    alias::named(&label).is_some().then(|| (label, value.trim().to_owned()))
}

fn cleaned(label: &str) -> Option<String> {
    let label = label.trim_matches(['*', ' ', ':', '\u{a0}', '"', '\'', '[', ']']);
    let fits = label.chars().any(char::is_alphabetic)
        && label.chars().count() <= LONGEST_LABEL
        && label.split_whitespace().count() <= 8
        && !label.contains(['.', '!', '@', ';']);
    let is_sentence = matches!(alias::named(label), Some(Named::Drop(_))) && alias::dropped_in_text(label).is_none();
    (fits && !is_sentence && !alias::is_speech(label)).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_lines(text: &str) -> Vec<(String, String)> {
        fields_of_lines(text).fields.into_iter().map(|field| (field.key, field.value)).collect()
    }

    #[test]
    fn lines_of_a_form_are_fields_and_the_message_goes_on() {
        let text = "Новая заявка с сайта\n\nИмя: Анна\n*Телефон:* +7 900 000-12-34\nУдобное время:\nпосле 18:00\n\
            Сообщение: Здравствуйте!\nХочу к врачу в 18:30.\n\nP.S.: спасибо\nIP: 203.0.113.9\n-- \nПисьмо сайта";
        let fields = read_lines(text);
        let value = |key: &str| fields.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
        assert_eq!(value("Имя"), Some("Анна"));
        assert_eq!(value("Телефон"), Some("+7 900 000-12-34"));
        assert_eq!(value("Удобное время"), Some("после 18:00"));
        assert_eq!(value("Сообщение"), Some("Здравствуйте!\nХочу к врачу в 18:30.\n\nP.S.: спасибо"));
        assert_eq!(value("IP"), Some("203.0.113.9"), "the reading leaves it out by its name");
        assert_eq!(value(REST), Some("Новая заявка с сайта\n\nПисьмо сайта"));
    }

    #[test]
    fn a_letter_without_fields_is_a_text() {
        let fields = read_lines("Добрый день!\nСколько стоит снимок? Пишите в 18:30.");
        assert_eq!(fields, [(TEXT.to_owned(), "Добрый день!\nСколько стоит снимок? Пишите в 18:30.".to_owned())]);
    }
}
