//! The only place where this crate takes random bytes.

use std::convert::Infallible;

use hpke::rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

/// The operating system gave no random bytes. Nothing may be sealed or made then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness;

/// Random bytes from the operating system, wiped when dropped.
pub fn make_bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>, NoRandomness> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// As many bytes as one HPKE encapsulation takes, drawn beforehand, so that a failing generator is an error and not a
/// panic inside the library. Asked for more, it notes that: the result must then be thrown away.
pub(crate) struct Drawn {
    bytes: Zeroizing<[u8; 32]>,
    used: usize,
    overdrawn: bool,
}

impl Drawn {
    pub(crate) fn make() -> Result<Self, NoRandomness> {
        Ok(Self { bytes: make_bytes()?, used: 0, overdrawn: false })
    }

    /// Ok if every byte that was taken was random.
    pub(crate) fn check(&self) -> Result<(), NoRandomness> {
        if self.overdrawn || self.used == 0 { Err(NoRandomness) } else { Ok(()) }
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.take_into(&mut out);
        out
    }

    fn take_into(&mut self, out: &mut [u8]) {
        match self.bytes.get(self.used..self.used + out.len()) {
            Some(bytes) => out.copy_from_slice(bytes),
            None => self.overdrawn = true,
        }
        self.used += out.len();
    }
}

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.take()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.take()))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.take_into(out);
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_bytes_twice() {
        assert_ne!(make_bytes::<32>().unwrap(), make_bytes::<32>().unwrap());
    }

    #[test]
    fn more_than_was_drawn_is_told() {
        let mut drawn = Drawn::make().unwrap();
        assert_eq!(drawn.check(), Err(NoRandomness), "nothing taken: the library has its randomness from elsewhere");
        let _ = drawn.take::<32>();
        assert_eq!(drawn.check(), Ok(()));
        let _ = drawn.take::<1>();
        assert_eq!(drawn.check(), Err(NoRandomness));
    }
}
