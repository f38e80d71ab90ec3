//! Sealing of personal data to the clinic's key, the codes and envelopes by which that key travels, and how it is changed.
//!
//! The gateway knows the public key and seals what arrives; only desks hold the private key. What is sealed is bound to
//! its place (entity, part, seal id), so it cannot be moved to another person's record unnoticed.
//!
//! Invariants:
//! - the cryptography is that of libraries: HPKE (RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305, base mode) for
//!   parts, HKDF-SHA256 and ChaCha20-Poly1305 for envelopes, HMAC-SHA256 for what is vouched for; here are only labels, bindings and text forms;
//! - random bytes come from the operating system through one function, [`make_bytes`];
//! - keys and codes are wiped when dropped, cannot be serialized, and show nothing in `Debug`. Errors hold no data.

mod code;
mod context;
mod desk_key;
pub mod enrolment;
mod envelope;
mod key;
pub mod key_change;
mod mac;
mod random;
pub mod recovery;
mod ring;
mod sealing;
pub mod token;

pub use code::CodeError;
pub use context::SealContext;
pub use contract::v1::Sealed;
pub use desk_key::{DeskPublicKey, DeskSecretKey};
pub use envelope::{Envelope, EnvelopeError};
pub use key::{ClinicPublicKey, ClinicSecretKey, KeyError};
pub use random::{NoRandomness, make_bytes};
pub use ring::{ChainError, KeyRing};
pub use sealing::{MAX_PLAIN, SealError, open, open_json, seal, seal_json};
