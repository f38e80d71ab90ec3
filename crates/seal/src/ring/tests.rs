#![allow(clippy::unwrap_used)]

use super::*;

const DESK: &str = "dsk_1";
const PLACE: SealContext<'static> = SealContext { entity: "per_1", part: "main", seal_id: "act_1" };

/// A clinic that has changed its key so many times, with a desk that was given each of them.
struct Clinic {
    rings: Vec<KeyRing>,
    records: Vec<KeyRecord>,
    desk: DeskSecretKey,
    copies: Vec<Sealed>,
}

impl Clinic {
    fn with_changes(changes: usize) -> Self {
        let desk = DeskSecretKey::make().unwrap();
        let mut clinic = Self {
            rings: vec![KeyRing::of(ClinicSecretKey::make().unwrap())],
            records: Vec::new(),
            desk,
            copies: Vec::new(),
        };
        for _ in 0..changes {
            let (next, record) = clinic.newest().change().unwrap();
            clinic.copies.push(clinic.desk.public().seal_copy(DESK, record.number, &next).unwrap());
            clinic.records.push(record);
            let ring = clinic.follow(clinic.newest(), clinic.copies.last()).unwrap();
            assert_eq!(ring.newest(), &next);
            clinic.rings.push(ring);
        }
        clinic
    }

    fn newest(&self) -> &KeyRing {
        self.rings.last().unwrap()
    }

    fn follow(&self, from: &KeyRing, copy: Option<&Sealed>) -> Result<KeyRing, ChainError> {
        from.follow(&self.records, &self.desk, DESK, copy)
    }
}

#[test]
fn a_desk_that_was_away_for_several_changes_reads_old_and_new() {
    let clinic = Clinic::with_changes(3);
    let notes: Vec<_> =
        clinic.rings.iter().map(|ring| sealing::seal(&ring.public(), &PLACE, b"note").unwrap()).collect();
    for from in &clinic.rings {
        let ring = clinic.follow(&KeyRing::of(from.newest().clone()), clinic.copies.last()).unwrap();
        assert_eq!(ring.number(), 4);
        assert_eq!(ring.public(), clinic.newest().public());
        for note in &notes {
            assert_eq!(ring.open(&PLACE, note).unwrap().as_slice(), b"note");
        }
    }
    let stranger = ClinicSecretKey::make().unwrap();
    let foreign = sealing::seal(&stranger.public(), &PLACE, b"note").unwrap();
    assert_eq!(clinic.newest().open(&PLACE, &foreign), Err(SealError::OtherKey));
}

#[test]
fn a_new_desk_has_the_newest_key_alone_and_needs_no_more() {
    let clinic = Clinic::with_changes(2);
    let fresh = KeyRing::of(clinic.newest().newest().clone());
    let other = DeskSecretKey::make().unwrap();
    let ring = fresh.follow(&clinic.records, &other, "dsk_2", None).unwrap();
    assert_eq!(ring.number(), 3);
    for number in 1..=3 {
        assert_eq!(ring.key(number), clinic.newest().key(number));
    }
    assert_eq!((ring.key(0), ring.key(4)), (None, None));
}

#[test]
fn an_older_key_opens_nothing_newer() {
    let clinic = Clinic::with_changes(1);
    let note = sealing::seal(&clinic.newest().public(), &PLACE, b"note").unwrap();
    assert_eq!(clinic.rings[0].open(&PLACE, &note), Err(SealError::OtherKey));
    // not by the record, and not by what another desk was given
    let thief = DeskSecretKey::make().unwrap();
    for copy in [None, clinic.copies.last()] {
        assert!(clinic.rings[0].follow(&clinic.records, &thief, DESK, copy).is_err());
    }
    assert_eq!(clinic.follow(&clinic.rings[0], None).unwrap_err(), ChainError::NoCopy);
}

#[test]
fn a_record_that_the_key_before_it_has_not_proved_is_not_taken() {
    let clinic = Clinic::with_changes(1);
    // the gateway makes a key of its own and hands out copies of it
    let gateways_own = KeyRing::of(ClinicSecretKey::make().unwrap());
    let (next, record) = gateways_own.change().unwrap();
    let copy = clinic.desk.public().seal_copy(DESK, 2, &next).unwrap();
    let taken = clinic.rings[0].follow(std::slice::from_ref(&record), &clinic.desk, DESK, Some(&copy));
    assert_eq!(taken.unwrap_err(), ChainError::Foreign);
    // it seals the right older key, which it would have to know; still the proof is missing
    let number = "2".to_owned();
    let old = clinic.rings[0].newest().to_bytes();
    let previous = sealing::seal(&next.public(), &place(&number), old.as_slice()).unwrap();
    let taken = clinic.rings[0].follow(&[KeyRecord { previous, ..record.clone() }], &clinic.desk, DESK, Some(&copy));
    assert_eq!(taken.unwrap_err(), ChainError::Broken);
    // a right record whose copy is of another key
    assert_eq!(clinic.follow(&clinic.rings[0], Some(&copy)).unwrap_err(), ChainError::BadCopy);
}

#[test]
fn a_chain_with_a_gap_or_a_changed_word_is_broken() {
    let clinic = Clinic::with_changes(3);
    let from = &clinic.rings[0];
    let follow = |records: &[KeyRecord]| from.follow(records, &clinic.desk, DESK, clinic.copies.last()).unwrap_err();
    assert_eq!(follow(&clinic.records[1..]), ChainError::Broken);
    let mut swapped = clinic.records.clone();
    swapped.swap(0, 1);
    assert_eq!(follow(&swapped), ChainError::Broken);
    for at in 0..3 {
        let mut records = clinic.records.clone();
        records[at].proof = clinic.records[(at + 1) % 3].proof.clone();
        assert_eq!(follow(&records), ChainError::Broken);
        let mut records = clinic.records.clone();
        records[at].previous = clinic.records[(at + 1) % 3].previous.clone();
        assert_eq!(follow(&records), ChainError::Broken);
    }
    // a gateway that keeps the last change back leaves the desk where it is
    let ring = clinic.rings[2].follow(&clinic.records[..2], &clinic.desk, DESK, None).unwrap();
    assert_eq!(ring.number(), 3);
    assert_eq!(clinic.rings[2].follow(&[], &clinic.desk, DESK, None).unwrap_err(), ChainError::Broken);
}

#[test]
fn a_copy_is_for_one_desk_and_one_change() {
    let clinic = Clinic::with_changes(2);
    let from = &clinic.rings[0];
    let other_desk = clinic.desk.public().seal_copy("dsk_2", 3, clinic.newest().newest()).unwrap();
    assert_eq!(clinic.follow(from, Some(&other_desk)).unwrap_err(), ChainError::BadCopy);
    let other_number = clinic.desk.public().seal_copy(DESK, 2, clinic.newest().newest()).unwrap();
    assert_eq!(clinic.follow(from, Some(&other_number)).unwrap_err(), ChainError::BadCopy);
    assert_eq!(clinic.follow(from, Some(&clinic.copies[0])).unwrap_err(), ChainError::BadCopy);
}

#[test]
fn a_desk_is_known_by_the_word_of_whoever_has_the_clinics_key() {
    let (clinic, desk) = (ClinicSecretKey::make().unwrap(), DeskSecretKey::make().unwrap().public());
    let word = desk.authenticate(DESK, &clinic);
    assert!(desk.is_authentic(DESK, &clinic, &word));
    assert!(!desk.is_authentic("dsk_2", &clinic, &word), "another desk");
    assert!(!DeskSecretKey::make().unwrap().public().is_authentic(DESK, &clinic, &word), "another key");
    assert!(!desk.is_authentic(DESK, &ClinicSecretKey::make().unwrap(), &word), "by an older key of the clinic");
    for wrong in ["", "00", &word[1..], &word.to_uppercase(), "не то"] {
        assert!(!desk.is_authentic(DESK, &clinic, wrong), "{wrong}");
    }
    // a word for one purpose is none for another
    let (_, record) = KeyRing::of(clinic.clone()).change().unwrap();
    assert_ne!(mac::make(&clinic, Purpose::DeskKey, &["2", &record.public_key]), record.proof);
}

#[test]
fn debug_shows_no_key() {
    let clinic = Clinic::with_changes(1);
    let shown = format!("{:?} {:?} {:?} {:?}", clinic.newest(), clinic.records[0], clinic.desk, clinic.desk.public());
    assert!(!shown.contains(&clinic.newest().newest().to_hex()[..8]) && !shown.contains(&clinic.desk.to_hex()[..8]));
    let text = clinic.desk.to_hex();
    assert_eq!(DeskSecretKey::from_hex(&text).unwrap(), clinic.desk);
    assert_eq!(clinic.desk.public().to_string().parse::<crate::DeskPublicKey>().unwrap(), clinic.desk.public());
}
