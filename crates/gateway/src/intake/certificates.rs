//! Certificates of an order, once and by the ledger.
//!
//! A paid piece makes a certificate, and only the first time: a later version of the order knows it again. An order that
//! was cancelled or paid back takes its certificates with it, but no row of a ledger is ever invented or deleted here.

use chrono::{DateTime, Utc};
use connectors::{CertificateOrder, Standing};
use domain::{
    CertificateId, EntityRef, RequestId, State,
    certificate::{Certificate, CertificateOrigin, LedgerEntry, LedgerKind},
    fold,
    personal::{CertificatePersonal, part},
};
use seal::{ClinicPublicKey, SealContext, token};

use super::{marks::Marks, plan::Write};
use crate::{
    Failure,
    db::{Entity, Transaction},
};

/// Letters of a certificate's code before its check letter.
const CODE_BODY: usize = 15;

/// The order that certificates are of.
pub(super) struct Order<'a> {
    pub(super) source: &'a str,
    pub(super) request: &'a RequestId,
    pub(super) intake: &'a str,
    pub(super) key: &'a ClinicPublicKey,
    pub(super) now: DateTime<Utc>,
}

/// A certificate that was made, with the mark of its piece.
pub(super) type Made = (CertificateId, Option<[u8; 32]>);

impl Order<'_> {
    /// What a piece of the order changes.
    pub(super) async fn piece(
        &self,
        tx: &mut dyn Transaction,
        piece: CertificateOrder,
        marks: &Marks,
    ) -> Result<Option<(Write, Option<Made>)>, Failure> {
        let mark = marks.of_piece(&piece.key)?;
        let known = match &mark {
            Some(mark) => tx.certificate_of(self.source, mark).await?,
            None => None,
        };
        match (known, piece.standing) {
            (None, Standing::Paid) => self.make(piece, mark),
            (Some(id), standing) => {
                let Entity { version, state } = tx.entity(&id.clone().into()).await?;
                let Some(State::Certificate(mut certificate)) = state else { return Ok(None) };
                let revoked_at = match standing {
                    Standing::Revoked => Some(certificate.revoked_at.unwrap_or(self.now)),
                    Standing::Paid => None,
                    Standing::NotPaid => certificate.revoked_at,
                };
                if certificate.revoked_at == revoked_at {
                    return Ok(None);
                }
                certificate.revoked_at = revoked_at;
                let state = State::Certificate(certificate);
                Ok(Some((Write { id: id.into(), version: version + 1, state, main: None }, None)))
            }
            (None, Standing::NotPaid | Standing::Revoked) => Ok(None),
        }
    }

    fn make(&self, piece: CertificateOrder, mark: Option<[u8; 32]>) -> Result<Option<(Write, Option<Made>)>, Failure> {
        let code = match (piece.code, piece.code_at_site) {
            (Some(code), _) => code,
            // the site has one, and it is not known yet
            (None, Some(_)) => return Ok(None),
            (None, None) => make_code()?,
        };
        let id = CertificateId::from_random(token::make_id_bytes()?);
        let amount = piece.face_value;
        let sale = LedgerEntry { action: None, at: self.now, kind: LedgerKind::Sale, amount, staff: None, of: None };
        let state = Certificate {
            origin: CertificateOrigin::Paid,
            face_value: amount,
            issued_at: self.now,
            expires_on: piece.expires_on,
            blocked: false,
            revoked_at: None,
            refund_requested_at: None,
            ledger: vec![sale],
            request: Some(self.request.clone()),
        };
        let personal = CertificatePersonal {
            code,
            buyer: piece.buyer,
            recipient: piece.recipient,
            ..CertificatePersonal::default()
        };
        let place = SealContext { entity: id.as_str(), part: part::MAIN, seal_id: self.intake };
        let main = Some(seal::seal_json(self.key, &place, &personal)?);
        let write = Write { id: EntityRef::from(id.clone()), version: 1, state: State::Certificate(state), main };
        Ok(Some((write, Some((id, mark)))))
    }
}

/// A code that nobody guesses, with a letter that tells a slip.
fn make_code() -> Result<String, Failure> {
    let letters = fold::CODE_ALPHABET;
    let random = seal::make_bytes::<CODE_BODY>()?;
    // 32 letters: five bits of a byte choose one, all alike
    let mut code: String = random.iter().map(|byte| char::from(letters[usize::from(byte % 32)])).collect();
    code.push(fold::check_char(&code));
    Ok(code)
}
