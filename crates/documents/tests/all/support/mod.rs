//! The clinic and the people of the tests, all invented.

pub(crate) mod pdf;

use chrono::{DateTime, FixedOffset, NaiveDate};
use documents::{ClinicRequisites, FormKind, PaperRequest, PersonOnPaper, PersonSheet};

pub(crate) fn clinic() -> ClinicRequisites {
    ClinicRequisites::example()
}

pub(crate) fn person() -> PersonOnPaper {
    PersonOnPaper {
        full_name: "Ёлкина Мария Сергеевна".into(),
        phone: "+7 912 345-67-89".into(),
        email: "m.elkina@example.org".into(),
        birth_date: NaiveDate::from_ymd_opt(1987, 3, 14),
    }
}

pub(crate) fn printed_at() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-23T09:12:30+07:00").unwrap_or_default()
}

pub(crate) fn request() -> PaperRequest {
    PaperRequest {
        kind: FormKind::ConsentPd,
        paper_id: "01KAR3Q8W0V5T7ZC9XJ4M2N6PB".into(),
        copy: 1,
        copies: 1,
        repeated: false,
        clinic: clinic(),
        data: Some(PersonSheet::from(person()).into()),
        printed_at: printed_at(),
    }
}

pub(crate) fn blank() -> PaperRequest {
    PaperRequest { data: None, ..request() }
}

pub(crate) fn named(full_name: &str) -> PaperRequest {
    with(PersonOnPaper { full_name: full_name.to_owned(), ..person() })
}

pub(crate) fn with(person: PersonOnPaper) -> PaperRequest {
    PaperRequest { data: Some(PersonSheet::from(person).into()), ..request() }
}

/// A surname of sixty letters.
pub(crate) fn long_surname() -> String {
    let mut name: String = "Голенищевакутузовапржевальскаясеменоватяньшанскаяарсеньева".into();
    while name.chars().count() < 60 {
        name.push('я');
    }
    name + " Александра-Виктория Константиновна кызы"
}

pub(crate) fn long_name() -> String {
    "Абдурахмангаджиева Фатима-Зухра Нурмагомедовна ".repeat(7).trim().chars().take(300).collect()
}
