#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::PhoneStatus::{Ambiguous, Foreign, Incomplete, Invalid, TollFree, Valid};
use super::*;

fn e164(parsed: &ParsedPhone) -> Option<&str> {
    parsed.phone.as_ref().map(Phone::e164)
}

fn offered(parsed: &ParsedPhone) -> Vec<&str> {
    parsed.others.iter().map(Phone::e164).collect()
}

fn reads(raw: &str, number: &str, status: PhoneStatus, warnings: &[PhoneWarning]) {
    let parsed = parse(raw);
    assert_eq!(e164(&parsed), Some(number), "{raw}");
    assert_eq!(parsed.status, status, "{raw}");
    assert_eq!(parsed.warnings, warnings, "{raw}");
    assert_eq!(parsed.raw, raw);
    assert!(parsed.others.is_empty(), "{raw}");
}

fn asks(raw: &str, candidates: &[&str], warning: PhoneWarning) {
    let parsed = parse(raw);
    assert_eq!(parsed.status, Ambiguous, "{raw}");
    assert_eq!(parsed.phone, None, "{raw}");
    assert_eq!(offered(&parsed), candidates, "{raw}");
    assert_eq!(parsed.warnings, [warning], "{raw}");
    assert_eq!(parsed.candidates().count(), candidates.len());
}

fn refuses(raw: &str, status: PhoneStatus, why: PhoneWarning) {
    let parsed = parse(raw);
    assert_eq!((parsed.status, parsed.warnings.as_slice()), (status, [why].as_slice()), "{raw}");
    assert_eq!(parsed.candidates().count(), 0, "{raw}");
    assert_eq!(parsed.raw, raw);
}

#[test]
fn one_mobile_number_however_it_is_written() {
    for raw in [
        "8 (912) 345-67-89",
        "7 912 345-67-89",
        "+7 912 345-67-89",
        "9123456789",
        "89123456789",
        "79123456789",
        "+79123456789",
        "+7(912)345.67.89",
        "+7\u{a0}912\u{2009}345\u{2011}67\u{2013}89",
        "８（９１２）３４５－６７－８９",
        "\u{202a}+7 912 345-67-89\u{202c}",
        " 8-912-345-67-89 ",
        "(+7) 912 345 67 89",
        "тел. 8 912 345-67-89",
        "Тел: +7 912 345-67-89",
        "моб.: 8 912 345 67 89",
        "tel:+79123456789",
        "'89123456789",
        "8,912,345,67,89",
        "8/912/345-67-89",
        "00 7 912 345 67 89",
        "8~912~345~67~89",
    ] {
        reads(raw, "+79123456789", Valid, &[]);
    }
}

#[test]
fn plus_eight_is_read_as_plus_seven_where_no_country_has_that_code() {
    reads("+8 912 345-67-89", "+79123456789", Valid, &[PhoneWarning::PlusEightRead]);
    reads("+8 391 234-56-78", "+73912345678", Valid, &[PhoneWarning::PlusEightRead]);
}

#[test]
fn plus_eight_is_asked_where_a_country_has_that_code() {
    asks("+84951234567", &["+74951234567", "+84951234567"], PhoneWarning::MaybeForeign);
    asks("+8 800 555-35-35", &["+78005553535", "+88005553535"], PhoneWarning::MaybeForeign);
    reads("+86 138 0013 8000", "+8613800138000", Foreign, &[]);
}

#[test]
fn the_exit_code_is_dropped() {
    reads("8 10 375 29 123-45-67", "+375291234567", Foreign, &[]);
    reads("8~10 375 29 123-45-67", "+375291234567", Foreign, &[]);
}

#[test]
fn an_extension_is_kept_beside_the_number() {
    for raw in [
        "8 495 123-45-67 доб. 12",
        "8 495 123-45-67, доб 12",
        "8 495 123-45-67 (доб. 12)",
        "+7 495 123-45-67 вн.12",
        "+74951234567 ext 12",
        "+74951234567#12",
        "84951234567x12",
        "tel:+74951234567;ext=12",
        "8 495 123-45-67 добавочный 12",
    ] {
        let parsed = parse(raw);
        assert_eq!(e164(&parsed), Some("+74951234567"), "{raw}");
        assert_eq!(parsed.phone.as_ref().unwrap().ext(), Some("12"), "{raw}");
        assert_eq!(parsed.status, Valid, "{raw}");
    }
    // «at twelve» is not an extension
    refuses("8 495 123-45-67 в 12", Invalid, PhoneWarning::ForeignSigns);
}

#[test]
fn a_toll_free_number_takes_no_messages() {
    reads("8 800 555-35-35", "+78005553535", TollFree, &[PhoneWarning::NoSms]);
    reads("8005553535", "+78005553535", TollFree, &[PhoneWarning::NoSms]);
}

#[test]
fn plus_seven_may_be_kazakhstan() {
    reads("+7 701 234 56 78", "+77012345678", Foreign, &[PhoneWarning::Kazakhstan]);
    reads("8 701 234 56 78", "+77012345678", Foreign, &[PhoneWarning::Kazakhstan]);
    asks("701 234 56 78", &["+77012345678"], PhoneWarning::MaybeForeign);
}

#[test]
fn a_city_number_without_its_code_is_incomplete() {
    for raw in ["123-45-67", "12-34-56", "1-23-45"] {
        refuses(raw, Incomplete, PhoneWarning::NoCityCode);
    }
}

#[test]
fn two_numbers_in_one_field_are_both_offered() {
    let both = ["+79123456789", "+79137654321"];
    for raw in [
        "89123456789, 89137654321",
        "8 912 345-67-89; 8 913 765-43-21",
        "8 912 345-67-89 / 8 913 765-43-21",
        "+79123456789 +79137654321",
        "8 912 345-67-89 и 8 913 765-43-21",
        "89123456789\n89137654321",
        "89123456789 89137654321",
        "8912345678989137654321",
        "9123456789 или 9137654321",
    ] {
        asks(raw, &both, PhoneWarning::SeveralNumbers);
    }
    asks("8 912 345-67-89, 123-45-67", &["+79123456789"], PhoneWarning::SeveralNumbers);
    asks("8 495 123-45-67/68", &["+74951234567"], PhoneWarning::SeveralNumbers);
    // the same number twice is one number
    reads("89123456789, +7 912 345-67-89", "+79123456789", Valid, &[]);
}

#[test]
fn a_code_that_no_plan_has_is_invalid() {
    for raw in [
        "+7 012 345-67-89",
        "+7 123 456-78-90",
        "8 123 456 78 90",
        "+7 212 345 67 89",
        "+7 512 345 67 89",
        "+0 912 345 67 89",
    ] {
        refuses(raw, Invalid, PhoneWarning::ForeignSigns);
    }
}

#[test]
fn a_letter_among_the_digits_is_not_guessed() {
    for raw in [
        "8912З456789",
        "89l23456789",
        "8912O456789",
        "8 912 345-67-89 мама",
        "не звоните",
        "=89123456789",
        "8912*456789",
    ] {
        refuses(raw, Invalid, PhoneWarning::ForeignSigns);
    }
}

#[test]
fn a_number_of_a_wrong_length_is_invalid_and_its_text_is_kept() {
    for raw in ["+7 912 345-67-8", "7 912 345-67-8", "12345678", "112", "", " ", "+", "+1", "7 495 123-45-6"] {
        refuses(raw, Invalid, PhoneWarning::TooShort);
    }
    for raw in ["+7 912 345-67-899", "8 912 345 67 89 1", "+1234567890123456"] {
        refuses(raw, Invalid, PhoneWarning::TooLong);
    }
}

#[test]
fn an_eight_swallowed_by_an_input_mask_is_noticed() {
    // typed 8 912 345 67 89 and 8 495 123 45 67 into «+7 (___) ___-__-__»
    for raw in ["+7 (891) 234-56-78", "+7 (849) 512-34-56", "8 912 345-67-8", "8 495 123-45-6", "+7 (810) 375-29-12"] {
        refuses(raw, Invalid, PhoneWarning::EightInsideMask);
    }
    // no town has 839 as yet: a cut 8 391 …
    asks("+7 (839) 123-45-67", &["+78391234567"], PhoneWarning::EightInsideMask);
    // with the end not lost it is certain enough to offer
    asks("+7 8 912 345-67-89", &["+79123456789"], PhoneWarning::MaybeForeign);
}

#[test]
fn neighbours_are_read_with_and_without_a_plus() {
    for (raw, number) in [
        ("+375 29 123-45-67", "+375291234567"),
        ("375291234567", "+375291234567"),
        ("+998 90 123-45-67", "+998901234567"),
        ("+996 555 123 456", "+996555123456"),
        ("+992 93 123 45 67", "+992931234567"),
        ("+374 91 123456", "+37491123456"),
        ("37491123456", "+37491123456"),
        ("+994 50 123 45 67", "+994501234567"),
        ("+995 555 12 34 56", "+995555123456"),
    ] {
        reads(raw, number, Foreign, &[]);
    }
    asks("+9123456789", &["+79123456789", "+9123456789"], PhoneWarning::MaybeForeign);
}

#[test]
fn numbers_are_shown_in_groups_and_masked_in_lists() {
    for (number, shown, masked) in [
        ("+79123456789", "+7 912 345-67-89", "+7 ••• •••-67-89"),
        ("+375291234567", "+375 29 123-45-67", "+375 •• •••-45-67"),
        ("+37491123456", "+374 9 112-34-56", "+374 • •••-34-56"),
        ("+12025550123", "+1 202 555-01-23", "+1 ••• •••-01-23"),
        ("+37212345", "+372 1-23-45", "+372 •-23-45"),
    ] {
        let phone = Phone::from_e164(number).unwrap();
        assert_eq!((phone.display().as_str(), phone.masked().as_str()), (shown, masked));
    }
    let with_ext = parse("8 495 123-45-67 доб. 12").phone.unwrap();
    assert_eq!(with_ext.display(), "+7 495 123-45-67 доб. 12");
    assert_eq!(with_ext.masked(), "+7 ••• •••-45-67");
    assert_eq!(with_ext.digits(), "74951234567");
}

#[test]
fn only_exact_e164_is_taken_for_e164() {
    for text in [
        "79123456789",
        "+7 9123456789",
        "+7912345678",
        "+79123456789 ",
        "+",
        "",
        "+0123456789",
        "+7x123456789",
        "+71234567890",
    ] {
        assert_eq!(Phone::from_e164(text), None, "{text}");
    }
}

#[test]
fn json_cannot_make_a_number_that_is_none() {
    let parsed = parse("8 495 123-45-67 доб. 12");
    let json = serde_json::to_value(&parsed).unwrap();
    assert_eq!(json["phone"], serde_json::json!({ "e164": "+74951234567", "ext": "12" }));
    assert_eq!(json["status"], "valid");
    assert_eq!(serde_json::from_value::<ParsedPhone>(json).unwrap(), parsed);
    for bad in [
        r#"{"e164":"8495","ext":null}"#,
        r#"{"e164":"","ext":null}"#,
        r#"{"e164":"+74951234567","ext":"<b>"}"#,
        r#"{"e164":"+74951234567","ext":""}"#,
    ] {
        assert!(serde_json::from_str::<Phone>(bad).is_err(), "{bad}");
    }
    assert!(serde_json::from_str::<Phone>(r#"{"e164":"+74951234567"}"#).is_ok());
}

#[test]
fn debug_shows_no_digit() {
    let shown = format!("{:?} {:?}", parse("8 912 345-67-89 доб. 5"), parse("89123456789, 89137654321"));
    assert!(!shown.contains(|c: char| c.is_ascii_digit()), "{shown}");
    assert!(!format!("{:?}", Phone::from_e164("+79123456789")).contains('7'));
}

#[test]
fn a_number_is_searched_for_as_it_is_typed() {
    for (query, digits) in [
        ("8 (912) 345-67-89", Some("79123456789")),
        ("+7 912 345 67 89", Some("79123456789")),
        ("79123456789", Some("79123456789")),
        ("9123456789", Some("9123456789")),
        ("345-67", Some("34567")),
        ("６７８９", Some("6789")),
        ("12", None),
        ("", None),
        ("Иванов 912", None),
        ("912x", None),
        ("8 10 375 29 123-45-67", Some("375291234567")),
        ("+375 29", Some("37529")),
        ("8 912", Some("7912")),
        ("8912", Some("8912")),
    ] {
        assert_eq!(search_digits(query).as_deref(), digits, "{query}");
    }
    assert_eq!(search_variants("8912"), ["8912", "7912"]);
    assert_eq!(search_variants("8 (912"), ["7912", "8912"]);
}

proptest! {
    #[test]
    fn no_text_breaks_the_reading_and_its_result_survives_json(raw in "(?s).{0,60}|[0-9 +(),;/доб.-]{0,60}") {
        let parsed = parse(&raw);
        prop_assert_eq!(&parsed.raw, &raw);
        let single = matches!(parsed.status, Valid | TollFree | Foreign);
        prop_assert_eq!(parsed.phone.is_some(), single);
        prop_assert_eq!(!parsed.others.is_empty(), parsed.status == Ambiguous);
        let json = serde_json::to_string(&parsed).unwrap();
        prop_assert_eq!(serde_json::from_str::<ParsedPhone>(&json).unwrap(), parsed);
    }

    #[test]
    fn what_is_shown_is_read_back(national in "[349][0-9]{9}", ext in proptest::option::of("[0-9]{1,7}")) {
        let raw = format!("+7{national}{}", ext.map(|ext| format!(" доб. {ext}")).unwrap_or_default());
        let phone = parse(&raw).phone.unwrap();
        prop_assert_eq!(parse(&phone.display()).phone, Some(phone.clone()));
        let masked = phone.masked();
        prop_assert_eq!(masked.chars().filter(char::is_ascii_digit).count(), 5);
    }

    #[test]
    fn a_number_is_found_by_what_is_typed_of_it(national in "[349][0-9]{9}", from in 0..8usize) {
        let phone = Phone::from_e164(&format!("+7{national}")).unwrap();
        for query in [format!("8{national}"), format!("+7{national}"), phone.display(), national[from..].to_owned()] {
            let found = search_variants(&query).iter().any(|digits| phone.digits().contains(digits.as_str()));
            prop_assert!(found || query.len() < 3);
        }
    }
}
