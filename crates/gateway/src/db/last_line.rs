//! The constraints that stand behind the rule, by the names that both databases know them by.
//!
//! They are never met while the rule and the views it is given are right. When one is met, the desk gets the refusal that
//! the rule should have given, and the log says that there is a mistake.

use domain::decide::Clash;

/// Which constraint has caught it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastLine {
    /// Two visits would meet.
    Slot(Clash),
    /// A visit would end before it begins.
    SlotOrder,
    /// A certificate would be spent beyond what it has left.
    Overdrawn,
    /// Something erased would come back.
    Erased,
}

const NAMES: &[(&str, LastLine)] = &[
    ("slot_practitioner_free", LastLine::Slot(Clash::Practitioner)),
    ("slot_chair_free", LastLine::Slot(Clash::Chair)),
    ("slot_person_free", LastLine::Slot(Clash::Person)),
    ("slot_order", LastLine::SlotOrder),
    ("purse_not_overdrawn", LastLine::Overdrawn),
    ("entity_stays_erased", LastLine::Erased),
];

impl LastLine {
    /// PostgreSQL names the constraint; SQLite has the name at the end of its message.
    pub(super) fn of(error: &sqlx::Error) -> Option<Self> {
        let sqlx::Error::Database(error) = error else { return None };
        let said = error.constraint().unwrap_or_else(|| error.message());
        NAMES.iter().find(|(name, _)| said.ends_with(name)).map(|(_, line)| *line)
    }
}
