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
    key_losses: "key losses",
    key_losses_with_outbox: "key losses with a full outbox",
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
