//! The use cases, one function for each command of the window, by the same names.
//!
//! Invariant: each takes a [`crate::session::Seat`], so none can be reached around the gate.

mod amend;
mod attention;
mod audit;
mod blocks;
mod cases;
mod certificates;
mod conflicts;
mod consents;
mod desks;
mod destruction;
mod dossier;
mod exports;
mod incidents;
mod keys;
mod meetings;
mod merges;
mod openings;
mod outbox;
pub(crate) mod papers;
mod people;
mod policy;
pub(crate) mod queue;
mod requests;
mod reread;
mod scene;
mod schedule;
mod search;
mod settings;
mod shift;
mod team;
mod visits;
mod waiting;
mod window;

pub(crate) use crate::connect::reconnect;
pub(crate) use amend::{outbox_amend, outbox_draft};
pub use attention::Attention;
pub(crate) use attention::attention;
pub(crate) use audit::audit_view;
pub(crate) use blocks::{person_block, person_check, person_cover, person_unblock, request_check};
pub(crate) use cases::{case_card, case_check, case_put, case_step, case_step_back, cases_list};
pub(crate) use certificates::{
    certificate_card, certificate_extend, certificate_find, certificate_issue, certificate_last4, certificate_redeem,
    certificate_refund, certificate_reverse, certificate_step, certificates_of,
};
pub(crate) use conflicts::{outbox_conflict, outbox_resolve};
pub(crate) use consents::{consent_record, contact_ask};
pub(crate) use desks::{desk_invite, desk_release, desks_list};
pub(crate) use destruction::{destruction_queue, destruction_run};
pub(crate) use exports::{data_export, list_export};
pub(crate) use incidents::case_affected;
pub(crate) use keys::{copies_folder, copy_now, keys_view, kit_check, kit_print, rescue_read};
pub(crate) use merges::{person_merge, person_part};
pub(crate) use openings::schedule_openings;
pub(crate) use outbox::{outbox_discard, outbox_list, outbox_retry};
pub use papers::LARGEST_FILE;
pub(crate) use papers::{
    certificate_paper, file_take, own_form_new, own_form_open, own_form_put, own_form_retire, packet_kinds,
    packet_print, packet_view, paper_again, paper_kinds, paper_pdf, paper_preview, paper_print, paper_save, paper_scan,
    paper_scan_file, paper_scan_keep, paper_scanned, paper_step, paper_step_back, paper_trial, paper_way_put,
    paper_ways, papers_journal, papers_waiting, print_jobs, printers, wording_check, wording_open, wording_save,
    wording_sign_again, wordings_list,
};
pub(crate) use people::{person_card, person_put};
pub(crate) use policy::{policy_check, policy_read, policy_view};
pub(crate) use queue::queue_list;
pub(crate) use requests::{
    request_card, request_claim, request_close, request_link_person, request_log_call, request_release, request_reopen,
    request_retract_call,
};
pub(crate) use reread::request_reread;
pub(crate) use schedule::{doctors, schedule_confirmations, schedule_day, schedule_week};
pub(crate) use search::search;
pub(crate) use settings::{settings_clinic, settings_doctor, settings_sources, settings_staff, settings_view};
pub(crate) use shift::{shift_brief, shift_start, sync_now, sync_view};
pub(crate) use team::{shift_closing, shift_end, shift_note, shift_take, shift_team};
pub(crate) use visits::{visit_book, visit_cancel, visit_move, visit_step};
pub(crate) use waiting::{schedule_waiting, visit_wish};
pub(crate) use window::{begin_setup, manners, window_settings, window_settings_put};
