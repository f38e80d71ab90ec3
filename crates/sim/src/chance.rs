//! The only source of chance: SplitMix64. Our own few lines, because a seed in the corpus must mean the same story for
//! ever, and a library may change its stream.

/// A stream of numbers that a seed fixes.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// Whether it happens, in so many cases of a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A small number below `end`.
    pub fn pick(&mut self, end: u8) -> u8 {
        u8::try_from(self.below(u64::from(end))).unwrap_or_default()
    }
}

/// Sixteen bytes that two numbers fix: ids without a clock or a generator.
#[must_use]
pub(crate) fn bytes(kind: u64, number: u64) -> [u8; 16] {
    let mut chance = Chance::of(kind.wrapping_mul(0x1000_0000_01B3) ^ number.wrapping_mul(0x9E37_79B9));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&chance.number().to_be_bytes());
    bytes[8..].copy_from_slice(&chance.number().to_be_bytes());
    bytes
}
