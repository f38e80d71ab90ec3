//! Planted bugs: mistakes that people make in such protocols. The suite proves that each is found; they are switched on
//! in the model only, never in the product.

/// A planted bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// The gateway decides an action again that it has decided.
    NoDedup,
    /// The outcome is remembered in a second transaction.
    DedupInSecondTransaction,
    /// The desk forgets what it has sent.
    OutboxClearedOnSend,
    /// The desk shows the effect first and writes the outbox afterwards.
    OutboxInSecondTransaction,
    /// The cursor is stored before the page.
    CursorBeforePage,
    /// A page that nobody waits for any more is applied, whatever has come since.
    LatePageApplied,
    /// The gateway does not look whether a slot is free.
    NoSlotCheck,
    /// The gateway does not look at the version that an edit was made on.
    NoVersionCheck,
    /// An edit on an old version goes through if its clock says that it is the latest.
    LastWriterByDeskClock,
    /// Ids of actions are counted, and begin anew when a desk lost its keys.
    SequentialActionIds,
    /// An action that waits is changed in place under its old id.
    EditedInPlace,
    /// A repetition is always told that it was applied.
    OutcomeNotStored,
    /// A restore from a copy goes on with the old epoch.
    NoEpochOnRestore,
    /// The desk forgets an action as soon as it has settled.
    SettledForgottenAtOnce,
    /// The desk takes a number of the new epoch's copies for one of the old epoch.
    WatermarkOfAnotherEpoch,
    /// The desk sends what it did after a restore under new ids.
    ResentUnderNewIds,
    /// A refusal does not hold back what was built on it.
    RefusalHoldsNothingBack,
    /// A resync forgets the outbox.
    ResyncDropsOutbox,
    /// The gateway does not look at what a certificate has left.
    NoBalanceCheck,
    /// Writing a card anew forgets that the person is blocked.
    EditUnblocks,
    /// The memory of blocks is restored with the rest: a copy brings the blocked back.
    BlocksOnlyInCopies,
}

impl Bug {
    /// Every planted bug.
    pub const ALL: [Self; 21] = [
        Self::NoDedup,
        Self::DedupInSecondTransaction,
        Self::OutboxClearedOnSend,
        Self::OutboxInSecondTransaction,
        Self::CursorBeforePage,
        Self::LatePageApplied,
        Self::NoSlotCheck,
        Self::NoVersionCheck,
        Self::LastWriterByDeskClock,
        Self::SequentialActionIds,
        Self::EditedInPlace,
        Self::OutcomeNotStored,
        Self::NoEpochOnRestore,
        Self::SettledForgottenAtOnce,
        Self::WatermarkOfAnotherEpoch,
        Self::ResentUnderNewIds,
        Self::RefusalHoldsNothingBack,
        Self::ResyncDropsOutbox,
        Self::NoBalanceCheck,
        Self::EditUnblocks,
        Self::BlocksOnlyInCopies,
    ];
}
