#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, NaiveTime};
use contract::ui::Certainty;
use domain::{
    ActionId, DeskId, RequestId, StaffId,
    clinic::{Practice, Requisites},
    hours::{DayHours, OpeningHours},
    phone,
    request::{CallAttempt, CallOutcome, Claim, RequestKind, Source},
};
use proptest::prelude::*;

use super::*;

/// Monday to Friday 9 to 20, Saturday 10 to 16; calls are due within 15 minutes, retries after 120.
fn clinic() -> Clinic {
    let hours = |opens, closes| {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        Some(DayHours { opens: time(opens), closes: time(closes) })
    };
    let workday = hours(9, 20);
    Clinic {
        zone: chrono_tz::Asia::Krasnoyarsk,
        hours: OpeningHours {
            week: [workday, workday, workday, workday, workday, hours(10, 16), None],
            closed_on: BTreeSet::new(),
        },
        chairs: Vec::new(),
        requisites: Requisites::default(),
        practice: Practice::default(),
        services: Vec::new(),
        recovery: Vec::new(),
        etag: None,
    }
}

/// Wall time of the clinic as an instant. 2026-11-23 is a Monday.
fn wall(text: &str) -> DateTime<Utc> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    hours::instant_of(chrono_tz::Asia::Krasnoyarsk, local).unwrap()
}

fn request(n: u8, submitted: &str) -> RequestRecord {
    let at = wall(submitted);
    let source = Source { connector: "form".into(), source: "src".into(), site: None };
    Record {
        id: RequestId::from_random([n; 16]),
        version: 1,
        state: Request::received(RequestKind::Callback, at, at, source),
        personal: RequestPersonal::default(),
        certainty: Certainty::Confirmed,
        blocked: false,
        notes: BTreeMap::new(),
    }
}

fn with_phone(mut request: RequestRecord, raw: &str) -> RequestRecord {
    request.personal.phone = Some(phone::parse(raw));
    request
}

fn called(mut request: RequestRecord, at: &str, outcome: CallOutcome, next: Option<&str>) -> RequestRecord {
    request.state.attempts.push(CallAttempt {
        id: ActionId::from_random([9; 16]),
        at: wall(at),
        staff: me(),
        outcome,
        retracted: false,
    });
    request.state.status = outcome.leads_to();
    request.state.next_try_at = next.map(wall);
    request
}

fn me() -> StaffId {
    StaffId::from_random([1; 16])
}

fn scene(now: &str) -> Scene {
    Scene::for_tests(wall(now), me(), Some(clinic()))
}

#[test]
fn due_times_run_in_clinic_hours() {
    for (request, due) in [
        // at night: after opening
        (request(1, "2026-11-22 23:40"), Some("2026-11-23 09:15")),
        // at work
        (request(2, "2026-11-23 12:00"), Some("2026-11-23 12:15")),
        // just before closing: the rest of the term is tomorrow's
        (request(3, "2026-11-23 19:50"), Some("2026-11-24 09:05")),
        // Saturday evening: Monday
        (request(4, "2026-11-21 17:00"), Some("2026-11-23 09:15")),
        // a try that was agreed
        (
            called(request(5, "2026-11-23 09:00"), "2026-11-23 09:10", CallOutcome::NoAnswer, Some("2026-11-23 18:30")),
            Some("2026-11-23 18:30"),
        ),
        // a try that was not: the usual term after the call
        (called(request(6, "2026-11-23 09:00"), "2026-11-23 19:00", CallOutcome::Busy, None), Some("2026-11-24 10:00")),
        // answered: its outcome is owed soon
        (
            called(request(7, "2026-11-20 09:00"), "2026-11-23 10:00", CallOutcome::Answered, None),
            Some("2026-11-23 10:15"),
        ),
        // closed: nothing is due
        (called(request(8, "2026-11-23 09:00"), "2026-11-23 09:10", CallOutcome::InvalidNumber, None), None),
    ] {
        assert_eq!(due_at(&request.state, &clinic()), due.map(wall), "{}", request.id);
    }
}

#[test]
fn the_first_due_comes_first_and_the_overdue_are_told() {
    let requests = [
        request(1, "2026-11-23 12:00"),
        request(2, "2026-11-22 23:40"),
        request(3, "2026-11-22 03:10"),
        called(request(4, "2026-11-20 10:00"), "2026-11-20 10:05", CallOutcome::NoAnswer, Some("2026-11-23 18:30")),
        request(5, "2026-11-23 11:00"),
    ];
    let rows = in_order(&scene("2026-11-23 11:20"), &requests);
    let order: Vec<_> = rows.iter().map(|row| (row.id.clone(), row.overdue)).collect();
    let id = |n: u8| RequestId::from_random([n; 16]);
    // both of the night are due at 09:15: the one that waits longer is first
    assert_eq!(order, [(id(3), true), (id(2), true), (id(5), true), (id(1), false), (id(4), false)]);
}

#[test]
fn without_a_clinic_nothing_is_due_and_the_oldest_comes_first() {
    let scene = Scene::for_tests(wall("2026-11-23 11:20"), me(), None);
    let rows = in_order(&scene, &[request(2, "2026-11-23 10:00"), request(1, "2026-11-22 10:00")]);
    assert!(rows.iter().all(|row| row.due_at.is_none() && !row.overdue));
    assert!(rows[0].submitted_at < rows[1].submitted_at);
}

#[test]
fn a_household_is_counted_by_its_number() {
    let requests = [
        with_phone(request(1, "2026-11-23 10:00"), "8 913 555-12-34"),
        with_phone(request(2, "2026-11-23 10:01"), "+7 (913) 5551234"),
        with_phone(request(3, "2026-11-23 10:02"), "8 913 555-12-35"),
        with_phone(request(4, "2026-11-23 10:03"), "позвоните"),
        with_phone(request(5, "2026-11-23 10:04"), "позвоните"),
    ];
    let rows = in_order(&scene("2026-11-23 10:10"), &requests);
    assert_eq!(rows.iter().map(|row| row.same_phone).collect::<Vec<_>>(), [1, 1, 0, 0, 0]);
}

#[test]
fn a_claim_binds_while_it_lasts() {
    let mut claimed = request(1, "2026-11-23 10:00");
    let desk = DeskId::from_random([2; 16]);
    claimed.state.claim = Some(Claim { staff: me(), desk, until: wall("2026-11-23 10:10") });
    assert!(row(&scene("2026-11-23 10:09"), &claimed, 0).claimed_by_me);
    assert!(!row(&scene("2026-11-23 10:10"), &claimed, 0).claimed_by_me);
}

proptest! {
    #[test]
    fn the_order_does_not_depend_on_the_feed(seed in prop::collection::vec((0..200u8, 0..2880u32), 1..30), turn in 0..30usize) {
        let mut requests: Vec<_> = seed.iter().enumerate().map(|(n, (_, minutes))| {
            let mut one = request(u8::try_from(n).unwrap(), "2026-11-21 08:00");
            one.state.submitted_at += Duration::minutes(i64::from(*minutes));
            one
        }).collect();
        let scene = scene("2026-11-23 11:00");
        let order: Vec<_> = in_order(&scene, &requests).into_iter().map(|row| row.id).collect();
        let turn = turn % requests.len();
        requests.rotate_left(turn);
        let again: Vec<_> = in_order(&scene, &requests).into_iter().map(|row| row.id).collect();
        prop_assert_eq!(order, again);
    }
}
