//! How desks come in: the founding one with the code that the gateway made, the others with codes that a desk made.
//!
//! A code works once. A wrong, a used and an expired one get the same answer. The founding code dies with the first
//! member of the staff: until then the same desk, known by its key, may ask again, for its answer may have been lost.

use chrono::Duration;
use contract::v1::{
    EnrollRequest, EnrollResponse, InviteRequest, LONGEST_AUTH, LONGEST_ENVELOPE, LONGEST_NAME, LONGEST_VERSION,
    ProblemCode,
};
use domain::{ClinicId, DeskId};
use seal::{ClinicPublicKey, enrolment::EnrolmentCode, token};

use crate::{
    Failure, Gateway, GatewayError,
    db::{Founded, Invite, NewDesk, Transaction},
};

/// A digest of 32 bytes in hexadecimal.
const DIGEST: usize = 64;
/// The operator tells the code to somebody at the clinic.
const READMISSION_LASTS: Duration = Duration::hours(1);

/// Lets a desk in.
pub(crate) async fn enroll(gateway: Gateway, request: EnrollRequest) -> Result<EnrollResponse, Failure> {
    check(&request)?;
    let mut tx = gateway.storage().begin().await?;
    let (clinic, envelope) = match &request.clinic_public_key {
        Some(key) => (found(&gateway, tx.as_mut(), &request.auth, key).await?, None),
        None => join(&gateway, tx.as_mut(), &request).await?,
    };
    let desk = DeskId::from_random(token::make_id_bytes()?);
    let (bearer, digest) = token::make_token()?;
    let new = NewDesk {
        id: &desk,
        name: &request.name,
        app_version: &request.app_version,
        token_digest: &digest,
        at: gateway.now(),
    };
    if let Some(before) = &request.replaces {
        tx.replace_desk(&token::digest(before), gateway.now()).await?;
    }
    tx.add_desk(new).await?;
    tx.commit().await?;
    tracing::info!(desk = %desk, founding = request.clinic_public_key.is_some(), "desk enrolled");
    Ok(EnrollResponse {
        desk,
        token: bearer.to_string(),
        clinic: clinic.id,
        clinic_public_key: clinic.key.to_string(),
        envelope,
        server_time: gateway.now(),
    })
}

/// What a desk says of itself is shown to people, in lists and terminals: one line each, of a length to look at.
fn check(request: &EnrollRequest) -> Result<(), Failure> {
    let EnrollRequest { auth, name, app_version, replaces, .. } = request;
    if auth.chars().count() > LONGEST_AUTH {
        return Err(Failure::Misfit("auth is longer than any code".into()));
    }
    if replaces.as_ref().is_some_and(|token| token.chars().count() > LONGEST_AUTH) {
        return Err(Failure::Misfit("replaces is longer than any token".into()));
    }
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        return Err(Failure::Misfit("name is one line of 1 to 100 characters".into()));
    }
    let visible = app_version.bytes().all(|byte| byte.is_ascii_graphic());
    if app_version.is_empty() || app_version.len() > LONGEST_VERSION || !visible {
        return Err(Failure::Misfit("app_version is 1 to 40 visible characters of ASCII".into()));
    }
    Ok(())
}

async fn found(gateway: &Gateway, tx: &mut dyn Transaction, auth: &str, key: &str) -> Result<Founded, Failure> {
    let house = tx.house().await?;
    let known = house.founding_digest.is_some_and(|digest| token::verify(auth, &digest));
    let key: ClinicPublicKey =
        key.parse().map_err(|_| Failure::Misfit("clinic_public_key is no key of 32 bytes in base64url".into()))?;
    if let Some(clinic) = house.clinic {
        // the answer was lost: the same desk asks again before anything was done with the first one
        if known && clinic.key == key && !tx.anybody_on_staff().await? {
            tx.revoke_desks(gateway.now()).await?;
            return Ok(clinic);
        }
        return Err(ProblemCode::AlreadyFounded.into());
    }
    if !known {
        return Err(ProblemCode::CodeRefused.into());
    }
    let clinic = Founded { id: ClinicId::from_random(token::make_id_bytes()?), key };
    tx.found(&clinic, gateway.now()).await?;
    Ok(clinic)
}

async fn join(
    gateway: &Gateway,
    tx: &mut dyn Transaction,
    request: &EnrollRequest,
) -> Result<(Founded, Option<String>), Failure> {
    let clinic = tx.house().await?.clinic.ok_or(ProblemCode::NotFounded)?;
    let digest = token::digest(&request.auth);
    let invite = tx.invite(&digest).await?.ok_or(ProblemCode::CodeRefused)?;
    // a code that was made here has no key behind it: only whoever was in before can have one
    let brings_key = !invite.envelope.is_empty() || request.replaces.is_some();
    if invite.used || invite.expires_at <= gateway.now() || !brings_key {
        return Err(ProblemCode::CodeRefused.into());
    }
    tx.use_invite(&digest, gateway.now()).await?;
    Ok((clinic, Some(invite.envelope).filter(|envelope| !envelope.is_empty())))
}

impl Gateway {
    /// A one-time code for a desk that was in before and has the clinic's key still, for where no desk is in that could make
    /// one: this gateway was restored from a copy that knows none of them. `None` before there is a clinic.
    ///
    /// # Errors
    /// The storage failed.
    pub async fn readmission_code(&self) -> Result<Option<String>, GatewayError> {
        let code = EnrolmentCode::make()?;
        let Some(maker) = self.desks().await?.pop() else { return Ok(None) };
        let expires_at = self.now() + READMISSION_LASTS;
        let invite = Invite { envelope: String::new(), expires_at, used: false };
        let mut tx = self.storage().begin().await?;
        tx.add_invite(&code.auth_digest(), &invite, &maker.id, self.now()).await?;
        tx.commit().await?;
        Ok(Some(code.to_string()))
    }
}

/// Keeps a code that a desk made for another one.
pub(crate) async fn invite(gateway: Gateway, desk: DeskId, request: InviteRequest) -> Result<(), Failure> {
    if !is_digest(&request.auth_digest) {
        return Err(Failure::Misfit("auth_digest is no SHA-256 in hexadecimal".into()));
    }
    let envelope = &request.envelope;
    if envelope.is_empty() || envelope.len() > LONGEST_ENVELOPE || !is_base64url(envelope) {
        return Err(Failure::Misfit("envelope is no wrapped key in base64url".into()));
    }
    if request.expires_at <= gateway.now() {
        return Err(Failure::Misfit("expires_at is not in the future".into()));
    }
    let mut tx = gateway.storage().begin().await?;
    let house = tx.house().await?;
    let newest = house.clinic.map(|clinic| clinic.key.key_id());
    // a desk that does not say is of a version that knows the founding key alone
    let holds_newest = request.key_id.map_or(house.key_number == 1, |key_id| newest == Some(key_id));
    if !holds_newest {
        return Err(ProblemCode::KeyChanged.into());
    }
    let invite = Invite { envelope: request.envelope, expires_at: request.expires_at, used: false };
    if !tx.add_invite(&request.auth_digest, &invite, &desk, gateway.now()).await? {
        return Err(Failure::Misfit("there is a code with this auth_digest already".into()));
    }
    tx.commit().await?;
    Ok(())
}

/// 32 bytes in lower case hexadecimal.
pub(crate) fn is_digest(text: &str) -> bool {
    text.len() == DIGEST && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Only the letters of base64url, in whatever number: who opens it sees the rest.
pub(crate) fn is_base64url(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
