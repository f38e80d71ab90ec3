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
    /// The gateway does not look at what an edit was made on.
    NoVersionCheck,
    /// An edit of an old card goes through if its clock says that it is the latest.
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
    /// A desk is let go, and the key stays.
    KeyStaysAfterLettingGo,
    /// The gateway takes a change of key without looking whom the new key is given to.
    RecipientsNotChecked,
    /// The desk that changes the key gives the new one to those who were let go, too, and the gateway takes it.
    NewKeyForTheLetGo,
    /// The gateway takes what is sealed to an older key.
    OlderKeyTaken,
    /// Open invitations stay after a change: they hold the older key.
    InvitationsSurviveAChange,
    /// The gateway does not look at the key that an invitation holds.
    InvitedWithAnOlderKey,
    /// The changes of key are restored with the rest: a copy brings the older key back.
    KeysOnlyInCopies,
    /// A copy lets those in again who were let go after it.
    LetGoOnlyInCopies,
    /// The ciphertext is part of what identifies an action.
    CiphertextIdentifies,
    /// What waits is sealed anew only in the moment in which a new key is learnt.
    ResealedOnlyOnce,
    /// What has settled is not sealed anew.
    SettledNotResealed,
    /// A page is read before the keys that it is sealed to are fetched.
    PageBeforeKeys,
    /// An older desk drops what it cannot read.
    NewerDropped,
    /// A desk does not look after its update at what it had kept unread.
    NewerNeverRead,
    /// An older desk keeps what it cannot read and goes on showing what it knew before.
    NewerBesideTheOld,
    /// An older desk writes a card without the fields that it does not know.
    OlderEditDropsFields,
    /// Two edits laid together come to all of mine.
    MergeTakesMine,
    /// Two edits laid together come to all of theirs.
    MergeTakesTheirs,
    /// Two edits of the same field are laid together all the same.
    MergeIgnoresClashes,
    /// An edit stands on the number of the version that its author saw: two histories share their numbers.
    NumberForEtag,
    /// After a push that broke nothing is pulled before it went through.
    PullWaitsForPush,
    /// An action that breaks its push is sent with every push all the same.
    NothingIsLeftOut,
    /// The site is told that its request is in before it is.
    SiteAnsweredBeforeCommit,
}

impl Bug {
    /// Every planted bug.
    pub const ALL: [Self; 44] = [
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
        Self::KeyStaysAfterLettingGo,
        Self::RecipientsNotChecked,
        Self::NewKeyForTheLetGo,
        Self::OlderKeyTaken,
        Self::InvitationsSurviveAChange,
        Self::InvitedWithAnOlderKey,
        Self::KeysOnlyInCopies,
        Self::LetGoOnlyInCopies,
        Self::CiphertextIdentifies,
        Self::ResealedOnlyOnce,
        Self::SettledNotResealed,
        Self::PageBeforeKeys,
        Self::NewerDropped,
        Self::NewerNeverRead,
        Self::NewerBesideTheOld,
        Self::OlderEditDropsFields,
        Self::MergeTakesMine,
        Self::MergeTakesTheirs,
        Self::MergeIgnoresClashes,
        Self::NumberForEtag,
        Self::PullWaitsForPush,
        Self::NothingIsLeftOut,
        Self::SiteAnsweredBeforeCommit,
    ];
}
