//! What goes wrong at a desk, and the one bridge from it to the short code that the window puts into words.

use contract::{
    ui::{Code, UiError},
    v1::ProblemCode,
};
use domain::Refusal;
use store::{OpenError, StoreError};

use crate::{
    platform::{keychain::KeychainError, print::PrintError},
    transport::TransportError,
};

/// Why a use case did not go through. No text of it repeats what somebody typed or what is stored.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error("nobody is signed in")]
    NotSignedIn,
    #[error("the role does not allow it")]
    Forbidden,
    #[error("login or secret are wrong")]
    WrongSecret,
    #[error("too many wrong tries: wait {0} s")]
    TooManyTries(u32),
    #[error("this desk is not connected to a gateway")]
    NotConnected,
    #[error("this desk does not open: {0:?}")]
    InTrouble(Code),
    #[error("this desk is connected already")]
    AlreadyConnected,
    #[error("the keychain has no key for the database that is here")]
    KeyLost,
    #[error("another program has this desk open")]
    DeskInUse,
    #[error("the code is of another recovery kit")]
    OtherKit,
    #[error("the file is no copy of this desk that reads")]
    NotACopy,
    #[error("the folder for copies is not there")]
    NoFolder,
    #[error("the code is mistyped")]
    CodeMistyped,
    #[error("the field `{0}` cannot be taken as it is")]
    BadInput(&'static str),
    #[error("no such record")]
    NotFound,
    #[error("no such paper was prepared in this session")]
    PaperUnknown,
    #[error("what was found before printing is not answered, or forbids it")]
    PaperUnchecked,
    #[error("the paper was printed at another desk")]
    PaperElsewhere,
    /// Something that should not happen; the words are ours.
    #[error("{0}")]
    Broken(&'static str),
    #[error("keychain: {0}")]
    Keychain(#[from] KeychainError),
    #[error("opening: {0}")]
    Open(#[from] OpenError),
    #[error("store: {0}")]
    Store(#[from] StoreError),
    #[error("gateway: {0}")]
    Transport(#[from] TransportError),
    #[error("sealing: {0}")]
    Seal(#[from] seal::SealError),
    #[error("keys: {0}")]
    Keys(#[from] seal::ChainError),
    #[error("envelope: {0}")]
    Envelope(#[from] seal::EnvelopeError),
    #[error("randomness: {0}")]
    NoRandomness(#[from] seal::NoRandomness),
    #[error("printing: {0}")]
    Print(#[from] PrintError),
    #[error("paper: {0}")]
    Paper(#[from] documents::PaperError),
    #[error("file: {}", .0.kind())]
    File(#[from] std::io::Error),
}

impl From<Refusal> for DeskError {
    fn from(refusal: Refusal) -> Self {
        Self::Store(StoreError::Refused(refusal))
    }
}

impl From<tokio::task::JoinError> for DeskError {
    fn from(_: tokio::task::JoinError) -> Self {
        Self::Broken("a background task broke off")
    }
}

impl DeskError {
    /// The code for the window.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::NotSignedIn => Code::NotSignedIn,
            Self::Forbidden | Self::Store(StoreError::Refused(Refusal::Forbidden)) => Code::Forbidden,
            Self::WrongSecret => Code::WrongSecret,
            Self::TooManyTries(_) => Code::TooManyTries,
            Self::NotConnected => Code::NotConnected,
            Self::InTrouble(code) => *code,
            Self::KeyLost => Code::KeyLost,
            Self::DeskInUse => Code::DatabaseBusy,
            Self::CodeMistyped => Code::CodeMistyped,
            Self::OtherKit => Code::OtherKit,
            Self::NotACopy => Code::NotACopy,
            Self::NoFolder => Code::NoFolder,
            Self::BadInput(_) | Self::AlreadyConnected => Code::BadInput,
            Self::NotFound => Code::NotFound,
            Self::PaperUnknown => Code::PaperUnknown,
            Self::PaperUnchecked => Code::PaperUnchecked,
            Self::PaperElsewhere => Code::PaperElsewhere,
            Self::Keychain(error) => of_keychain(*error),
            Self::Open(error) => of_opening(error),
            Self::Store(error) => of_store(error),
            Self::Transport(error) => of_transport(error),
            Self::Print(PrintError::NoPrinter) => Code::NoPrinter,
            Self::Print(PrintError::Failed) => Code::PrintFailed,
            Self::Paper(_) => Code::PaperFailed,
            Self::File(error) if error.kind() == std::io::ErrorKind::StorageFull => Code::DiskFull,
            Self::Keys(_) => Code::GatewayRefused,
            Self::Broken(_) | Self::Seal(_) | Self::Envelope(_) | Self::NoRandomness(_) | Self::File(_) => {
                Code::Internal
            }
        }
    }
}

fn of_keychain(error: KeychainError) -> Code {
    match error {
        KeychainError::Missing => Code::KeychainMissing,
        KeychainError::Locked => Code::KeychainLocked,
        KeychainError::Unreadable => Code::KeyLost,
    }
}

fn of_opening(error: &OpenError) -> Code {
    match error {
        OpenError::PlainDatabase => Code::PlainDatabase,
        OpenError::WrongKey | OpenError::NotRecognised => Code::WrongKey,
        OpenError::Truncated | OpenError::Damaged | OpenError::Migration(_) => Code::DatabaseDamaged,
        OpenError::NewerSchema { .. } => Code::NewerSchema,
        OpenError::Busy => Code::DatabaseBusy,
        OpenError::DiskFull => Code::DiskFull,
        OpenError::Missing | OpenError::Exists | OpenError::Io(_) | OpenError::Sql(_) => Code::Internal,
    }
}

fn of_store(error: &StoreError) -> Code {
    match error {
        StoreError::Refused(_) => Code::Refused,
        StoreError::NoSuchAction => Code::NotFound,
        StoreError::Corrupt(_) | StoreError::Damaged => Code::DatabaseDamaged,
        StoreError::Busy => Code::DatabaseBusy,
        StoreError::DiskFull => Code::DiskFull,
        StoreError::NeedsSealing | StoreError::AlreadySettled | StoreError::OutOfRange | StoreError::Sql(_) => {
            Code::Internal
        }
    }
}

fn of_transport(error: &TransportError) -> Code {
    match error {
        TransportError::BadAddress(_) => Code::BadAddress,
        TransportError::Problem { code: Some(ProblemCode::CodeRefused | ProblemCode::AlreadyFounded), .. } => {
            Code::CodeRefused
        }
        TransportError::Problem { code: Some(ProblemCode::Unauthorized | ProblemCode::Scope), .. } => {
            Code::GatewayRefused
        }
        TransportError::Problem { code: Some(ProblemCode::DeskRevoked), .. } => Code::DeskRevoked,
        TransportError::Problem { code: Some(ProblemCode::NotFound), .. } => Code::NotFound,
        TransportError::Problem { code: Some(ProblemCode::ClientTooOld), .. } => Code::Outdated,
        TransportError::NoTls
        | TransportError::NotReached
        | TransportError::Unreachable
        | TransportError::Problem { .. }
        | TransportError::TooLarge
        | TransportError::Garbled => Code::GatewayUnreachable,
    }
}

impl From<DeskError> for UiError {
    fn from(error: DeskError) -> Self {
        let code = error.code();
        if matches!(code, Code::Internal | Code::DatabaseDamaged) {
            tracing::error!(%error, "a use case broke");
        }
        let mut answer = Self::new(code);
        match error {
            DeskError::Store(StoreError::Refused(refusal)) => answer.refusal = Some(refusal),
            DeskError::TooManyTries(seconds) => answer.wait_seconds = Some(seconds),
            DeskError::Transport(TransportError::Problem { min_version, .. }) => answer.needs_version = min_version,
            DeskError::AlreadyConnected => answer.field = Some("gateway".to_owned()),
            DeskError::BadInput(field) => answer.field = Some(field.to_owned()),
            _ => {}
        }
        answer
    }
}
