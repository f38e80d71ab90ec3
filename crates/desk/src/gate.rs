//! Who may give which command: the one table.
//!
//! Invariant: the table is a `match` over all commands of the contract, so a command without a line does not compile.

use contract::for_each_command;
use domain::staff::Permission;

macro_rules! command_names {
    ($($name:ident ($args:ty) -> $view:ty;)*) => {
        /// A command of the window, by the name that the contract gives it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(non_camel_case_types, missing_docs)]
        pub enum CommandName { $($name,)* paper_pdf, file_take }

        impl CommandName {
            /// Every command.
            pub const ALL: &[Self] = &[$(Self::$name,)* Self::paper_pdf, Self::file_take];

            /// The name as it is invoked.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                    Self::paper_pdf => "paper_pdf",
                    Self::file_take => "file_take",
                }
            }
        }
    };
}
for_each_command!(command_names);

/// What a command asks of whoever gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Works while the desk is locked.
    Nobody,
    /// Somebody is signed in, whatever the role.
    SignedIn,
    /// Somebody is signed in and the role allows it.
    Allowed(Permission),
}

impl CommandName {
    /// What the command needs.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one table, a line for each command")]
    pub fn need(self) -> Need {
        use Permission as P;
        match self {
            Self::app_view | Self::connect | Self::found_clinic | Self::rescue | Self::sign_in | Self::lock => {
                Need::Nobody
            }
            Self::touch
            | Self::sync_view
            | Self::sync_now
            | Self::keys_view
            | Self::copy_now
            | Self::rescue_read
            | Self::window_settings
            | Self::window_settings_put
            | Self::reconnect => Need::SignedIn,
            Self::desks_list | Self::desk_release | Self::desk_invite => Need::Allowed(P::InviteDesk),
            Self::kit_print
            | Self::kit_check
            | Self::copies_folder
            | Self::settings_view
            | Self::settings_clinic
            | Self::settings_doctor
            | Self::settings_staff
            | Self::settings_sources => Need::Allowed(P::Administer),
            Self::shift_start
            | Self::shift_brief
            | Self::shift_team
            | Self::shift_note
            | Self::shift_take
            | Self::shift_closing
            | Self::shift_end
            | Self::outbox_list
            | Self::outbox_retry
            | Self::outbox_discard
            | Self::outbox_draft
            | Self::outbox_amend
            | Self::outbox_conflict
            | Self::outbox_resolve
            | Self::queue_list
            | Self::request_card
            | Self::request_claim
            | Self::request_release
            | Self::request_log_call
            | Self::request_retract_call
            | Self::request_close
            | Self::request_reopen
            | Self::request_reread
            | Self::request_link_person => Need::Allowed(P::WorkQueue),
            Self::request_check | Self::person_check | Self::case_check | Self::person_unblock => {
                Need::Allowed(P::UnblockPeople)
            }
            Self::person_cover | Self::person_block => Need::Allowed(P::BlockPeople),
            Self::schedule_day
            | Self::schedule_week
            | Self::schedule_openings
            | Self::schedule_confirmations
            | Self::schedule_waiting
            | Self::visit_wish
            | Self::visit_book
            | Self::visit_move
            | Self::visit_step
            | Self::visit_cancel => Need::Allowed(P::WorkSchedule),
            Self::certificate_find | Self::certificate_card | Self::certificate_last4 | Self::certificates_of => {
                Need::Allowed(P::SeeCertificates)
            }
            // a block is anybody's, what the other steps take is asked for where they are taken
            Self::certificate_issue | Self::certificate_redeem | Self::certificate_step => {
                Need::Allowed(P::RedeemCertificates)
            }
            Self::certificate_reverse | Self::certificate_refund | Self::certificate_extend => {
                Need::Allowed(P::CorrectCertificates)
            }
            Self::person_card | Self::search | Self::contact_ask => Need::Allowed(P::SeePeople),
            Self::cases_list | Self::case_card | Self::case_put | Self::case_step | Self::case_step_back => {
                // what answers for the clinic asks for more, where it is taken
                Need::Allowed(P::RegisterCases)
            }
            Self::person_put | Self::person_merge | Self::person_part | Self::consent_record => {
                Need::Allowed(P::EditPeople)
            }
            Self::case_affected | Self::policy_view | Self::policy_check | Self::policy_read => {
                Need::Allowed(P::AnswerCases)
            }
            Self::data_export | Self::list_export => Need::Allowed(P::ExportData),
            Self::destruction_queue | Self::destruction_run => Need::Allowed(P::DestroyData),
            Self::audit_view => Need::Allowed(P::Audit),
            Self::paper_preview
            | Self::paper_print
            | Self::certificate_paper
            | Self::paper_save
            | Self::paper_pdf
            | Self::paper_kinds
            | Self::paper_again
            | Self::paper_step
            | Self::paper_step_back
            | Self::paper_scan
            | Self::paper_scan_file
            | Self::paper_scan_keep
            | Self::paper_scanned
            | Self::file_take
            | Self::papers_waiting
            | Self::doctors
            | Self::papers_journal
            | Self::packet_view
            | Self::packet_print
            | Self::paper_ways
            | Self::paper_way_put
            | Self::paper_trial
            | Self::printers
            | Self::print_jobs
            | Self::wording_sign_again => Need::Allowed(P::PrintPapers),
            Self::packet_kinds
            | Self::wordings_list
            | Self::wording_open
            | Self::wording_check
            | Self::wording_save
            | Self::own_form_new
            | Self::own_form_open
            | Self::own_form_put
            | Self::own_form_retire => Need::Allowed(P::Administer),
        }
    }
}
