//! What went wrong, for the window to put into words.

use domain::Refusal;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What went wrong, for the window to put into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    // session
    NotSignedIn,
    WrongSecret,
    TooManyTries,
    Forbidden,
    // store
    KeychainMissing,
    KeychainLocked,
    KeyLost,
    WrongKey,
    PlainDatabase,
    NewerSchema,
    DatabaseDamaged,
    DatabaseBusy,
    DiskFull,
    /// A code without a slip, but of another recovery kit.
    OtherKit,
    /// The file is no copy of this desk, or not a readable one.
    NotACopy,
    /// The folder for copies is not there now.
    NoFolder,
    // connection
    NotConnected,
    GatewayUnreachable,
    GatewayRefused,
    /// This desk's access was taken away.
    DeskRevoked,
    /// The gateway wants a newer version of this program.
    Outdated,
    CodeMistyped,
    CodeRefused,
    BadAddress,
    // work
    Refused,
    NotFound,
    BadInput,
    // papers
    PaperUnknown,
    /// What was found before printing is to be answered first, or forbids it.
    PaperUnchecked,
    /// What was printed is kept at the desk that printed it.
    PaperElsewhere,
    NoPrinter,
    PrintFailed,
    PaperFailed,
    Internal,
}

/// An error as the window gets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct UiError {
    pub code: Code,
    /// With [`Code::Refused`]: why.
    pub refusal: Option<Refusal>,
    /// With [`Code::TooManyTries`]: how long to wait.
    pub wait_seconds: Option<u32>,
    /// With [`Code::BadInput`]: which field.
    pub field: Option<String>,
    /// With [`Code::Outdated`]: the oldest version that the gateway lets in.
    pub needs_version: Option<String>,
}

impl UiError {
    /// An error that is only its code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, refusal: None, wait_seconds: None, field: None, needs_version: None }
    }
}
