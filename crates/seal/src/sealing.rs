//! Sealing and opening of a part: HPKE, one encapsulation each, with its place as associated data.

use data_encoding::BASE64URL_NOPAD;
use hpke::{
    Deserializable, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256, single_shot_open,
    single_shot_seal_with_rng,
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{
    ClinicPublicKey, ClinicSecretKey, SealContext, Sealed,
    context::LABEL,
    key::Kem,
    random::{Drawn, NoRandomness},
};

type Encapsulated = <Kem as hpke::Kem>::EncappedKey;

/// Length of an encapsulated key.
const ENCAPSULATED: usize = 32;
/// Length of an authentication tag.
const TAG: usize = 16;
/// The largest part: sealed parts are cards and notes, not files.
pub const MAX_PLAIN: usize = 1 << 20;

/// Why a part was not sealed or not opened. Holds nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The key cannot be used: not a point of the curve that hides anything.
    #[error("the clinic's public key cannot be used")]
    BadPublicKey,
    /// Sealed to another key of the clinic: an earlier one, or one that this desk does not have yet.
    #[error("sealed to another key")]
    OtherKey,
    /// It says itself that something else brought it.
    #[error("sealed by another action")]
    OtherSealId,
    /// Not the text of a sealed part.
    #[error("not a sealed part")]
    Malformed,
    /// Damaged, or moved here from another entity or part: nobody can tell which.
    #[error("damaged, or sealed for another place")]
    NotAuthentic,
    /// Over [`MAX_PLAIN`].
    #[error("the part is too large")]
    TooLarge,
    /// Authentic, but not what was expected: perhaps written by a newer version.
    #[error("the content of the part was not understood")]
    Content,
}

/// Seals bytes to the clinic.
pub fn seal(to: &ClinicPublicKey, ctx: &SealContext<'_>, plain: &[u8]) -> Result<Sealed, SealError> {
    if plain.len() > MAX_PLAIN {
        return Err(SealError::TooLarge);
    }
    let mut drawn = Drawn::make()?;
    let recipient = to.to_hpke().map_err(|_| SealError::BadPublicKey)?;
    let (encapsulated, ciphertext) = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeS::Base,
        &recipient,
        LABEL.as_bytes(),
        plain,
        &ctx.associated_data(),
        &mut drawn,
    )
    .map_err(|_| SealError::BadPublicKey)?;
    drawn.check()?;
    let mut data = encapsulated.to_bytes().to_vec();
    data.extend_from_slice(&ciphertext);
    Ok(Sealed { key_id: to.key_id(), seal_id: ctx.seal_id.to_owned(), data: BASE64URL_NOPAD.encode(&data) })
}

/// Opens a sealed part at its place.
pub fn open(with: &ClinicSecretKey, ctx: &SealContext<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealError> {
    if sealed.key_id != with.public().key_id() {
        return Err(SealError::OtherKey);
    }
    if sealed.seal_id != ctx.seal_id {
        return Err(SealError::OtherSealId);
    }
    if sealed.data.len() > BASE64URL_NOPAD.encode_len(ENCAPSULATED + MAX_PLAIN + TAG) {
        return Err(SealError::TooLarge);
    }
    let data = BASE64URL_NOPAD.decode(sealed.data.as_bytes()).map_err(|_| SealError::Malformed)?;
    let (encapsulated, ciphertext) = data.split_at_checked(ENCAPSULATED).ok_or(SealError::Malformed)?;
    if ciphertext.len() < TAG {
        return Err(SealError::Malformed);
    }
    let encapsulated = Encapsulated::from_bytes(encapsulated).map_err(|_| SealError::Malformed)?;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        with.as_hpke(),
        &encapsulated,
        LABEL.as_bytes(),
        ciphertext,
        &ctx.associated_data(),
    )
    .map(Zeroizing::new)
    .map_err(|_| SealError::NotAuthentic)
}

/// Seals a value as JSON.
pub fn seal_json<T: Serialize>(to: &ClinicPublicKey, ctx: &SealContext<'_>, value: &T) -> Result<Sealed, SealError> {
    let json = serde_json::to_vec(value).map(Zeroizing::new).map_err(|_| SealError::Content)?;
    seal(to, ctx, &json)
}

/// Opens a value that was sealed as JSON.
pub fn open_json<T: DeserializeOwned>(
    with: &ClinicSecretKey,
    ctx: &SealContext<'_>,
    sealed: &Sealed,
) -> Result<T, SealError> {
    let json = open(with, ctx, sealed)?;
    // serde's own error may quote the text, so it is dropped
    serde_json::from_slice(&json).map_err(|_| SealError::Content)
}

#[cfg(test)]
mod tests;
