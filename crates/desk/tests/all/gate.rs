//! The one gate: while the desk is locked nothing is answered, and each role may do what the table says.

use crate::common::{Clinic, RECEPTIONIST, sign_in};
use contract::{
    commands::{BEFORE_SIGN_IN, COMMANDS},
    for_each_command,
    ui::*,
};
use desk::{
    Desk,
    gate::{CommandName, Need},
};
use domain::staff::Role;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Arguments that fit; what they name does not exist.
#[allow(clippy::too_many_lines)]
fn sample<T: DeserializeOwned>(command: &str) -> T {
    let id = |prefix: &str| json!(format!("{prefix}_00000000000000000000000000"));
    let visit = || json!({"practitioner": id("prc"), "chair": id("chr"), "start": "2026-11-23T10:00:00", "end": "2026-11-23T10:30:00"});
    let with = |mut base: Value, more: Value| {
        base.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        base
    };
    let args = match command {
        "connect" => json!({"gateway": "", "code": "", "desk_name": ""}),
        "found_clinic" => json!({"gateway": "", "code": "", "desk_name": "", "clinic_name": "", "zone": "",
            "manager_name": {"family": "", "given": "", "patronymic": ""}, "manager_login": "", "manager_secret": ""}),
        "rescue" => json!({"way": "kit", "code": "", "file": null}),
        "kit_print" => json!({"secret": "wrong", "printer": null, "copies": 1}),
        "kit_check" => json!({"code": ""}),
        "copies_folder" => json!({"folder": "not a whole path"}),
        "sign_in" => json!({"login": "nobody", "secret": "wrong"}),
        "outbox_retry" | "outbox_discard" | "outbox_draft" | "outbox_conflict" => json!({"id": id("act")}),
        "outbox_amend" => json!({"id": id("act"), "draft": {"kind": "close", "reason": "spam"}}),
        "outbox_resolve" => json!({"id": id("act"), "etag": null, "choices": []}),
        "queue_list" => json!({"filter": "open"}),
        "request_card" | "request_claim" | "request_release" | "request_reopen" | "request_reread"
        | "request_check" => {
            json!({"id": id("req")})
        }
        "request_log_call" => json!({"id": id("req"), "outcome": "no_answer", "note": null, "next_try_at": null}),
        "request_retract_call" => json!({"id": id("req"), "call": id("act")}),
        "request_close" => json!({"id": id("req"), "reason": "spam"}),
        "request_link_person" => json!({"id": id("req"), "person": id("per")}),
        "schedule_openings" => json!({"from": "2026-11-23", "practitioner": null, "minutes": 30, "visit": null}),
        "schedule_day" | "schedule_week" => json!({"date": "2026-11-23"}),
        "visit_book" => {
            with(visit(), json!({"person": id("per"), "service": null, "note": null, "request": null, "agreed": true}))
        }
        "visit_move" => with(visit(), json!({"id": id("apt")})),
        "visit_step" => json!({"id": id("apt"), "step": "confirm"}),
        "visit_cancel" => json!({"id": id("apt"), "reason": "patient"}),
        "certificate_find" => json!({"code": "ABCD"}),
        "certificate_card" => json!({"id": id("crt")}),
        "certificate_last4" => json!({"last4": "ABCD"}),
        "certificate_reverse" => json!({"id": id("crt"), "redemption": id("act")}),
        "certificate_extend" => json!({"id": id("crt"), "expires_on": "2027-11-23"}),
        "certificate_step" => json!({"id": id("crt"), "step": "block"}),
        "certificate_redeem" | "certificate_refund" => json!({"id": id("crt"), "amount": 100}),
        "person_card" | "person_check" => json!({"id": id("per")}),
        "person_cover" => json!({"whom": {"by": "person", "person": id("per")}}),
        "person_block" => json!({"whom": {"by": "person", "person": id("per")}, "requester": "subject",
            "ground": "dispute", "note": null}),
        "person_merge" => json!({"survivor": id("per"), "survivor_etag": null, "other": id("per"), "other_etag": null,
            "name": {"family": "Ли", "given": "", "patronymic": ""}, "phones": [], "email": null, "birth_date": null,
            "note": null}),
        "person_part" => json!({"survivor": id("per"), "merge": id("act")}),
        "certificate_issue" => json!({"face_value": 500_000, "expires_on": null, "person": null, "buyer": null,
            "recipient": null, "receipt": "118"}),
        "certificate_paper" => json!({"id": id("crt"), "form": "gift_card", "redemption": null}),
        "certificates_of" => json!({"id": id("per")}),
        "person_unblock" => json!({"person": id("per"), "block": null, "ground": "mistake", "evidence": "паспорт"}),
        "consent_record" => json!({"person": id("per"), "kind": "reminders", "answer": "refused", "said_at": null,
            "channel": "phone", "paper": null, "valid_until": null}),
        "contact_ask" => json!({"person": id("per"), "request": null, "purpose": "service"}),
        "person_put" => json!({"id": null, "etag": null, "name": {"family": "Ли", "given": "", "patronymic": ""},
            "phones": [], "email": null, "birth_date": null, "note": null, "source": "site", "request": null}),
        "cases_list" => json!({"all": true}),
        "case_card" | "case_check" => json!({"id": id("cas")}),
        "case_put" => json!({"id": null, "etag": null, "kind": "claim", "person": null, "who": "Ли", "contact": "",
            "substance": "возврат", "received": null, "channel": "post", "identity": null, "block": null}),
        "case_affected" => json!({"id": id("cas")}),
        "data_export" => json!({"person": id("per"), "reason": "asked", "secret": "wrong"}),
        "list_export" => json!({"list": "newsletter", "from": "2026-11-23", "to": "2026-11-24", "reason": "duty",
            "secret": "wrong"}),
        "destruction_run" => json!({"whose": [], "ground": "term_over", "reason": "", "case": null, "secret": ""}),
        "policy_read" => json!({"n": 1}),
        "audit_view" => json!({"from": "2026-11-23", "to": "2026-11-24"}),
        "case_step" => json!({"id": id("cas"), "step": "take_up", "words": null}),
        "case_step_back" => json!({"id": id("cas"), "step": id("act")}),
        "shift_note" => json!({"text": "перезвонить в 15:00"}),
        "shift_take" => json!({"staff": id("stf"), "note": id("act")}),
        "shift_end" => json!({"receipts": null, "shredded": true}),
        "schedule_waiting" => json!({"freed": null}),
        "visit_wish" => json!({"id": id("apt"), "earlier": true}),
        "settings_clinic" => {
            json!({"etag": null, "new_chairs": [], "clinic": {"requisites": {"full_name": "", "short_name": "",
            "inn": "", "ogrn": "", "address": "", "phone": "", "privacy_email": "", "licence": "", "processors": []},
            "responsible": "", "signatory": "", "week": [null, null, null, null, null, null, null], "closed_on": [],
            "chairs": [], "services": [], "practice": {"call_within_minutes": 15, "retry_after_minutes": 120,
            "max_tries": 3, "no_show_grace_minutes": 15, "visit_minutes": 30, "claim_minutes": 10,
            "keep_requests_days": 23, "keep_visits_days": 23}}})
        }
        "settings_doctor" => {
            json!({"id": id("prc"), "etag": null, "name": {"family": "Ли", "given": "", "patronymic": ""},
            "speciality": "", "chair": null, "order": 0, "active": true, "week": null, "absences": []})
        }
        "settings_staff" => {
            json!({"id": id("stf"), "etag": null, "name": {"family": "Ли", "given": "", "patronymic": ""},
            "role": "manager", "login": "li", "secret": null, "active": true})
        }
        "window_settings_put" => {
            json!({"mine": {"theme": "dark", "text_percent": 125, "plain_keys": true, "privacy": false,
            "shortcuts": []}, "desk": {"sound": true, "quiet_from": null, "quiet_to": null}})
        }
        "desk_release" => json!({"id": id("dsk")}),
        "reconnect" => json!({"code": "", "desk_name": ""}),
        "search" => json!({"query": "ли", "limit": 5}),
        "paper_preview" => {
            json!({"form": "consent_pd", "person": null, "visit": null, "signer": null, "day": null,
                "practitioner": null, "block": null})
        }
        "paper_print" => json!({"paper": id("ppr"), "confirmed": true,
            "way": {"printer": null, "copies": 1, "duplex": false, "tray": null}}),
        "paper_way_put" | "paper_trial" => json!({"form": "consent_pd",
            "way": {"printer": null, "copies": 0, "duplex": false, "tray": null}}),
        "paper_save" => json!({"paper": id("ppr"), "confirmed": true}),
        "paper_pdf" => json!({"paper": id("ppr")}),
        "paper_again" | "paper_scanned" => json!({"person": id("per"), "paper": id("ppr")}),
        "paper_step" => json!({"person": id("per"), "paper": id("ppr"), "stage": "signed", "medical_worker": null}),
        "paper_step_back" => json!({"person": id("per"), "paper": id("ppr"), "step": id("act")}),
        "paper_scan" => json!({"typed": "ppr_00000000000000000000000000-1"}),
        "paper_scan_file" => json!({"file": "none"}),
        "paper_scan_keep" => json!({"file": "none", "paper": id("ppr"), "medical_worker": null}),
        "papers_waiting" => json!({"person": null, "day": null}),
        "wording_open" | "wording_sign_again" | "own_form_open" | "own_form_retire" => json!({"form": "consent_pd"}),
        "wording_check" => json!({"form": "consent_pd", "text": "", "blank": false}),
        "wording_save" => json!({"form": "consent_pd", "text": "", "revision": 1, "sign_again": false}),
        "own_form_new" => json!({"file": "none", "title": "Договор", "treatment": false}),
        "own_form_put" => json!({"form": "own_1", "revision": 1, "title": "Договор", "file": null, "stamps": []}),
        "papers_journal" => json!({"day": "2026-11-23"}),
        "packet_view" => json!({"day": "2026-11-23", "visit": null}),
        "packet_print" => json!({"visit": id("apt"), "form": "consent_pd", "confirmed": true}),
        "packet_kinds" => json!({"kinds": []}),
        _ => json!({}),
    };
    serde_json::from_value(args).unwrap_or_else(|error| panic!("{command}: {error}"))
}

macro_rules! give {
    ($($name:ident ($args:ty) -> $view:ty;)*) => {
        /// Gives a command; its error, if it was refused.
        async fn give(desk: &Desk, command: &str) -> Option<UiError> {
            match command {
                $(stringify!($name) => desk.$name(sample::<$args>(command)).await.err(),)*
                "paper_pdf" => desk.paper_pdf(sample(command)).await.err(),
                "file_take" => desk.file_take(b"not a file".to_vec()).await.err(),
                other => panic!("no such command: {other}"),
            }
        }
    };
}
for_each_command!(give);

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_desk_answers_nothing_but_what_comes_before_sign_in() {
    let (clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    desk.lock(Nothing {}).await.unwrap();
    let refused = async |desk: &Desk| {
        for command in COMMANDS.iter().filter(|command| !BEFORE_SIGN_IN.contains(command)) {
            let error = give(desk, command).await.unwrap_or_else(|| panic!("{command} was answered"));
            assert_eq!(error, UiError::new(Code::NotSignedIn), "{command}");
        }
    };
    refused(&desk).await;
    for command in BEFORE_SIGN_IN {
        let code = give(&desk, command).await.map(|error| error.code);
        assert_ne!(code, Some(Code::NotSignedIn), "{command}");
    }
    // the same by the clock alone
    sign_in(&desk, RECEPTIONIST).await;
    clinic.clock.forward(301);
    refused(&desk).await;
    assert_eq!(desk.invite().await.unwrap_err().code, Code::NotSignedIn);
    assert_eq!(desk.clinic().await.unwrap_err().code, Code::NotSignedIn);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_in_receptionist_is_answered_but_does_not_administer() {
    let (_clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let managers_only = [
        "kit_print",
        "kit_check",
        "copies_folder",
        "settings_view",
        "settings_clinic",
        "settings_doctor",
        "settings_staff",
        "settings_sources",
        "request_check",
        "person_check",
        "case_check",
        "case_affected",
        "data_export",
        "list_export",
        "destruction_queue",
        "destruction_run",
        "audit_view",
        "policy_view",
        "policy_check",
        "policy_read",
        "person_unblock",
        "certificate_reverse",
        "certificate_refund",
        "certificate_extend",
        "desks_list",
        "desk_release",
        "desk_invite",
        "packet_kinds",
        "wordings_list",
        "wording_open",
        "wording_check",
        "wording_save",
        "own_form_new",
        "own_form_open",
        "own_form_put",
        "own_form_retire",
    ];
    for command in COMMANDS.iter().filter(|command| !BEFORE_SIGN_IN.contains(command)) {
        let code = give(&desk, command).await.map(|error| error.code);
        if managers_only.contains(command) {
            assert_eq!(code, Some(Code::Forbidden), "{command}");
            continue;
        }
        assert!(!matches!(code, Some(Code::NotSignedIn | Code::Forbidden | Code::Internal)), "{command}: {code:?}");
    }
    assert_eq!(desk.invite().await.unwrap_err().code, Code::Forbidden);
    assert_eq!(desk.audit_verify().await.unwrap_err().code, Code::Forbidden);
    assert_eq!(desk.clinic().await.unwrap_err().code, Code::Forbidden);
}

#[test]
fn the_table_is_what_was_agreed() {
    let mut table = String::new();
    for command in CommandName::ALL {
        let who = match command.need() {
            Need::Nobody => "before sign-in".to_owned(),
            Need::SignedIn => "anybody signed in".to_owned(),
            Need::Allowed(permission) => {
                let roles: Vec<_> = Role::ALL.iter().filter(|role| role.may(permission)).collect();
                format!("{permission:?}: {roles:?}")
            }
        };
        table.push_str(&format!("{}: {who}\n", command.as_str()));
    }
    let agreed = include_str!("command_roles.txt");
    assert_eq!(table, agreed, "tests/all/command_roles.txt differs:\n{table}");
    let names: Vec<_> = CommandName::ALL.iter().map(|command| command.as_str()).collect();
    assert_eq!(names, COMMANDS);
    let before: Vec<_> = CommandName::ALL.iter().filter(|c| c.need() == Need::Nobody).map(|c| c.as_str()).collect();
    assert_eq!(before, BEFORE_SIGN_IN);
}
