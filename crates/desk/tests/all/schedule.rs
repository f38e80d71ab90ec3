//! The schedule: a week, the next free times, whom to call the evening before, and a step that is taken back.

use crate::common::{Clinic, RECEPTIONIST, relay::Fate, second_desk, settled, sign_in, somebody};
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, Weekday};
use contract::ui::*;
use desk::Desk;
use domain::{Refusal, appointment::AppointmentStatus};
use serde_json::json;

/// A day that the clinic is open, some days ahead.
async fn open_day(desk: &Desk) -> DayView {
    // past the next day that the clinic is open, whatever weekday this is
    for ahead in 9..16 {
        let date = chrono::Utc::now().date_naive() + Days::new(ahead);
        let day = desk.schedule_day(DayArgs { date }).await.unwrap();
        if day.opens.is_some() {
            return day;
        }
    }
    panic!("the clinic never opens");
}

async fn person(desk: &Desk, family: &str) -> domain::PersonId {
    let args = PersonPutArgs { phones: vec!["89135551234".into()], ..somebody(family, "Анна") };
    desk.person_put(args).await.unwrap().row.id
}

async fn book(desk: &Desk, day: &DayView, family: &str, start: NaiveDateTime, minutes: i64) -> VisitRow {
    let args = BookArgs {
        person: person(desk, family).await,
        practitioner: day.practitioners[0].id.parse().unwrap(),
        chair: day.chairs[0].id.parse().unwrap(),
        start,
        end: start + chrono::Duration::minutes(minutes),
        service: None,
        note: None,
        request: None,
        agreed: true,
    };
    desk.visit_book(args).await.unwrap().visit
}

fn openings(from: NaiveDate, minutes: u32) -> OpeningsArgs {
    OpeningsArgs { from, practitioner: None, minutes, visit: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn free_times_lie_between_visits_and_within_the_hours() {
    let (_clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let day = open_day(&desk).await;
    let (opens, closes) = (day.opens.unwrap(), day.closes.unwrap());
    let quarter = chrono::Duration::minutes(15);
    // the whole day but one gap of 45 minutes is taken
    let gap = opens + quarter * 4;
    book(&desk, &day, "Первая", opens, 60).await;
    let rest = book(&desk, &day, "Вторая", gap + quarter * 3, (closes - gap - quarter * 3).num_minutes()).await;
    let found = desk.schedule_openings(openings(day.date, 45)).await.unwrap();
    assert_eq!((found[0].start, found[0].end), (gap, gap + quarter * 3));
    assert!(found[1].start.date() > day.date, "nothing else is free that day");
    assert!(found.iter().all(|one| one.practitioner.to_string() == day.practitioners[0].id));
    let longer = desk.schedule_openings(openings(day.date, 60)).await.unwrap();
    assert!(longer[0].start.date() > day.date);
    // what is to be moved does not stand in its own way
    let moved = OpeningsArgs { visit: Some(rest.id), ..openings(day.date, 60) };
    assert_eq!(desk.schedule_openings(moved).await.unwrap()[0].start, gap);
    assert_eq!(desk.schedule_openings(openings(day.date, 0)).await.unwrap_err().field.as_deref(), Some("minutes"));
    // a free time that was offered can be booked
    let offered = &found[1];
    book(&desk, &day, "Третья", offered.start, 45).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_begins_on_monday_and_the_evening_list_is_of_the_next_open_day() {
    let (_clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let day = open_day(&desk).await;
    book(&desk, &day, "Иванова", day.opens.unwrap(), 30).await;
    let week = desk.schedule_week(DayArgs { date: day.date }).await.unwrap().days;
    assert_eq!((week.len(), week[0].date.weekday()), (7, Weekday::Mon));
    assert_eq!(week.iter().map(|day| day.visits.len()).sum::<usize>(), 1);

    let list = desk.schedule_confirmations(Nothing {}).await.unwrap();
    let next = desk.schedule_day(DayArgs { date: list.date }).await.unwrap();
    assert!(list.visits.is_empty() && next.opens.is_some());
    let later = book(&desk, &next, "Петрова", next.opens.unwrap() + chrono::Duration::hours(2), 30).await;
    let sooner = book(&desk, &next, "Сидорова", next.opens.unwrap(), 30).await;
    desk.visit_step(VisitArgs { id: sooner.id.clone(), step: VisitStep::Confirm }).await.unwrap();
    let list = desk.schedule_confirmations(Nothing {}).await.unwrap();
    let order: Vec<_> = list.visits.iter().map(|visit| visit.id.clone()).collect();
    assert_eq!((order, list.confirmed), (vec![later.id.clone(), sooner.id], 1), "whom nobody has called comes first");
    desk.visit_cancel(CancelArgs { id: later.id, reason: domain::appointment::CancelReason::Patient }).await.unwrap();
    assert_eq!(desk.schedule_confirmations(Nothing {}).await.unwrap().visits.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_is_taken_back_to_where_it_was_without_a_link_too() {
    let (clinic, first) = Clinic::founded().await;
    let (relay, second) = second_desk(&clinic, &first).await;
    sign_in(&second, RECEPTIONIST).await;
    let day = open_day(&second).await;
    let visit = book(&second, &day, "Иванова", day.opens.unwrap(), 30).await;
    settled(&second).await;
    relay.decide(|_| Fate::Answered(500, Vec::new(), json!({})));
    let step = async |step| second.visit_step(VisitArgs { id: visit.id.clone(), step }).await.map(|row| row.status);
    use AppointmentStatus as S;
    for (forth, status) in
        [(VisitStep::Arrive, S::Booked), (VisitStep::CheckIn, S::Arrived), (VisitStep::Fulfil, S::CheckedIn)]
    {
        step(forth).await.unwrap();
        assert_eq!(step(VisitStep::Undo).await, Ok(status));
        step(forth).await.unwrap();
    }
    assert_eq!(step(VisitStep::Undo).await, Ok(S::CheckedIn), "a visit that was held too");
    let again = step(VisitStep::Undo).await.unwrap_err();
    assert_eq!(again.refusal, Some(Refusal::WrongStatus { status: S::CheckedIn }));
    relay.pass_everything();
    assert_eq!(settled(&second).await.refused, 0);
    settled(&first).await;
    let seen = first.schedule_day(DayArgs { date: day.date }).await.unwrap().visits.remove(0);
    assert_eq!(seen.status, S::CheckedIn);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_came_free_is_offered_to_those_who_wait_for_it() {
    let (clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let day = open_day(&desk).await;
    let at = |hours: i64| day.opens.unwrap() + chrono::Duration::hours(hours);
    let early = book(&desk, &day, "Ранняя", at(0), 45).await;
    let fits = book(&desk, &day, "Подходящая", at(3), 45).await;
    let long = book(&desk, &day, "Долгая", at(5), 60).await;
    let silent = book(&desk, &day, "Молчащая", at(7), 30).await;
    for id in [&fits.id, &long.id] {
        assert!(desk.visit_wish(WishArgs { id: id.clone(), earlier: true }).await.unwrap().wants_earlier);
    }
    desk.visit_step(VisitArgs { id: fits.id.clone(), step: VisitStep::Confirm }).await.unwrap();
    let waiting = |freed| desk.schedule_waiting(WaitlistArgs { freed });
    let before = waiting(Some(early.id.clone())).await.unwrap();
    assert!(before.earlier.iter().all(|row| !row.fits), "nobody is called for a time that is taken");
    let cancel = |id: &domain::AppointmentId, reason| desk.visit_cancel(CancelArgs { id: id.clone(), reason });
    use domain::appointment::CancelReason;
    cancel(&early.id, CancelReason::Patient).await.unwrap();
    let found = waiting(Some(early.id.clone())).await.unwrap();
    let marks: Vec<_> = found.earlier.iter().map(|row| (row.visit.id.clone(), row.fits)).collect();
    assert_eq!(
        marks,
        [(fits.id.clone(), true), (long.id.clone(), false)],
        "the shorter one fits, the silent one is not asked"
    );
    assert_eq!(found.freed.unwrap().id, early.id);
    assert!(found.unscheduled.len() == 1 && found.unscheduled[0].id == early.id);

    let freed = MoveArgs {
        id: fits.id.clone(),
        practitioner: early.practitioner.clone(),
        chair: early.chair.clone(),
        start: at(0),
        end: at(0) + chrono::Duration::minutes(45),
    };
    assert!(!desk.visit_move(freed).await.unwrap().wants_earlier, "the wish was granted");
    let after = waiting(None).await.unwrap();
    assert_eq!(after.earlier.len(), 1);
    // the wish survives a move to a later time, and an undo of a step that came before it
    desk.visit_step(VisitArgs { id: long.id.clone(), step: VisitStep::Confirm }).await.unwrap();
    desk.visit_wish(WishArgs { id: long.id.clone(), earlier: true }).await.unwrap();
    let undone = desk.visit_step(VisitArgs { id: long.id.clone(), step: VisitStep::Undo }).await.unwrap();
    assert!(undone.wants_earlier && !undone.confirmed);
    // a duplicate was never meant, and whoever has another visit is not lost
    cancel(&silent.id, CancelReason::Duplicate).await.unwrap();
    cancel(&long.id, CancelReason::Clinic).await.unwrap();
    let again = BookArgs {
        person: early.person.clone(),
        practitioner: early.practitioner.clone(),
        chair: early.chair.clone(),
        start: at(2),
        end: at(2) + chrono::Duration::minutes(30),
        service: None,
        note: None,
        request: None,
        agreed: true,
    };
    desk.visit_book(again).await.unwrap();
    let left = waiting(None).await.unwrap();
    assert!(left.unscheduled.len() == 1 && left.unscheduled[0].id == long.id);
    assert!(left.earlier.is_empty());
    assert_eq!(settled(&desk).await.refused, 0);
    drop(clinic);
}
