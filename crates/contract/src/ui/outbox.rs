//! What this desk did and the gateway does not have, or has refused, and what a person does about it.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::{
    ActionId, AppointmentId, ChairId, EntityRef, Kopecks, PractitionerId, Refusal,
    appointment::CancelReason,
    person::PersonSource,
    personal::PersonName,
    request::{CallOutcome, CloseReason},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

views! {
    /// One action of this desk that is not settled.
    pub struct OutboxRow {
        pub id: ActionId,
        pub verb: String,
        /// «Иванова А. П.», «Заявка Петрова»: what it was about.
        pub about: String,
        pub entity: EntityRef,
        pub at: DateTime<Utc>,
        pub state: OutboxState,
        pub refusal: Option<Refusal>,
        pub tries: u32,
        /// Others changed the same fields meanwhile: see [`ConflictView`].
        pub conflict: bool,
        /// What was entered can be changed: see [`Draft`].
        pub editable: bool,
    }

    pub struct OutboxArgs {
        pub id: ActionId,
    }

    /// What was entered, changed: it goes as a new action in the old one's place.
    pub struct AmendArgs {
        pub id: ActionId,
        /// Of the same kind as it was.
        pub draft: Draft,
    }

    /// An edit that met another one.
    pub struct ConflictView {
        pub id: ActionId,
        /// Of theirs; pass it back.
        pub etag: Option<ActionId>,
        /// Theirs has not come in yet.
        pub waits: bool,
        /// Every field that anybody changed.
        pub fields: Vec<ConflictField>,
    }

    /// A field in words; none: empty.
    pub struct ConflictField {
        pub field: String,
        pub before: Option<String>,
        pub mine: Option<String>,
        pub theirs: Option<String>,
        /// Both sides changed it, and not alike: a person chooses. Else whoever changed it has it.
        pub clash: bool,
    }

    pub struct ResolveArgs {
        pub id: ActionId,
        /// Of theirs as it was shown. Another one by now is refused: look again.
        pub etag: Option<ActionId>,
        /// One for each clash.
        pub choices: Vec<FieldChoice>,
    }

    pub struct FieldChoice {
        pub field: String,
        pub side: Side,
    }
}

/// Which side of a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Before,
    Mine,
    Theirs,
}

/// Where an action of this desk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// «Сохранено здесь, ждёт отправки»
    Saved,
    /// Sent, no answer yet: unknown, not failed.
    Unknown,
    /// Refused: needs a person.
    Refused,
    /// Waits for an earlier refused one on the same entity.
    Held,
}

/// What somebody entered, to be entered better.
#[derive(Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Draft {
    /// A booking, or a move of one.
    Slot {
        visit: AppointmentId,
        practitioner: PractitionerId,
        chair: ChairId,
        /// Wall.
        start: NaiveDateTime,
        /// Wall, exclusive.
        end: NaiveDateTime,
        /// A booking; service and note are of bookings alone.
        books: bool,
        service: Option<String>,
        note: Option<String>,
    },
    Cancel {
        reason: CancelReason,
    },
    Call {
        outcome: CallOutcome,
        note: Option<String>,
        next_try_at: Option<DateTime<Utc>>,
    },
    Close {
        reason: CloseReason,
    },
    Person {
        name: PersonName,
        phones: Vec<String>,
        email: Option<String>,
        birth_date: Option<NaiveDate>,
        note: Option<String>,
        source: PersonSource,
    },
    Redeem {
        amount: Kopecks,
    },
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Draft(…)")
    }
}
