#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::case::{Case, CaseKind, CaseMove, CaseNumber, CaseStep};
use crate::person::Channel;
use crate::{ActionId, DeskId, StaffId};

const ZONE: Tz = chrono_tz::Asia::Krasnoyarsk;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn law() -> Law {
    Law::shipped(ZONE)
}

/// The wall time of the clinic as an instant.
fn at(text: &str) -> DateTime<Utc> {
    instant_of(ZONE, chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()).unwrap()
}

fn noon(day: &str) -> DateTime<Utc> {
    at(&format!("{day} 12:00"))
}

fn of(length: Length) -> Law {
    let term = Term { length, extension: 0, checked: true };
    Law { terms: Terms([(TermKind::SubjectAccess, term)].into()), ..law() }
}

fn counted(length: Length, from: &str) -> Due {
    of(length).due(TermKind::SubjectAccess, noon(from)).unwrap()
}

fn case(kind: CaseKind, received_at: DateTime<Utc>) -> Case {
    Case {
        kind,
        number: CaseNumber { year: 2026, n: 1 },
        desk: DeskId::from_random([1; 16]),
        received_at,
        channel: Channel::Desk,
        registered_at: received_at,
        registered_by: StaffId::from_random([1; 16]),
        steps: Vec::new(),
        papers: Vec::new(),
        etag: None,
    }
}

fn did(case: &mut Case, step: CaseMove, at: DateTime<Utc>) {
    let id = ActionId::from_random([u8::try_from(case.steps.len()).unwrap() + 1; 16]);
    case.steps.push(CaseStep { id, step, at, by: StaffId::from_random([1; 16]) });
}

#[test]
fn the_table_of_terms_to_the_letter() {
    // start; 3, 7, 10, 15 working days; 30 calendar days and by ГК 193; 10 calendar days and by ГК 193
    for row in [
        "2026-11-23 2026-11-26 2026-12-02 2026-12-07 2026-12-14 2026-12-23 2026-12-23 2026-12-03 2026-12-03",
        "2026-12-18 2026-12-23 2026-12-29 2027-01-12 2027-01-19 2027-01-17 2027-01-18 2026-12-28 2026-12-28",
        "2026-12-25 2026-12-30 2027-01-14 2027-01-19 2027-01-26 2027-01-24 2027-01-25 2027-01-04 2027-01-11",
        "2026-12-30 2027-01-13 2027-01-19 2027-01-22 2027-01-29 2027-01-29 2027-01-29 2027-01-09 2027-01-11",
        "2027-02-15 2027-02-18 2027-02-25 2027-03-02 2027-03-10 2027-03-17 2027-03-17 2027-02-25 2027-02-25",
        "2027-04-27 2027-04-30 2027-05-07 2027-05-13 2027-05-20 2027-05-27 2027-05-27 2027-05-07 2027-05-07",
    ] {
        let cells: Vec<&str> = row.split(' ').collect();
        let start = cells[0];
        for (days, cell) in [3, 7, 10, 15].into_iter().zip(&cells[1..5]) {
            assert_eq!(counted(Length::WorkingDays(days), start).day, Some(date(cell)), "{days} р. д. from {start}");
        }
        for (days, strict, moved) in [(30, cells[5], cells[6]), (10, cells[7], cells[8])] {
            let due = counted(Length::CalendarDays(days), start);
            assert_eq!(due.day, Some(date(strict)), "{days} days from {start}");
            assert_eq!(due.moved.or(due.day), Some(date(moved)), "{days} days from {start}, ГК 193");
        }
    }
}

#[test]
fn each_year_has_247_working_days() {
    let calendar = ProductionCalendar::default();
    for year in [2026, 2027] {
        let all = NaiveDate::from_ymd_opt(year, 1, 1).unwrap().iter_days().take(365);
        assert_eq!(all.filter(|day| calendar.works(*day)).count(), 247, "{year}");
    }
}

#[test]
fn trap_6_terms_over_the_new_year_a_working_saturday_november_and_the_end_of_what_is_known() {
    // over 31.12–11.01 and 31.12–10.01
    assert_eq!(counted(Length::WorkingDays(7), "2026-12-28").day, Some(date("2027-01-15")));
    assert_eq!(counted(Length::WorkingDays(1), "2026-12-30").day, Some(date("2027-01-11")));
    // the Saturday of 20 February 2027 is worked
    assert_eq!(counted(Length::WorkingDays(1), "2027-02-19").day, Some(date("2027-02-20")));
    assert_eq!(counted(Length::WorkingDays(2), "2027-02-19").day, Some(date("2027-02-24")));
    // ten days that end within 4–7 November 2027
    let due = counted(Length::CalendarDays(10), "2027-10-25");
    assert_eq!((due.day, due.moved), (Some(date("2027-11-04")), Some(date("2027-11-08"))));
    // beyond what is known nothing is taken for Monday to Friday in silence
    assert_eq!(ProductionCalendar::default().known_until(), Some(date("2027-12-31")));
    assert!(!counted(Length::WorkingDays(10), "2027-12-16").provisional, "ends on 30 December");
    let due = counted(Length::WorkingDays(10), "2027-12-20");
    assert!(due.provisional);
    assert!(due.day > Some(date("2028-01-08")), "the holidays of every year are known");
}

#[test]
fn trap_7_the_clocks_of_a_leak_run_over_new_years_night_and_in_whatever_zone() {
    let found = at("2026-12-31 20:00");
    let leak = case(CaseKind::Incident, found);
    let dues = leak.dues(&law());
    let until = |term| dues.iter().find(|known| known.due.term == term).unwrap().due.until;
    assert_eq!(until(TermKind::LeakFirst), at("2027-01-01 20:00"));
    assert_eq!(until(TermKind::LeakResult), at("2027-01-03 20:00"));
    // the clinic moves its clock, or somebody looks from elsewhere: the instants stay
    for zone in [chrono_tz::Europe::Moscow, chrono_tz::Asia::Kamchatka, Tz::UTC] {
        let elsewhere = leak.dues(&Law::shipped(zone));
        let hours: Vec<_> = elsewhere.iter().filter(|known| known.due.day.is_none()).map(|k| k.due.until).collect();
        assert_eq!(hours, vec![until(TermKind::LeakFirst), until(TermKind::LeakResult)], "{zone}");
    }
}

#[test]
fn trap_8_a_claim_for_money_shows_ten_days_and_not_thirty() {
    let received = noon("2026-11-23");
    let next = case(CaseKind::ClaimMoney, received).next_due(&law()).unwrap();
    assert_eq!((next.term, next.day), (TermKind::ClaimMoney, Some(date("2026-12-03"))));
    assert_eq!(case(CaseKind::ClaimMoney, received).dues(&law()).len(), 2, "the thirty days are shown as well");
    let next = case(CaseKind::Claim, received).next_due(&law()).unwrap();
    assert_eq!((next.term, next.day), (TermKind::ClaimPolicy, Some(date("2026-12-23"))));
}

#[test]
fn what_is_unlawful_stops_in_three_days_and_what_is_disputed_is_mended_in_seven() {
    let received = noon("2026-11-23");
    let next = |kind| case(kind, received).next_due(&law()).unwrap().day.unwrap();
    assert_eq!(next(CaseKind::UnlawfulProcessing), date("2026-11-26"));
    assert_eq!(next(CaseKind::Rectification), date("2026-12-02"));
    assert_eq!(next(CaseKind::Destruction), date("2026-12-02"));
    assert_eq!(next(CaseKind::Access), date("2026-12-07"));
    assert_eq!(next(CaseKind::StopProcessing), date("2026-12-07"));
    assert_eq!(next(CaseKind::Withdrawal), date("2026-12-23"));
    assert_eq!(case(CaseKind::DisclosurePermission, received).next_due(&law()), None);
}

#[test]
fn a_notice_in_time_moves_the_term_on_by_five_working_days_and_a_late_one_does_not() {
    let mut asked = case(CaseKind::Access, noon("2026-11-23"));
    did(&mut asked, CaseMove::Extend, noon("2026-12-07"));
    assert_eq!(asked.next_due(&law()).unwrap().day, Some(date("2026-12-14")));
    let mut late = case(CaseKind::Access, noon("2026-11-23"));
    did(&mut late, CaseMove::Extend, at("2026-12-08 00:00"));
    assert_eq!(late.next_due(&law()).unwrap().day, Some(date("2026-12-07")));
    let mut other = case(CaseKind::Rectification, noon("2026-11-23"));
    did(&mut other, CaseMove::Extend, noon("2026-11-24"));
    assert_eq!(other.next_due(&law()).unwrap().day, Some(date("2026-12-02")), "the seven days are never moved on");
}

#[test]
fn what_was_done_is_due_no_more() {
    let mut leak = case(CaseKind::Incident, noon("2026-11-23"));
    did(&mut leak, CaseMove::FirstNotice, noon("2026-11-23"));
    assert_eq!(leak.next_due(&law()).unwrap().term, TermKind::LeakResult);
    let mut claim = case(CaseKind::Claim, noon("2026-11-23"));
    did(&mut claim, CaseMove::Answer, noon("2026-11-24"));
    assert!(claim.next_due(&law()).is_some(), "an answer that lies at the clinic was not given");
    did(&mut claim, CaseMove::Deliver, noon("2026-11-25"));
    assert_eq!(claim.next_due(&law()), None);
}

#[test]
fn the_day_is_the_clinics_and_the_term_ends_with_it() {
    // 23:30 of the 23rd in Krasnoyarsk is still the 23rd there, though Kamchatka has the 24th
    let due = law().due(TermKind::Rectify, at("2026-11-23 23:30")).unwrap();
    assert_eq!((due.day, due.until), (Some(date("2026-12-02")), at("2026-12-03 00:00")));
    assert_eq!(due.level(at("2026-12-02 23:59")), Level::Pressing);
    assert_eq!(due.level(at("2026-12-03 00:00")), Level::Overdue);
}

#[test]
fn alarms_at_half_at_four_fifths_and_at_the_end() {
    let due = law().due(TermKind::LeakFirst, noon("2026-11-23")).unwrap();
    for (when, level) in [
        ("2026-11-23 12:00", Level::Calm),
        ("2026-11-23 23:59", Level::Calm),
        ("2026-11-24 00:00", Level::Half),
        ("2026-11-24 07:11", Level::Half),
        ("2026-11-24 07:12", Level::Pressing),
        ("2026-11-24 11:59", Level::Pressing),
        ("2026-11-24 12:00", Level::Overdue),
    ] {
        assert_eq!(due.level(at(when)), level, "{when}");
    }
    let at_once = law().due(TermKind::AdStop, noon("2026-11-23")).unwrap();
    assert_eq!(at_once.level(noon("2026-11-23")), Level::Overdue);
}

#[test]
fn an_act_of_destruction_is_kept_for_three_years() {
    let due = law().due(TermKind::ActKeep, noon("2028-02-29")).unwrap();
    assert_eq!(due.day, Some(date("2031-02-28")));
}

#[test]
fn what_was_not_checked_in_the_text_of_the_law_says_so() {
    let unchecked: Vec<TermKind> = Terms::default().0.iter().filter(|(_, row)| !row.checked).map(|(k, _)| *k).collect();
    let settings = [TermKind::DestroyShown, TermKind::AuthorityRequest, TermKind::LeakSubjects, TermKind::ClaimMoney];
    assert_eq!(unchecked, settings);
    // a clinic that has learned better replaces the row
    let mut law = law();
    let longer = Term { length: Length::CalendarDays(14), extension: 0, checked: true };
    law.terms.0.insert(TermKind::ClaimMoney, longer);
    let next = case(CaseKind::ClaimMoney, noon("2026-11-23")).next_due(&law).unwrap();
    assert_eq!(next.day, Some(date("2026-12-07")));
}

fn days() -> impl Strategy<Value = NaiveDate> {
    (0i64..1_000).prop_map(|n| date("2026-01-01") + Duration::days(n))
}

proptest! {
    #[test]
    fn a_term_in_working_days_holds_so_many_of_them_and_ends_on_one(from in days(), n in 1u32..40) {
        let calendar = ProductionCalendar::default();
        let due = calendar.after(from, n).unwrap();
        prop_assert!(calendar.works(due));
        let within = from.iter_days().skip(1).take_while(|day| *day <= due).filter(|day| calendar.works(*day)).count();
        prop_assert_eq!(within, n as usize);
        prop_assert!(calendar.after(from, n + 1).unwrap() > due);
        prop_assert!(calendar.after(from.succ_opt().unwrap(), n).unwrap() >= due);
    }

    #[test]
    fn the_next_working_day_skips_only_days_off(day in days()) {
        let calendar = ProductionCalendar::default();
        let moved = calendar.or_next(day).unwrap();
        prop_assert!(calendar.works(moved));
        prop_assert!(day.iter_days().take_while(|skipped| *skipped < moved).all(|skipped| !calendar.works(skipped)));
    }

    #[test]
    fn the_alarm_only_rises(minutes in 0i64..100_000, later in 0i64..100_000, kind in 0usize..11) {
        let received = noon("2026-11-23");
        let case = case(CaseKind::ALL[kind], received);
        for known in case.dues(&law()) {
            let level = |minutes| known.due.level(received + Duration::minutes(minutes));
            prop_assert!(level(minutes) <= level(minutes + later));
        }
    }

    #[test]
    fn the_earliest_term_wins(minutes in 0i64..1_000_000, kind in 0usize..11) {
        let case = case(CaseKind::ALL[kind], noon("2026-01-12") + Duration::minutes(minutes));
        let dues = case.dues(&law());
        let next = case.next_due(&law());
        prop_assert_eq!(next.as_ref().map(|due| due.until), dues.iter().map(|known| known.due.until).min());
        prop_assert_eq!(dues.is_empty(), case.kind.terms().is_empty());
    }

    #[test]
    fn nothing_known_is_provisional_and_nothing_unknown_is_not(from in days(), n in 1u32..40) {
        let due = of(Length::WorkingDays(n)).due(TermKind::SubjectAccess, noon(&from.to_string())).unwrap();
        prop_assert_eq!(due.provisional, due.day.unwrap() > date("2027-12-31"));
    }
}
