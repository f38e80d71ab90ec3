//! Random bytes of the operating system, as ids and as jitter.

pub(crate) use seal::{NoRandomness, make_bytes};

/// 16 random bytes for an id.
pub(crate) fn id_bytes() -> Result<[u8; 16], NoRandomness> {
    make_bytes::<16>().map(|bytes| *bytes)
}

/// Any number, to keep desks from coming all at once. Without randomness: the middle.
pub(crate) fn jitter() -> u32 {
    make_bytes::<4>().map_or(u32::MAX / 2, |bytes| u32::from_le_bytes(*bytes))
}
