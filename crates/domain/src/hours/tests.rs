#![allow(clippy::unwrap_used)]

use chrono::Offset;
use proptest::prelude::*;

use super::*;

fn day(opens: u32, closes: u32) -> Option<DayHours> {
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    Some(DayHours { opens: at(opens), closes: at(closes) })
}

/// Mon–Fri 09–20, Sat 10–16.
fn usual() -> OpeningHours {
    let work = day(9, 20);
    OpeningHours { week: [work, work, work, work, work, day(10, 16), None], closed_on: BTreeSet::new() }
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

fn due_in_15(hours: &OpeningHours, from: &str) -> Option<String> {
    let due = hours.due(at(from), Duration::minutes(15))?;
    Some(due.format("%a %H:%M").to_string())
}

// 23 November 2026 is a Monday.
#[test]
fn fifteen_minutes_run_only_while_the_clinic_is_open() {
    for (what, from, due) in [
        ("over the closing on Friday", "2026-11-27 19:52", "Sat 10:07"),
        ("over the closing on Saturday and a closed Sunday", "2026-11-28 15:50", "Mon 09:05"),
        ("at night before a closed day", "2026-11-28 23:00", "Mon 09:15"),
        ("before the opening", "2026-11-30 08:30", "Mon 09:15"),
        ("at the opening instant", "2026-11-30 09:00", "Mon 09:15"),
        ("at the closing instant, which is outside", "2026-11-27 20:00", "Sat 10:15"),
        ("until the closing instant, which is in time", "2026-11-27 19:45", "Fri 20:00"),
        ("one minute later", "2026-11-27 19:46", "Sat 10:01"),
    ] {
        assert_eq!(due_in_15(&usual(), from).as_deref(), Some(due), "{what}");
    }
}

#[test]
fn the_clinics_own_closure_counts_and_a_holiday_on_which_it_works_does_not() {
    let mut hours = usual();
    // 28 November is a Saturday on which the clinic is closed
    hours.closed_on.insert(date("2026-11-28"));
    assert_eq!(due_in_15(&hours, "2026-11-27 19:52").as_deref(), Some("Mon 09:07"));
    // 4 November, a state holiday, is a Wednesday on which this clinic works
    assert_eq!(due_in_15(&hours, "2026-11-04 12:00").as_deref(), Some("Wed 12:15"));
    assert_eq!(hours.on(date("2026-11-28")), None);
    assert_eq!(hours.on(date("2026-11-29")), None);
    assert_eq!(hours.on(date("2026-11-30")), day(9, 20));
}

#[test]
fn the_closing_instant_is_outside() {
    let hours = usual();
    for (when, open) in [
        ("2026-11-27 08:59", false),
        ("2026-11-27 09:00", true),
        ("2026-11-27 19:59", true),
        ("2026-11-27 20:00", false),
        ("2026-11-29 12:00", false),
    ] {
        assert_eq!(hours.is_open(at(when)), open, "{when}");
    }
}

#[test]
fn round_the_clock_a_minute_is_a_minute() {
    let hours = OpeningHours { week: [day(0, 0); 7], closed_on: BTreeSet::new() };
    assert!(hours.is_open(at("2026-11-29 23:59")) && hours.is_open(at("2026-11-29 00:00")));
    assert_eq!(due_in_15(&hours, "2026-11-29 23:50").as_deref(), Some("Mon 00:05"));
}

#[test]
fn a_day_that_closes_before_it_opens_is_closed() {
    let hours = OpeningHours { week: [day(20, 9); 7], closed_on: BTreeSet::new() };
    assert_eq!(hours.on(date("2026-11-23")), None);
    assert_eq!(due_in_15(&hours, "2026-11-23 21:00"), None);
}

#[test]
fn nothing_is_due_in_a_clinic_that_does_not_open() {
    let never = OpeningHours { week: [None; 7], closed_on: BTreeSet::new() };
    assert_eq!(due_in_15(&never, "2026-11-23 12:00"), None);

    let from = date("2026-11-23");
    let closed_for =
        |days: u32| OpeningHours { week: [day(9, 20); 7], closed_on: from.iter_days().take(days as usize).collect() };
    assert!(due_in_15(&closed_for(LONGEST_CLOSURE_DAYS), "2026-11-23 12:00").is_some());
    assert_eq!(due_in_15(&closed_for(LONGEST_CLOSURE_DAYS + 1), "2026-11-23 12:00"), None);
    assert_eq!(usual().due(at("2026-11-23 12:00"), Duration::MAX), None);
    assert_eq!(usual().due(NaiveDateTime::MAX, Duration::minutes(1)), None);
}

#[test]
fn no_time_at_all_is_due_now_or_at_the_opening() {
    let hours = usual();
    for none in [Duration::zero(), Duration::minutes(-5)] {
        assert_eq!(hours.due(at("2026-11-23 12:00"), none), Some(at("2026-11-23 12:00")));
        assert_eq!(hours.due(at("2026-11-23 07:00"), none), Some(at("2026-11-23 09:00")));
        assert_eq!(hours.due(at("2026-11-23 20:00"), none), Some(at("2026-11-24 09:00")));
    }
}

#[test]
fn the_same_instant_is_due_by_the_clock_of_the_clinic() {
    // 12:52 UTC is 19:52 on Friday in Krasnoyarsk and 15:52 in Moscow
    let from = at("2026-11-27 12:52").and_utc();
    let due = |zone: Tz| due_at(&usual(), zone, from, Duration::minutes(15)).unwrap();
    assert_eq!(due(chrono_tz::Asia::Krasnoyarsk), at("2026-11-28 03:07").and_utc());
    assert_eq!(due(chrono_tz::Europe::Moscow), at("2026-11-27 13:07").and_utc());
}

#[test]
fn a_wall_time_that_the_clock_jumps_over_still_is_an_instant() {
    // Berlin, 29 March 2026: 02:00 becomes 03:00
    assert_eq!(instant_of(chrono_tz::Europe::Berlin, at("2026-03-29 02:30")), Some(at("2026-03-29 01:30").and_utc()));
    // 25 October 2026: 02:30 happens twice
    assert_eq!(instant_of(chrono_tz::Europe::Berlin, at("2026-10-25 02:30")), Some(at("2026-10-25 00:30").and_utc()));
}

#[test]
fn the_zones_of_russia_are_known_as_they_are_in_2026() {
    let zones = [
        (2, "Europe/Kaliningrad"),
        (3, "Europe/Moscow"),
        (3, "Europe/Simferopol"),
        (3, "Europe/Kirov"),
        (3, "Europe/Volgograd"),
        (4, "Europe/Astrakhan"),
        (4, "Europe/Saratov"),
        (4, "Europe/Ulyanovsk"),
        (4, "Europe/Samara"),
        (5, "Asia/Yekaterinburg"),
        (6, "Asia/Omsk"),
        (7, "Asia/Novosibirsk"),
        (7, "Asia/Barnaul"),
        (7, "Asia/Tomsk"),
        (7, "Asia/Novokuznetsk"),
        (7, "Asia/Krasnoyarsk"),
        (8, "Asia/Irkutsk"),
        (9, "Asia/Chita"),
        (9, "Asia/Yakutsk"),
        (9, "Asia/Khandyga"),
        (10, "Asia/Vladivostok"),
        (10, "Asia/Ust-Nera"),
        (11, "Asia/Magadan"),
        (11, "Asia/Sakhalin"),
        (11, "Asia/Srednekolymsk"),
        (12, "Asia/Kamchatka"),
        (12, "Asia/Anadyr"),
    ];
    for (offset, name) in zones {
        let zone: Tz = name.parse().unwrap();
        for when in ["2026-11-23 12:00", "2026-07-01 12:00"] {
            let seconds = zone.offset_from_utc_datetime(&at(when)).fix().local_minus_utc();
            assert_eq!(seconds, offset * 3_600, "{name} {when}");
        }
    }
}

#[test]
fn hours_survive_json() {
    let mut hours = usual();
    hours.closed_on.insert(date("2027-01-01"));
    let json = serde_json::to_string(&hours).unwrap();
    assert_eq!(serde_json::from_str::<OpeningHours>(&json).unwrap(), hours);
}

proptest! {
    #[test]
    fn the_due_time_has_exactly_the_working_time_before_it(start in 0i64..60 * 24 * 28, minutes in 1i64..6_000) {
        let hours = usual();
        let from = at("2026-11-02 00:00") + Duration::minutes(start);
        let due = hours.due(from, Duration::minutes(minutes)).unwrap();
        prop_assert_eq!(hours.working_between(from, due), Duration::minutes(minutes));
        prop_assert!(hours.is_open(due - Duration::minutes(1)));
        let next = hours.due(from, Duration::minutes(minutes + 1)).unwrap();
        prop_assert!(due < next);
    }

    #[test]
    fn waiting_in_two_parts_is_waiting_once(start in 0i64..60 * 24 * 14, first in 0i64..2_000, second in 0i64..2_000) {
        let hours = usual();
        let from = at("2026-11-02 00:00") + Duration::minutes(start);
        let middle = hours.due(from, Duration::minutes(first)).unwrap();
        prop_assert_eq!(hours.due(middle, Duration::minutes(second)), hours.due(from, Duration::minutes(first + second)).map(|due| {
            // no time from a closing instant on is the next opening
            if second == 0 { hours.due(due, Duration::zero()).unwrap() } else { due }
        }));
    }
}
