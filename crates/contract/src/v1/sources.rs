//! Sources of requests as the gateway tells desks of them. Nothing here is about a person, and no secret is.

use chrono::{DateTime, Utc};
use domain::{mapping::FieldRule, request::RequestKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most rules that a source has.
pub const MAX_FIELD_RULES: usize = 200;

/// Every source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourcesView {
    pub sources: Vec<SourceView>,
}

/// A source, with what a desk needs to read again what the gateway could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceView {
    pub id: String,
    /// `tilda`, `woocommerce`, …
    pub connector: String,
    /// «Сайт клиники»
    pub name: String,
    /// IANA zone of times that the site sends without an offset.
    pub zone: Option<String>,
    /// What a request is when nothing in it says so.
    pub kind: RequestKind,
    pub mapping: Vec<FieldRule>,
    pub enabled: bool,
    /// The gateway can ask the site itself.
    pub asked: bool,
    pub health: SourceHealth,
}

/// How a source fares. Counts are of the last seven days.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceHealth {
    /// When something was last taken in.
    pub last_seen: Option<DateTime<Utc>>,
    /// When the site was last asked to the end.
    pub last_asked: Option<DateTime<Utc>>,
    /// Times in a row that asking it came to nothing.
    pub asking_failed: u32,
    pub taken: u64,
    /// Of those: waiting or having waited for a person to look at them as they came.
    pub quarantined: u64,
    /// What did not get in, or could not be asked.
    pub failed: u64,
    /// `failed` of all, in whole per cent.
    pub error_percent: u64,
    pub last_error: Option<SourceTrouble>,
    /// The longest silence among its last submissions, in seconds; known once there are some.
    pub usual_silence_seconds: Option<u64>,
    /// It has been silent for clearly longer than it ever was.
    pub silent: bool,
}

/// Something that went wrong, by its sort: `unauthorized`, `too_large`, `unreachable`, …
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceTrouble {
    pub kind: String,
    pub at: DateTime<Utc>,
}

/// A mended mapping.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MappingRequest {
    /// All rules of the source from now on, at most [`MAX_FIELD_RULES`]; one a field.
    #[schemars(length(max = MAX_FIELD_RULES))]
    pub mapping: Vec<FieldRule>,
    /// IANA zone; left out: as it was.
    #[serde(default)]
    #[schemars(extend("format" = "iana-zone"))]
    pub zone: Option<String>,
}
