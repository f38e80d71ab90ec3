//! The clinic and the people of the tests, all invented.
#![allow(dead_code, unreachable_pub)]

pub mod pdf;

use chrono::{DateTime, FixedOffset, NaiveDate};
use documents::{ClinicRequisites, FormKind, PaperRequest, PersonOnPaper};

pub fn clinic() -> ClinicRequisites {
    ClinicRequisites {
        full_name: "Общество с ограниченной ответственностью «Стоматологическая клиника „Смайл Прогресс“»".into(),
        short_name: "ООО «Смайл Прогресс»".into(),
        inn: "2460000019".into(),
        ogrn: "1222400000017".into(),
        address: "660049, г. Красноярск, ул. Примерная, д. 12, пом. 3".into(),
        phone: "+7 391 200-00-00".into(),
        privacy_email: "privacy@clinic.example".into(),
        licence: "Лицензия № Л041-01019-24/00000000 от 14.02.2023".into(),
        responsible: "Петрова Ольга Викторовна, администратор".into(),
        processors: vec![
            "ООО «Хостинг-Пример», 115000, г. Москва, ул. Условная, д. 1 (хранение данных сайта)".into(),
            "АО «Связь-Пример», 190000, г. Санкт-Петербург, наб. Вымышленная, д. 7 (отправка СМС-напоминаний)".into(),
        ],
    }
}

pub fn person() -> PersonOnPaper {
    PersonOnPaper {
        full_name: "Ёлкина Мария Сергеевна".into(),
        phone: "+7 912 345-67-89".into(),
        email: "m.elkina@example.org".into(),
        birth_date: NaiveDate::from_ymd_opt(1987, 3, 14),
    }
}

pub fn printed_at() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-23T09:12:30+07:00").unwrap_or_default()
}

pub fn request() -> PaperRequest {
    PaperRequest {
        kind: FormKind::ConsentPd,
        paper_id: "01KAR3Q8W0V5T7ZC9XJ4M2N6PB".into(),
        copy: 1,
        clinic: clinic(),
        person: Some(person()),
        printed_at: printed_at(),
    }
}

pub fn blank() -> PaperRequest {
    PaperRequest { person: None, ..request() }
}

pub fn named(full_name: &str) -> PaperRequest {
    let person = PersonOnPaper { full_name: full_name.to_owned(), ..person() };
    PaperRequest { person: Some(person), ..request() }
}

/// A surname of sixty letters.
pub fn long_surname() -> String {
    let mut name: String = "Голенищевакутузовапржевальскаясеменоватяньшанскаяарсеньева".into();
    while name.chars().count() < 60 {
        name.push('я');
    }
    name + " Александра-Виктория Константиновна кызы"
}

pub fn long_name() -> String {
    "Абдурахмангаджиева Фатима-Зухра Нурмагомедовна ".repeat(7).trim().chars().take(300).collect()
}
