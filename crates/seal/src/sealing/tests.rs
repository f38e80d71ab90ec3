#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

const PLACE: SealContext<'static> = SealContext { entity: "per_1", part: "main", seal_id: "act_1" };

fn sealed(key: &ClinicSecretKey, plain: &str) -> Sealed {
    seal(&key.public(), &PLACE, plain.as_bytes()).unwrap()
}

#[test]
fn what_the_gateway_seals_a_desk_opens() {
    let key = ClinicSecretKey::make().unwrap();
    let note = sealed(&key, "Иванова Анна, +7 912 345-67-89");
    assert_eq!(note.key_id, key.public().key_id());
    assert_eq!(note.seal_id, "act_1");
    assert_eq!(open(&key, &PLACE, &note).unwrap().as_slice(), "Иванова Анна, +7 912 345-67-89".as_bytes());
}

#[test]
fn the_same_text_is_sealed_differently_each_time() {
    let key = ClinicSecretKey::make().unwrap();
    assert_ne!(sealed(&key, "Иванова").data, sealed(&key, "Иванова").data);
}

#[test]
fn a_part_does_not_open_at_another_place() {
    let key = ClinicSecretKey::make().unwrap();
    let note = sealed(&key, "Иванова");
    let entity = SealContext { entity: "per_2", ..PLACE };
    let part = SealContext { part: "note:act_1", ..PLACE };
    let seal_id = SealContext { seal_id: "act_2", ..PLACE };
    assert_eq!(open(&key, &entity, &note), Err(SealError::NotAuthentic));
    assert_eq!(open(&key, &part, &note), Err(SealError::NotAuthentic));
    assert_eq!(open(&key, &seal_id, &note), Err(SealError::OtherSealId));
    // a gateway that rewrites the seal id does not get further
    let rewritten = Sealed { seal_id: "act_2".into(), ..note };
    assert_eq!(open(&key, &seal_id, &rewritten), Err(SealError::NotAuthentic));
}

#[test]
fn another_key_is_told_by_its_id() {
    let key = ClinicSecretKey::make().unwrap();
    let other = ClinicSecretKey::make().unwrap();
    let note = sealed(&key, "Иванова");
    assert_eq!(open(&other, &PLACE, &note), Err(SealError::OtherKey));
    let renamed = Sealed { key_id: other.public().key_id(), ..note };
    assert_eq!(open(&other, &PLACE, &renamed), Err(SealError::NotAuthentic));
}

#[test]
fn what_is_no_sealed_part_is_refused_as_such() {
    let key = ClinicSecretKey::make().unwrap();
    let note = sealed(&key, "");
    for data in ["", "AAAA", "=", "не то", &note.data[..note.data.len() - 2]] {
        let damaged = Sealed { data: data.into(), ..note.clone() };
        assert_eq!(open(&key, &PLACE, &damaged), Err(SealError::Malformed), "{data}");
    }
    assert_eq!(open(&key, &PLACE, &note).unwrap().len(), 0);
}

#[test]
fn a_part_has_a_limit() {
    let key = ClinicSecretKey::make().unwrap();
    let most = vec![b'a'; MAX_PLAIN];
    let part = seal(&key.public(), &PLACE, &most).unwrap();
    assert_eq!(open(&key, &PLACE, &part).unwrap().len(), MAX_PLAIN);
    assert_eq!(seal(&key.public(), &PLACE, &vec![b'a'; MAX_PLAIN + 1]), Err(SealError::TooLarge));
    let longer = Sealed { data: format!("{}AAAA", part.data), ..part };
    assert_eq!(open(&key, &PLACE, &longer), Err(SealError::TooLarge));
}

#[test]
fn a_key_that_hides_nothing_is_refused() {
    // the point of order one: every shared secret with it is zero
    let worthless: ClinicPublicKey = "A".repeat(43).parse().unwrap();
    assert_eq!(seal(&worthless, &PLACE, b"secret"), Err(SealError::BadPublicKey));
}

#[test]
fn values_travel_as_json() {
    let key = ClinicSecretKey::make().unwrap();
    let card = vec![("Иванова".to_owned(), 1_u32)];
    let part = seal_json(&key.public(), &PLACE, &card).unwrap();
    assert_eq!(open_json::<Vec<(String, u32)>>(&key, &PLACE, &part).unwrap(), card);
    let error = open_json::<Vec<u32>>(&key, &PLACE, &part).unwrap_err();
    assert_eq!(error, SealError::Content);
    assert!(!format!("{error} {error:?}").contains("Иванова"));
}

#[test]
fn debug_shows_the_length_only() {
    let key = ClinicSecretKey::make().unwrap();
    let note = sealed(&key, "Иванова");
    let shown = format!("{note:?}");
    assert!(shown.contains(&note.data.len().to_string()) && !shown.contains(&note.data[..8]), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_survives_sealing_at_any_place(
        plain in proptest::collection::vec(any::<u8>(), 0..300), entity in ".{0,20}", part in ".{0,20}", seal_id in ".{0,20}",
    ) {
        let key = ClinicSecretKey::make().unwrap();
        let ctx = SealContext { entity: &entity, part: &part, seal_id: &seal_id };
        let part = seal(&key.public(), &ctx, &plain).unwrap();
        let json = serde_json::to_string(&part).unwrap();
        let received: Sealed = serde_json::from_str(&json).unwrap();
        let opened = open(&key, &ctx, &received).unwrap();
        prop_assert_eq!(opened.as_slice(), plain.as_slice());
    }

    #[test]
    fn one_changed_bit_is_noticed(plain in proptest::collection::vec(any::<u8>(), 0..60), at in any::<prop::sample::Index>()) {
        let key = ClinicSecretKey::make().unwrap();
        let part = seal(&key.public(), &PLACE, &plain).unwrap();
        let mut data = BASE64URL_NOPAD.decode(part.data.as_bytes()).unwrap();
        let bit = at.index(data.len() * 8);
        // X25519 ignores the highest bit of the encapsulated key, but HPKE binds all of its bytes
        data[bit / 8] ^= 1 << (bit % 8);
        let damaged = Sealed { data: BASE64URL_NOPAD.encode(&data), ..part };
        prop_assert_eq!(open(&key, &PLACE, &damaged), Err(SealError::NotAuthentic));
    }

    #[test]
    fn no_text_breaks_the_opening(data in "[A-Za-z0-9_-]{0,200}|.{0,60}", seal_id in ".{0,10}") {
        let key = ClinicSecretKey::make().unwrap();
        let part = Sealed { key_id: key.public().key_id(), seal_id, data };
        prop_assert!(open(&key, &PLACE, &part).is_err());
    }
}
