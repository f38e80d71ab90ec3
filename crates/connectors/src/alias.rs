//! What a field means, by its name: the names that designers of Russian sites give, in any spelling.
//!
//! A name is split into lower-case words (`firstName`, `first-name` and `First name` are the same). Rules are tried in
//! the order of [`RULES`]: what must not be kept comes first, then what would otherwise be taken for something wider
//! («Имя врача» is a doctor, not a name).

use Named::{Drop, Is};
use Test::{Begins, Whole, Word};
use domain::mapping::FieldMeaning as M;

/// What a name says of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// Not kept; the word says what sort it was.
    Drop(&'static str),
    /// What it is for. [`M::Extra`]: known to be none of the others, whatever its value looks like.
    Is(M),
}

/// How a rule looks at a name.
#[derive(Debug)]
enum Test {
    /// The whole name.
    Whole(&'static [&'static str]),
    /// A word of the name, exactly.
    Word(&'static [&'static str]),
    /// A word of the name begins so, or a run of words does.
    Begins(&'static [&'static str]),
}

const RULES: &[(Named, Test)] = &[
    (Drop("cookies"), Begins(&["cookie", "куки"])),
    (Drop("ip"), Word(&["ip", "remoteip", "userip", "remoteaddr"])),
    (Drop("ip"), Begins(&["remote addr"])),
    (Drop("user_agent"), Begins(&["user agent", "useragent", "browser", "браузер"])),
    (Drop("referrer"), Begins(&["refer", "httprefer", "реферер", "реферрер"])),
    (Drop("passport"), Begins(&["паспорт", "passport", "снилс", "snils", "полис"])),
    (Drop("complaint"), Begins(&["жалоб", "complaint", "беспоко", "симптом", "symptom", "болит"])),
    (Drop("diagnosis"), Begins(&["диагноз", "diagnos", "заболеван", "анамнез", "аллерги", "allerg", "health"])),
    (Drop("credential"), Begins(&["password", "парол", "api key", "apikey", "secret"])),
    (Drop("tooth"), Begins(&["зуб", "tooth", "teeth"])),
    (Is(M::Extra), Whole(&["utm source"])),
    (
        Drop("tracking"),
        Word(&["utm", "gclid", "yclid", "fbclid", "gbraid", "wbraid", "roistat", "clientid", "tildaspec"]),
    ),
    (Drop("tracking"), Begins(&["ym uid", "ya client", "google client", "metrika", "ga client"])),
    (
        Drop("technical"),
        Word(&["formid", "tranid", "nonce", "captcha", "recaptcha", "csrf", "token", "wpcf7", "queried", "timezone"]),
    ),
    (
        Drop("technical"),
        Whole(&["form id", "post id", "action", "submit", "powered by", "locale", "lang", "form type"]),
    ),
    // agreement to get letters is not agreement to processing
    (Is(M::Extra), Begins(&["рассыл", "реклам", "newsletter", "subscribe", "marketing", "новост"])),
    (Is(M::ConsentText), Begins(&["consent text", "text consent", "consent sha", "текст соглас", "agreement text"])),
    (Is(M::ConsentTime), Begins(&["consent at", "consent time", "consent date", "дата соглас", "время соглас"])),
    (
        Is(M::Consent),
        Begins(&[
            "соглас",
            "consent",
            "acceptance",
            "agree",
            "privacy",
            "policy",
            "gdpr",
            "персональн",
            "политик",
            "оферт",
        ]),
    ),
    (Is(M::Consent), Whole(&["pd", "пдн"])),
    // of somebody who has not come here himself, the name is enough
    (
        Drop("recipient_contact"),
        Begins(&[
            "телефон получател",
            "email получател",
            "почта получател",
            "recipient phone",
            "recipient email",
            "recipient mail",
        ]),
    ),
    (Drop("birth_date"), Begins(&["рожден", "birth"])),
    (Is(M::Recipient), Begins(&["получател", "recipient", "кому"])),
    (Is(M::Doctor), Begins(&["врач", "доктор", "doctor", "специалист", "specialist"])),
    (Is(M::Email), Word(&["mail", "имейл", "емейл"])),
    (Is(M::Email), Begins(&["email", "почт", "электронн"])),
    (Is(M::Phone), Word(&["tel", "тел", "whatsapp", "вотсап", "ватсап", "viber"])),
    (
        Is(M::Phone),
        Begins(&[
            "phone",
            "telephone",
            "telefon",
            "телефон",
            "мобильн",
            "сотов",
            "mobile",
            "userphone",
            "yourphone",
            "clientphone",
        ]),
    ),
    (Is(M::Form), Whole(&["form", "formname", "form name", "form title", "форма", "название формы"])),
    (Is(M::Service), Begins(&["услуг", "service", "процедур", "treatment", "направлен", "тема", "subject", "topic"])),
    (
        Is(M::Extra),
        Begins(&[
            "product",
            "file",
            "company",
            "компани",
            "организац",
            "event name",
            "site name",
            "page name",
            "page title",
        ]),
    ),
    (Is(M::Name), Word(&["имя", "фио", "fio", "зовут", "обращаться"])),
    (Is(M::Family), Begins(&["фамил", "surname", "lastname", "last name", "family"])),
    (Is(M::Patronymic), Begins(&["отчеств", "patronymic", "middlename", "middle name"])),
    (Is(M::Given), Begins(&["firstname", "first name", "given"])),
    (Is(M::Name), Word(&["name", "fullname", "username", "yourname", "clientname"])),
    (
        Is(M::Submitted),
        Begins(&[
            "submitted",
            "created",
            "sent at",
            "timestamp",
            "date created",
            "дата отправки",
            "дата заявки",
            "время отправки",
        ]),
    ),
    (
        Is(M::Start),
        Whole(&[
            "datetime",
            "date time",
            "start",
            "start at",
            "starts at",
            "start time",
            "plan start",
            "appointment at",
        ]),
    ),
    (
        Is(M::PreferredTime),
        Begins(&["врем", "когда", "удобн", "дата", "дату", "день", "time", "date", "day", "preferred"]),
    ),
    (
        Is(M::Comment),
        Begins(&[
            "коммент",
            "comment",
            "сообщен",
            "message",
            "вопрос",
            "question",
            "примечан",
            "note",
            "пожелан",
            "text",
            "текст",
            "отзыв",
        ]),
    ),
    (Is(M::Site), Begins(&["site", "domain", "host", "page url", "pageurl", "сайт", "страниц"])),
    (Is(M::Site), Whole(&["url", "page"])),
    (Is(M::Kind), Whole(&["kind", "request kind"])),
    (Is(M::Key), Whole(&["id", "external id", "submission id", "entry id", "request id", "lead id", "order id"])),
];

impl Test {
    fn holds(&self, name: &str) -> bool {
        match self {
            Whole(all) => all.contains(&name),
            Word(words) => name.split(' ').any(|word| words.contains(&word)),
            Begins(starts) => from_each_word(name).any(|rest| starts.iter().any(|start| rest.starts_with(start))),
        }
    }
}

/// The name from each of its words on. Every field of a payload asks every rule, so this is cheap.
fn from_each_word(name: &str) -> impl Iterator<Item = &str> {
    let starts = name.match_indices(' ').map(|(at, _)| at + 1);
    std::iter::once(0).chain(starts).filter_map(|at| name.get(at..))
}

/// What a field of this name is for; nothing where the name says nothing.
pub(crate) fn named(key: &str) -> Option<Named> {
    let name = words(key);
    RULES.iter().find(|(_, test)| test.holds(&name)).map(|(named, _)| *named)
}

/// What sort of thing a line of running text holds that must not be kept. «У меня болит зуб: когда можно прийти?» has no
/// name before its colon: it is a sentence.
pub(crate) fn dropped_in_text(name: &str) -> Option<&'static str> {
    let words = words(name);
    let is_sentence = name.contains(',') || name.split_whitespace().count() > 4 || words.split(' ').any(is_of_speaker);
    match named(name) {
        Some(Drop(sort)) if !is_sentence => Some(sort),
        _ => None,
    }
}

/// Whether what stands before a colon in a letter is speech: «Добрый день, вот мой снимок:».
pub(crate) fn is_speech(text: &str) -> bool {
    let words = words(text);
    let greets = ["здравствуй", "добрый ", "доброе ", "доброго ", "привет", "уважаем", "hello", "dear "];
    let is_clause = text.contains(',') && (named(text).is_none() || words.split(' ').any(is_of_speaker));
    is_clause || greets.iter().any(|greeting| words.starts_with(greeting))
}

fn is_of_speaker(word: &str) -> bool {
    matches!(word, "я" | "мне" | "меня" | "мы" | "нам" | "нас" | "мой" | "моя" | "мое" | "наш")
}

/// A name as lower-case words; ё is е.
pub(crate) fn words(key: &str) -> String {
    let mut spaced = String::with_capacity(key.len());
    let mut after_small = false;
    for c in key.chars() {
        if after_small && c.is_uppercase() {
            spaced.push(' ');
        }
        after_small = c.is_lowercase();
        spaced.push(if c.is_alphanumeric() { c } else { ' ' });
    }
    let lower = spaced.to_lowercase().replace('ё', "е");
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn designers_name_their_fields_as_they_please() {
        for (key, expected) in [
            ("Name", Some(Is(M::Name))),
            ("your-name", Some(Is(M::Name))),
            ("Ваше имя", Some(Is(M::Name))),
            ("Как вас зовут?", Some(Is(M::Name))),
            ("Фамилия и имя", Some(Is(M::Name))),
            ("billing.first_name", Some(Is(M::Given))),
            ("lastName", Some(Is(M::Family))),
            ("Имя врача", Some(Is(M::Doctor))),
            ("doctor.name", Some(Is(M::Doctor))),
            ("Имя получателя", Some(Is(M::Recipient))),
            ("form.name", Some(Is(M::Form))),
            ("formname", Some(Is(M::Form))),
            ("phone-zakazchika", Some(Is(M::Phone))),
            ("tel-412", Some(Is(M::Phone))),
            ("Номер телефона", Some(Is(M::Phone))),
            ("e-mail", Some(Is(M::Email))),
            ("Электронная почта", Some(Is(M::Email))),
            ("Согласие на обработку персональных данных", Some(Is(M::Consent))),
            ("acceptance-pd", Some(Is(M::Consent))),
            ("Согласие на рассылку", Some(Is(M::Extra))),
            ("Удобное время звонка", Some(Is(M::PreferredTime))),
            ("Дата рождения", Some(Drop("birth_date"))),
            ("Телефон получателя", Some(Drop("recipient_contact"))),
            ("consent_text", Some(Is(M::ConsentText))),
            ("PlanStart", Some(Is(M::Start))),
            ("Дата отправки", Some(Is(M::Submitted))),
            ("Комментарий", Some(Is(M::Comment))),
            ("menu-service", Some(Is(M::Service))),
            ("Page URL", Some(Is(M::Site))),
            ("utm_source", Some(Is(M::Extra))),
            ("Цвет", None),
        ] {
            assert_eq!(named(key), expected, "{key}");
        }
    }

    #[test]
    fn what_is_not_to_be_kept_is_known_by_name() {
        for (key, sort) in [
            ("COOKIES", "cookies"),
            ("ip", "ip"),
            ("meta.remote_ip", "ip"),
            ("User Agent", "user_agent"),
            ("HTTP_REFERER", "referrer"),
            ("Серия паспорта", "passport"),
            ("Что вас беспокоит", "complaint"),
            ("diagnosis", "diagnosis"),
            ("Какой зуб", "tooth"),
            ("utm_medium", "tracking"),
            ("formid", "technical"),
        ] {
            assert_eq!(named(key), Some(Drop(sort)), "{key}");
        }
    }
}
