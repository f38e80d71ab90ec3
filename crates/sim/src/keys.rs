//! The clinic's key and its changes, as symbols: who holds which key, and what opens with it.
//!
//! A key is a number and who happened to make it: two desks may each make a key of the same number, and the gateway takes
//! one of them. Nothing opens but with its own key.

use std::collections::BTreeSet;

use domain::DeskId;

/// A key of the clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Key {
    /// 0: the founding key.
    pub number: u32,
    /// Tells keys of the same number apart.
    pub made: u64,
}

/// A change of the key: the new one, sealed to each desk, with the one before it sealed to the new one.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub key: Key,
    /// The key that vouches for the new one and is opened by it.
    pub before: Key,
    /// Whom the new key is sealed to.
    pub to: BTreeSet<DeskId>,
}

/// What a desk comes to hold by the records: a new key only where it can check what vouches for it.
#[must_use]
pub(crate) fn taken(held: &BTreeSet<Key>, desk: &DeskId, records: &[Record]) -> BTreeSet<Key> {
    opened(held, records, |held, record| held.contains(&record.before) && record.to.contains(desk))
}

/// What anybody could open who holds these keys and a dump of the gateway, whatever it vouches for.
#[must_use]
pub(crate) fn reach(held: &BTreeSet<Key>, desk: &DeskId, records: &[Record]) -> BTreeSet<Key> {
    opened(held, records, |_, record| record.to.contains(desk))
}

fn opened(
    held: &BTreeSet<Key>,
    records: &[Record],
    sealed_to_me: impl Fn(&BTreeSet<Key>, &Record) -> bool,
) -> BTreeSet<Key> {
    let mut held = held.clone();
    for record in records {
        if sealed_to_me(&held, record) {
            held.insert(record.key);
        }
    }
    for record in records.iter().rev() {
        if held.contains(&record.key) {
            held.insert(record.before);
        }
    }
    held
}
