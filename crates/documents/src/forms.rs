//! The forms the desk prints: each is a wording and the data it asks for.

mod consent_pd;

use std::fmt;
use std::str::FromStr;

use minijinja::Value;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{PaperRequest, PaperWarning};

/// A form of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    /// Consent to processing of personal data, 152-ФЗ ст. 9 ч. 4.
    ConsentPd,
}

impl FormKind {
    pub const ALL: [Self; 1] = [Self::ConsentPd];

    /// The name machines use, stable for ever.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ConsentPd => "consent_pd",
        }
    }

    /// The name staff see.
    pub const fn title_ru(self) -> &'static str {
        match self {
            Self::ConsentPd => "Согласие на обработку персональных данных",
        }
    }

    /// The wording in force: the whole template, front matter included.
    pub const fn wording(self) -> &'static str {
        match self {
            Self::ConsentPd => consent_pd::WORDING,
        }
    }
}

impl fmt::Display for FormKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// No form has this code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is no form with this code")]
pub struct UnknownForm;

impl FromStr for FormKind {
    type Err = UnknownForm;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.code() == code).ok_or(UnknownForm)
    }
}

/// What the template of the asked form may use.
pub(crate) fn data(request: &PaperRequest) -> (Value, Vec<PaperWarning>) {
    match request.kind {
        FormKind::ConsentPd => consent_pd::data(request),
    }
}
