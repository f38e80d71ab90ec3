//! A person's card as a number of three fields of ten bits, so that edits can meet field by field. The third field is of
//! the newer version: an older desk does not know it, and keeps it.

/// Fields of a card.
pub const FIELDS: u8 = 3;
const BITS: u32 = 10;
const MASK: u32 = (1 << BITS) - 1;
/// The fields that an older desk knows.
const OLD: u32 = (1 << (2 * BITS)) - 1;

/// One field.
#[must_use]
pub fn field(card: u32, n: u8) -> u32 {
    card >> (u32::from(n) * BITS) & MASK
}

/// The card with a field written.
#[must_use]
pub fn with(card: u32, n: u8, value: u32) -> u32 {
    let at = u32::from(n) * BITS;
    card & !(MASK << at) | (value & MASK) << at
}

/// The card with its two old fields written.
#[must_use]
pub(crate) fn with_old(card: u32, value: u32) -> u32 {
    card & !OLD | value & OLD
}

/// The card as somebody writes it who does not know the third field and drops it.
#[must_use]
pub(crate) fn without_new(card: u32) -> u32 {
    card & OLD
}

/// The numbers of the fields on which two cards differ.
pub(crate) fn differing(one: u32, other: u32) -> impl Iterator<Item = u8> {
    (0..FIELDS).filter(move |n| field(one, *n) != field(other, *n))
}

/// Three sides laid together: whoever changed a field has it; none where both did, and not alike.
#[must_use]
pub(crate) fn laid(before: u32, mine: u32, theirs: u32) -> Option<u32> {
    let mut merged = theirs;
    for n in differing(before, mine) {
        let (mine, theirs, before) = (field(mine, n), field(theirs, n), field(before, n));
        if theirs != before && theirs != mine {
            return None;
        }
        merged = with(merged, n, mine);
    }
    Some(merged)
}
