#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use domain::fold::{CODE_ALPHABET, other_layout};
use proptest::prelude::*;

use super::*;
use crate::code::WORD;

#[test]
fn a_second_desk_comes_in_with_the_code_of_the_first() {
    // at the first desk
    let clinic = ClinicSecretKey::make().unwrap();
    let code = EnrolmentCode::make().unwrap();
    let (kept_digest, kept_envelope) = (code.auth_digest(), code.wrap(&clinic).unwrap().to_string());
    let shown = code.to_string();

    // at the second one, typed in by hand
    let typed = EnrolmentCode::parse(&shown).unwrap();
    // at the gateway
    assert!(token::verify(typed.auth_half().as_str(), &kept_digest));
    // at the second desk again
    let envelope: Envelope = kept_envelope.parse().unwrap();
    assert_eq!(typed.unwrap(&envelope).unwrap(), clinic);
}

#[test]
fn what_the_gateway_sees_does_not_open_the_envelope() {
    let clinic = ClinicSecretKey::make().unwrap();
    let code = EnrolmentCode::make().unwrap();
    let envelope = code.wrap(&clinic).unwrap();
    // the whole first half with any second one
    let guess = EnrolmentCode { auth: code.auth.clone(), key: Word::make().unwrap() };
    assert_eq!(guess.auth_digest(), code.auth_digest());
    assert_eq!(guess.unwrap(&envelope).unwrap_err(), EnvelopeError::OtherCode);
    // nor is the second half the first one again
    let swapped = EnrolmentCode { auth: code.key.clone(), key: code.auth.clone() };
    assert_eq!(swapped.unwrap(&envelope).unwrap_err(), EnvelopeError::OtherCode);
    assert_ne!(swapped.auth_digest(), code.auth_digest());
}

#[test]
fn the_letters_of_the_code_are_not_sent() {
    let code = EnrolmentCode::make().unwrap();
    let sent = code.auth_half();
    assert_eq!(sent.as_str().len(), 64);
    assert!(sent.as_str().bytes().all(|b| b.is_ascii_hexdigit()));
    assert!(!sent.as_str().to_uppercase().contains(code.auth.as_str()));
    assert_ne!(sent.as_str(), code.auth_digest());
}

#[test]
fn the_code_is_shown_in_groups_of_letters_that_are_not_taken_for_each_other() {
    let code = EnrolmentCode::make().unwrap();
    let shown = code.to_string();
    assert_eq!(shown.split('-').map(str::len).collect::<Vec<_>>(), [4; 14]);
    assert!(!shown.contains(['0', 'O', '1', 'I']));
}

#[test]
fn codes_differ_and_use_the_whole_alphabet() {
    let codes: BTreeSet<String> = (0..64).map(|_| EnrolmentCode::make().unwrap().to_string()).collect();
    assert_eq!(codes.len(), 64);
    let letters: BTreeSet<u8> = codes.iter().flat_map(|code| code.bytes()).filter(|b| *b != b'-').collect();
    assert_eq!(letters, CODE_ALPHABET.iter().copied().collect());
}

#[test]
fn typing_is_forgiven_what_changes_nothing() {
    let code = EnrolmentCode::make().unwrap();
    let shown = code.to_string();
    let cyrillic = |c: char| "ABEKMHPCTYX".find(c).and_then(|at| "АВЕКМНРСТУХ".chars().nth(at)).unwrap_or(c);
    let typings = [
        shown.to_lowercase(),
        shown.replace('-', ""),
        shown.replace('-', " – "),
        format!("  {}\n", shown.replace('-', "\u{a0}")),
        shown.chars().map(cyrillic).collect(),
        shown.replace('3', "З"),
        shown.replace('L', "1"),
        shown.replace('L', "I"),
        other_layout(&shown).unwrap(),
        other_layout(&shown.to_lowercase()).unwrap(),
    ];
    for typed in typings {
        assert_eq!(EnrolmentCode::parse(&typed).unwrap().to_string(), shown);
    }
}

#[test]
fn a_slip_is_told_from_a_wrong_code() {
    let shown = EnrolmentCode::make().unwrap().to_string();
    let refused = |text: &str| EnrolmentCode::parse(text).unwrap_err();
    let expected = 2 * WORD;
    assert_eq!(refused(""), CodeError::Length { expected, found: 0 });
    assert_eq!(refused(&shown[1..]), CodeError::Length { expected, found: expected - 1 });
    assert_eq!(refused(&format!("{shown}A")), CodeError::Length { expected, found: expected + 1 });
    assert_eq!(refused(&format!("0{}", &shown[1..])), CodeError::Letter);
    assert_eq!(refused(&format!("ё{}", &shown[1..])), CodeError::Letter);
    assert!(matches!(refused(&"A".repeat(100_000)), CodeError::Length { .. }));

    let other = if shown.starts_with('A') { "B" } else { "A" };
    assert_eq!(refused(&format!("{other}{}", &shown[1..])), CodeError::Mistyped);
    let last = if shown.ends_with('A') { "B" } else { "A" };
    assert_eq!(refused(&format!("{}{last}", &shown[..shown.len() - 1])), CodeError::Mistyped);

    // a code that is well formed, but not the one
    let stranger = EnrolmentCode::make().unwrap();
    let envelope = EnrolmentCode::parse(&shown).unwrap().wrap(&ClinicSecretKey::make().unwrap()).unwrap();
    assert_eq!(stranger.unwrap(&envelope).unwrap_err(), EnvelopeError::OtherCode);
}

#[test]
fn an_envelope_is_a_text_of_its_own_kind() {
    let code = EnrolmentCode::make().unwrap();
    let envelope = code.wrap(&ClinicSecretKey::make().unwrap()).unwrap();
    let json = serde_json::to_string(&envelope).unwrap();
    assert_eq!(json, format!("\"{envelope}\""));
    assert_eq!(serde_json::from_str::<Envelope>(&json).unwrap(), envelope);
    let text = envelope.as_str();
    for bad in ["", "AAAA", &text[1..], &format!("{text}AAAA"), &format!("B{}", &text[1..]), "не то"] {
        assert_eq!(bad.parse::<Envelope>(), Err(EnvelopeError::Malformed), "{bad}");
        assert!(serde_json::from_value::<Envelope>(bad.into()).is_err());
    }
}

#[test]
fn debug_shows_nothing() {
    let code = EnrolmentCode::make().unwrap();
    let envelope = code.wrap(&ClinicSecretKey::make().unwrap()).unwrap();
    let shown = format!("{code:?} {:?} {envelope:?}", code.auth_half());
    assert_eq!(shown, "EnrolmentCode(…) AuthSecret(…) Envelope(…)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn one_changed_bit_of_an_envelope_is_noticed(at in any::<prop::sample::Index>()) {
        let code = EnrolmentCode::make().unwrap();
        let envelope = code.wrap(&ClinicSecretKey::make().unwrap()).unwrap();
        let mut bytes = data_encoding::BASE64URL_NOPAD.decode(envelope.as_str().as_bytes()).unwrap();
        let bit = at.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let damaged = data_encoding::BASE64URL_NOPAD.encode(&bytes).parse::<Envelope>();
        prop_assert!(damaged.and_then(|damaged| code.unwrap(&damaged)).is_err());
    }

    #[test]
    fn no_text_breaks_the_reading(text in "(?s).{0,80}|[A-Z2-9 -]{50,80}") {
        if let Ok(code) = EnrolmentCode::parse(&text) {
            prop_assert!(EnrolmentCode::parse(&code.to_string()).is_ok());
        }
    }
}
