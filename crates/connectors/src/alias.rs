//! What a field means, by its name: the names that designers of Russian sites give, in any spelling.
//!
//! A name is split into lower-case words (`firstName`, `first-name` and `First name` are the same). Rules are tried in
//! the order of [`RULES`]: what must not be kept comes first, then what would otherwise be taken for something wider
//! («Имя врача» is a doctor, not a name).

use Meaning as M;
use Test::{Begins, Whole, Word};

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Not kept; the word says what sort it was.
    Drop(&'static str),
    Consent,
    Recipient,
    Doctor,
    Name,
    Family,
    Given,
    Patronymic,
    Phone,
    Email,
    Submitted,
    Wish,
    Service,
    Comment,
    Site,
    FormName,
    Kind,
    NaturalKey,
    Marketing,
    Unknown,
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

const RULES: &[(Meaning, Test)] = &[
    (M::Drop("cookies"), Begins(&["cookie", "куки"])),
    (M::Drop("ip"), Word(&["ip", "remoteip", "userip", "remoteaddr"])),
    (M::Drop("ip"), Begins(&["remote addr"])),
    (M::Drop("user_agent"), Begins(&["user agent", "useragent", "browser", "браузер"])),
    (M::Drop("referrer"), Begins(&["refer", "httprefer", "реферер", "реферрер"])),
    (M::Drop("passport"), Begins(&["паспорт", "passport", "снилс", "snils", "полис"])),
    (M::Drop("complaint"), Begins(&["жалоб", "complaint", "беспоко", "симптом", "symptom", "болит"])),
    (M::Drop("diagnosis"), Begins(&["диагноз", "diagnos", "заболеван", "анамнез", "аллерги", "allerg", "health"])),
    (M::Drop("tooth"), Begins(&["зуб", "tooth", "teeth"])),
    (M::Marketing, Whole(&["utm source"])),
    (
        M::Drop("tracking"),
        Word(&["utm", "gclid", "yclid", "fbclid", "gbraid", "wbraid", "roistat", "clientid", "tildaspec"]),
    ),
    (M::Drop("tracking"), Begins(&["ym uid", "ya client", "google client", "metrika", "ga client"])),
    (
        M::Drop("technical"),
        Word(&["formid", "tranid", "nonce", "captcha", "recaptcha", "csrf", "token", "wpcf7", "queried", "timezone"]),
    ),
    (
        M::Drop("technical"),
        Whole(&["form id", "post id", "action", "submit", "powered by", "locale", "lang", "form type"]),
    ),
    // agreement to get letters is not agreement to processing
    (M::Unknown, Begins(&["рассыл", "реклам", "newsletter", "subscribe", "marketing", "новост"])),
    (
        M::Consent,
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
    (M::Consent, Whole(&["pd", "пдн"])),
    (M::Unknown, Begins(&["телефон получател", "email получател", "почта получател", "рожден", "birth"])),
    (M::Recipient, Begins(&["получател", "recipient", "кому"])),
    (M::Doctor, Begins(&["врач", "доктор", "doctor", "специалист", "specialist"])),
    (M::Email, Word(&["mail", "имейл", "емейл"])),
    (M::Email, Begins(&["email", "почт", "электронн"])),
    (M::Phone, Word(&["tel", "тел", "whatsapp", "вотсап", "ватсап", "viber"])),
    (
        M::Phone,
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
    (M::FormName, Whole(&["form", "formname", "form name", "form title", "форма", "название формы"])),
    (M::Service, Begins(&["услуг", "service", "процедур", "treatment", "направлен", "тема", "subject", "topic"])),
    (
        M::Unknown,
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
    (M::Name, Word(&["имя", "фио", "fio", "зовут", "обращаться"])),
    (M::Family, Begins(&["фамил", "surname", "lastname", "last name", "family"])),
    (M::Patronymic, Begins(&["отчеств", "patronymic", "middlename", "middle name"])),
    (M::Given, Begins(&["firstname", "first name", "given"])),
    (M::Name, Word(&["name", "fullname", "username", "yourname", "clientname"])),
    (
        M::Submitted,
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
    (M::Wish, Begins(&["врем", "когда", "удобн", "дата", "дату", "день", "time", "date", "day", "preferred"])),
    (
        M::Comment,
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
    (M::Site, Begins(&["site", "domain", "host", "page url", "pageurl", "сайт", "страниц"])),
    (M::Site, Whole(&["url", "page"])),
    (M::Kind, Whole(&["kind", "request kind"])),
    (M::NaturalKey, Whole(&["id", "external id", "submission id", "entry id", "request id", "lead id", "order id"])),
];

impl Test {
    fn holds(&self, name: &str) -> bool {
        match self {
            Whole(all) => all.contains(&name),
            Word(words) => name.split(' ').any(|word| words.contains(&word)),
            Begins(starts) => starts.iter().any(|start| name.starts_with(start) || name.contains(&format!(" {start}"))),
        }
    }
}

/// What a field of this name is for.
pub(crate) fn meaning(key: &str) -> Meaning {
    let name = words(key);
    RULES.iter().find(|(_, test)| test.holds(&name)).map_or(M::Unknown, |(meaning, _)| *meaning)
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
            ("Name", M::Name),
            ("your-name", M::Name),
            ("Ваше имя", M::Name),
            ("Как вас зовут?", M::Name),
            ("Фамилия и имя", M::Name),
            ("billing.first_name", M::Given),
            ("lastName", M::Family),
            ("Имя врача", M::Doctor),
            ("doctor.name", M::Doctor),
            ("Имя получателя", M::Recipient),
            ("form.name", M::FormName),
            ("formname", M::FormName),
            ("phone-zakazchika", M::Phone),
            ("tel-412", M::Phone),
            ("Номер телефона", M::Phone),
            ("e-mail", M::Email),
            ("Электронная почта", M::Email),
            ("Согласие на обработку персональных данных", M::Consent),
            ("acceptance-pd", M::Consent),
            ("Согласие на рассылку", M::Unknown),
            ("Удобное время звонка", M::Wish),
            ("Дата рождения", M::Unknown),
            ("Дата отправки", M::Submitted),
            ("Комментарий", M::Comment),
            ("menu-service", M::Service),
            ("Page URL", M::Site),
            ("utm_source", M::Marketing),
            ("Цвет", M::Unknown),
        ] {
            assert_eq!(meaning(key), expected, "{key}");
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
            assert_eq!(meaning(key), M::Drop(sort), "{key}");
        }
    }
}
