//! What happened in a story, and in many: the figures that say whether the faults were really met.

use std::fmt;

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident: $label:literal,)*) => {
        /// Counts of one story or of many.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct Figures {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Figures {
            /// Adds those of another story.
            pub fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
            }
        }

        impl fmt::Display for Figures {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let all = [$(($label, self.$name)),*];
                for (at, (label, count)) in all.iter().enumerate() {
                    write!(f, "{}{label} {count}", if at > 0 { ", " } else { "" })?;
                }
                Ok(())
            }
        }
    };
}
figures! {
    /// Steps of plans that were played.
    events: "events",
    /// Actions that somebody was told to be saved.
    actions: "actions",
    /// Steps of visits that were taken back, as far as the desk's screen allowed it.
    undone: "steps taken back",
    /// Requests that never arrived.
    lost_requests: "requests lost",
    /// Answers to a pull that never arrived.
    lost_pages: "pages lost",
    /// Outcomes that were committed and never heard of.
    lost_outcomes: "outcomes lost after commit",
    /// Requests that arrived twice.
    doubled: "requests doubled",
    /// Answers that came when nobody waited any more.
    late: "answers late",
    /// Desks that stopped waiting.
    given_up: "waits given up",
    desk_crashes: "desk crashes",
    /// A desk died while its push was on the way or answered.
    crashes_before_answer: "desk crashes between push and answer",
    /// A desk died while it stored an answer.
    crashes_in_answer: "desk crashes in an answer",
    gateway_crashes: "gateway crashes in a push",
    backups: "backups",
    restores: "restores",
    /// A copy was restored while a desk had a block that the gateway had not heard of.
    restores_with_unsynced_block: "restores with an unsynced block",
    /// A copy was restored while a desk was reading the feed.
    restores_during_pull: "restores during a pull",
    /// Desks that were told to read the feed anew.
    resyncs: "resyncs",
    key_losses: "keychains lost",
    key_losses_with_outbox: "keychains lost with a full outbox",
    /// Desks that came in by an invitation.
    enrolled: "desks enrolled",
    /// Invitations that held an older key.
    invitations_refused: "invitations refused",
    let_go: "desks let go",
    let_go_with_outbox: "desks let go with a full outbox",
    key_changes: "changes of key",
    /// The key was changed while a desk was reading the feed.
    key_changes_during_pull: "changes of key during a pull",
    /// The key was changed while a desk had something to send that was sealed to the older one.
    key_changes_with_outbox: "changes of key with a full outbox",
    /// A change of key that was late, or not for those who were in.
    key_changes_refused: "changes of key refused",
    /// Pushes that were sealed to an older key.
    older_seals: "pushes sealed to an older key",
    /// A copy was restored that had an older key.
    restores_of_an_older_key: "restores of an older key",
    /// A desk died between taking a key and sealing anew.
    crashes_before_reseal: "desk crashes before sealing anew",
    /// Rows that an older desk kept unread.
    kept_unread: "rows kept unread",
    /// Rows that were read after an update.
    read_after_update: "rows read after an update",
    updates: "desks updated",
    /// An older desk edited a card that has fields it does not know.
    older_edits: "edits by older desks over newer fields",
    /// Edits laid together without a person.
    merged: "edits laid together",
    /// Edits that waited for a person, because both sides changed the same field, and were given up.
    edits_given_up: "edits given up",
    /// Pushes that failed as a whole.
    broken_pushes: "pushes broken",
    /// Pushes that left out what breaks them.
    pushes_without_what_breaks: "pushes without what breaks them",
    /// Stories in which something still broke pushes when everything else had healed.
    healed_beside: "stories healed beside a broken push",
    site_requests: "requests of the site",
    site_requests_unanswered: "requests of the site without an answer",
}

impl Figures {
    pub(crate) fn lost(&mut self, is_request: bool, is_outcome: bool) {
        match (is_request, is_outcome) {
            (true, _) => self.lost_requests += 1,
            (_, true) => self.lost_outcomes += 1,
            _ => self.lost_pages += 1,
        }
    }
}
