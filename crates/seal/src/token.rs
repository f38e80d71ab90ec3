//! Bearer tokens of desks, and ids.
//!
//! A token is shown once to the desk; the gateway keeps a digest, so a dump of its database lets nobody in. A token has
//! 256 random bits, therefore a plain SHA-256 is enough: there is nothing to guess.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::random::{NoRandomness, make_bytes};

/// Crockford's base32, lower case: the alphabet of ids.
const ID_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new token: its text for the desk, and the digest to keep.
pub fn make_token() -> Result<(Zeroizing<String>, String), NoRandomness> {
    let bytes = make_bytes::<32>()?;
    let text = Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_slice()));
    let digest = digest(&text);
    Ok((text, digest))
}

/// SHA-256 of a token's text, in hexadecimal.
#[must_use]
pub fn digest(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text))
}

/// Whether a token's text has this digest, in constant time.
#[must_use]
pub fn verify(text: &str, digest: &str) -> bool {
    let Ok(kept) = HEXLOWER_PERMISSIVE.decode(digest.as_bytes()) else { return false };
    Sha256::digest(text).as_slice().ct_eq(&kept).into()
}

/// 16 random bytes for an id: `RequestId::from_random(make_id_bytes()?)`.
pub fn make_id_bytes() -> Result<[u8; 16], NoRandomness> {
    make_bytes::<16>().map(|bytes| *bytes)
}

/// A new id as text: the prefix, `_`, and 128 random bits in 26 letters, as `domain::ids` has them.
pub fn make_id(prefix: &str) -> Result<String, NoRandomness> {
    // 130 bits are shown: the last two are zero
    let bits = u128::from_be_bytes(make_id_bytes()?);
    let letter = |at: u32| {
        let five = if at == 25 { bits << 2 } else { bits >> (123 - 5 * at) };
        char::from(ID_ALPHABET[(five & 31) as usize])
    };
    Ok(format!("{prefix}_{}", (0..26).map(letter).collect::<String>()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use domain::{ActionId, RequestId};

    #[test]
    fn a_token_is_known_by_its_digest_alone() {
        let (text, digest) = make_token().unwrap();
        let (other, _) = make_token().unwrap();
        assert_eq!(text.len(), 43);
        assert_ne!(*text, *other);
        assert!(verify(&text, &digest) && verify(&text, &digest.to_uppercase()));
        assert!(!digest.contains(&*text));
        for wrong in [&other[..], &text[1..], "", &format!("{} ", *text), &digest] {
            assert!(!verify(wrong, &digest));
        }
    }

    #[test]
    fn what_is_no_digest_lets_nobody_in() {
        let (text, digest) = make_token().unwrap();
        for kept in ["", "00", &digest[..62], "не дайджест", &text, &format!("{digest}00")] {
            assert!(!verify(&text, kept));
        }
        // SHA-256 of nothing
        assert!(verify("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    }

    #[test]
    fn ids_are_those_of_the_domain() {
        let id = make_id("req").unwrap();
        assert_eq!(id.parse::<RequestId>().unwrap().as_str(), id);
        assert!(id.parse::<ActionId>().is_err());
        assert_ne!(make_id("req").unwrap(), id);
        // the last letter has three random bits and two zero ones in either way
        assert!("048cgmrw".contains(id.chars().last().unwrap()));
        let last = RequestId::from_random([0xff; 16]).as_str().chars().last();
        assert_eq!(last, Some('w'));
    }
}
