//! Invented cases with every field filled: what a template is checked and proof-read on.
//!
//! Invariant: no field is empty and no list without an item; the names templates may use are read off these values.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::*;

mod clinic;

fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

fn at(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

impl PersonSheet {
    pub(crate) fn example() -> Self {
        Self {
            person: PersonOnPaper {
                full_name: "Ёлкина Мария Сергеевна".into(),
                phone: "+7 912 345-67-89".into(),
                email: "m.elkina@example.org".into(),
                birth_date: day(1987, 3, 14),
            },
            representative: Representative {
                full_name: "Ёлкина Анна Павловна".into(),
                phone: "+7 912 345-67-80".into(),
                birth_date: day(1961, 8, 2),
                kin: "мать".into(),
                authority: "свидетельство о рождении".into(),
            },
            escort: Escort {
                full_name: "Сидорова Вера Ильинична".into(),
                kin: "бабушка".into(),
                phone: "+7 913 000-11-22".into(),
            },
            medic: MedicalWorker {
                position: "врач-стоматолог".into(),
                full_name: "Борменталь Иван Арнольдович".into(),
            },
            consents: vec![ConsentOnPaper {
                title: "Согласие на обработку персональных данных".into(),
                given_on: day(2026, 10, 5),
            }],
            intake: Intake {
                number: "ВХ-118".into(),
                received: at("2026-11-23T10:05:00+07:00"),
                accepted_by: "Петрова О. В.".into(),
            },
            disclosure: DisclosureOnPaper {
                to: "Ёлкин Пётр Сергеевич, брат".into(),
                what: "дата и время записи на приём".into(),
                purpose: "сопровождение на приём".into(),
                until: day(2026, 12, 31),
            },
        }
    }
}

impl Letter {
    fn example() -> Self {
        Self {
            number: "ИСХ-204".into(),
            date: day(2026, 11, 24),
            to: "Ёлкина Мария Сергеевна".into(),
            address: "660049, г. Красноярск, ул. Примерная, д. 5, кв. 8".into(),
            way: "лично".into(),
        }
    }
}

impl RequestOnPaper {
    fn example() -> Self {
        Self {
            number: "ВХ-118".into(),
            received: at("2026-11-23T10:05:00+07:00"),
            from: "Ёлкина Мария Сергеевна".into(),
            way: "письменно, лично".into(),
        }
    }
}

impl SubjectReply {
    pub(crate) fn example() -> Self {
        let datum = |name: &str, value: &str, source: &str| DataRow {
            name: name.into(),
            value: value.into(),
            source: source.into(),
        };
        Self {
            letter: Letter::example(),
            request: RequestOnPaper::example(),
            purposes: vec![
                Purpose {
                    purpose: "запись на приём и связь по ней".into(),
                    basis: "пункт 5 части 1 статьи 6 (договор)".into(),
                    term: "30 дней после дня приёма".into(),
                },
                Purpose {
                    purpose: "напоминание о приёме".into(),
                    basis: "пункт 1 части 1 статьи 6 (согласие от 05.10.2026)".into(),
                    term: "до отзыва согласия, не дольше трёх лет".into(),
                },
            ],
            data: vec![
                datum("Фамилия, имя, отчество", "Ёлкина Мария Сергеевна", "заявка на сайте 02.10.2026"),
                datum("Телефон", "+7 912 345-67-89", "заявка на сайте 02.10.2026"),
                datum("Запись", "26.11.2026, 10:00, Борменталь И. А.", "телефонный разговор 05.10.2026"),
            ],
            events: vec![
                EventRow {
                    at: at("2026-10-02T19:41:00+07:00"),
                    what: "Заявка на обратный звонок: «удобно после обеда»".into(),
                },
                EventRow {
                    at: at("2026-10-05T14:12:00+07:00"), what: "Звонок, дозвонились; записана на приём".into()
                },
            ],
            recipients: texts(&[
                "ООО «Хостинг-Пример», г. Москва, ул. Условная, д. 1 (по поручению: хранение данных сайта)",
            ]),
            refusal: Refusal {
                reason: "запрос повторный и поступил раньше чем через 30 дней после ответа на первый".into(),
                clause: "часть 4 статьи 14".into(),
            },
            extension: Extension {
                reason: "сведения запрошены у лица, обрабатывающего данные по поручению".into(),
                until: day(2026, 12, 14),
            },
        }
    }
}

impl BlockNotice {
    pub(crate) fn example() -> Self {
        Self {
            letter: Letter::example(),
            request: RequestOnPaper::example(),
            subject: "Ёлкина Мария Сергеевна".into(),
            ground: "субъект сообщил о недостоверности данных".into(),
            categories: texts(&["контактные данные", "сведения о записи на приём"]),
            blocked: at("2026-11-23T10:05:00+07:00"),
            check_until: day(2026, 12, 2),
            visits: "запись на 26.11.2026 сохраняется".into(),
            result: "недостоверность подтверждена предъявленным документом".into(),
            changed: "исправлена фамилия".into(),
            unblocked: at("2026-11-25T16:30:00+07:00"),
        }
    }
}

impl RectificationNotice {
    pub(crate) fn example() -> Self {
        Self {
            letter: Letter::example(),
            request: RequestOnPaper::example(),
            subject: "Ёлкина Мария Сергеевна".into(),
            documents: "паспорт, свидетельство о заключении брака (предъявлены)".into(),
            changes: vec![
                Change { field: "Фамилия".into(), was: "Берёзкина".into(), now: "Ёлкина".into() },
                Change {
                    field: "Телефон".into(), was: "+7 ••• •••-12-34".into(), now: "+7 912 345-67-89".into()
                },
            ],
            rectified: at("2026-11-25T16:25:00+07:00"),
            informed: texts(&["ООО «Хостинг-Пример»"]),
            unblocked: at("2026-11-25T16:30:00+07:00"),
            refusal: Refusal {
                reason: "документы, подтверждающие недостоверность, не предъявлены".into(),
                clause: "часть 3 статьи 20".into(),
            },
            third_party: ThirdParty {
                name: "ООО «Хостинг-Пример»".into(),
                address: "115000, г. Москва, ул. Условная, д. 1".into(),
            },
        }
    }
}

impl ClaimLetter {
    pub(crate) fn example() -> Self {
        Self {
            letter: Letter::example(),
            claim: Claim {
                number: "ПР-17".into(),
                received: at("2026-11-23T11:40:00+07:00"),
                from: "Ёлкина Мария Сергеевна".into(),
                contact: "+7 912 345-67-89".into(),
                way: "письменно, лично".into(),
                nature: "деньги".into(),
                substance: "возврат неиспользованной части предоплаты".into(),
                promised: day(2026, 12, 3),
                accepted_by: "Петрова О. В.".into(),
            },
            circumstances: texts(&[
                "Предоплата внесена 5 октября 2026 г., услуга оказана частично.",
                "Остаток подтверждён данными учёта.",
            ]),
            decision: "удовлетворить: вернуть 1 234 рубля 56 копеек".into(),
            basis: "статья 32".into(),
            enclosures: texts(&["расчёт остатка, 1 л."]),
        }
    }
}
