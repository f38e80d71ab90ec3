//! The search over people, requests and certificates.

use domain::EntityRef;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

views! {
    pub struct SearchArgs {
        pub query: String,
        pub limit: u32,
    }

    pub struct SearchHit {
        pub kind: HitKind,
        pub id: EntityRef,
        pub title: String,
        pub subtitle: String,
        /// The data of whom it is about are blocked.
        pub blocked: bool,
    }

    pub struct SearchView {
        pub hits: Vec<SearchHit>,
        /// Set when nothing was found as typed and the other keyboard layout was: «показано для „иванов“».
        pub shown_for: Option<String>,
    }
}

/// What a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    Person,
    Request,
    Certificate,
}
