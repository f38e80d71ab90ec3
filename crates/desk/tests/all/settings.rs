//! What a manager sets up from the window, and what the desk makes of it at once.

use crate::common::{Clinic, MANAGER, RECEPTIONIST, name, settled, sign_in, somebody};
use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use contract::ui::*;
use desk::Desk;
use domain::{
    Refusal,
    clinic::{Absence, Service},
    hours::{DayHours, Week},
    staff::Role,
};

fn hours(opens: u32, closes: u32) -> DayHours {
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    DayHours { opens: at(opens), closes: at(closes) }
}

async fn put(desk: &Desk, change: impl FnOnce(&mut ClinicSettings)) -> Result<SettingsView, UiError> {
    let shown = desk.settings_view(Nothing {}).await.unwrap();
    let mut clinic = shown.clinic;
    change(&mut clinic);
    desk.settings_clinic(ClinicArgs { etag: shown.etag.clone(), clinic, new_chairs: Vec::new() }).await
}

fn doctor(row: &DoctorRow) -> DoctorArgs {
    let row = row.clone();
    DoctorArgs {
        id: Some(row.id),
        etag: row.etag,
        name: row.name,
        speciality: row.speciality,
        chair: row.chair,
        order: row.order,
        active: row.active,
        week: row.week,
        absences: row.absences,
    }
}

/// A day of this weekday, at least a week ahead.
fn next(weekday: chrono::Weekday) -> NaiveDate {
    let soon = chrono::Utc::now().date_naive() + Days::new(8);
    soon.iter_days().find(|date| date.weekday() == weekday).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_sets_the_clinic_up_and_every_desk_works_by_it() {
    let (clinic, desk) = Clinic::founded().await;
    let second = clinic.desk_at(&clinic.dir.path().join("second"), "second").await;
    let code = desk.invite().await.unwrap();
    let join = ConnectArgs { gateway: clinic.url.clone(), code, desk_name: "Ресепшн 2".into() };
    second.connect(join).await.unwrap();
    let closed = next(chrono::Weekday::Tue);
    let set = put(&desk, |clinic| {
        clinic.requisites.full_name = "ООО «Клиника»".into();
        clinic.requisites.inn = "7707083893".into();
        clinic.responsible = "Верина Вера".into();
        clinic.closed_on = vec![closed];
        clinic.week.0[6] = Some(hours(10, 14));
        clinic.services = vec![Service { name: "Гигиена".into(), minutes: 45 }];
        clinic.practice.visit_minutes = 40;
    });
    let set = set.await.unwrap();
    assert_eq!((set.zone.as_str(), set.clinic.requisites.inn.as_str()), ("Asia/Krasnoyarsk", "7707083893"));
    settled(&desk).await;
    settled(&second).await;
    sign_in(&second, RECEPTIONIST).await;
    let day = second.schedule_day(DayArgs { date: closed }).await.unwrap();
    assert!(day.opens.is_none() && day.doctor_hours[0].opens.is_none());
    assert_eq!((day.visit_minutes, day.services[0].name.as_str()), (40, "Гигиена"));
    let sunday = second.schedule_day(DayArgs { date: next(chrono::Weekday::Sun) }).await.unwrap();
    assert_eq!(sunday.closes, Some(sunday.date.and_time(hours(10, 14).closes)));

    // what somebody else has changed meanwhile is not written over
    let shown = desk.settings_view(Nothing {}).await.unwrap();
    put(&desk, |clinic| clinic.signatory = "Верина В.".into()).await.unwrap();
    let late = ClinicArgs { etag: shown.etag.clone(), clinic: shown.clinic, new_chairs: Vec::new() };
    let refused = desk.settings_clinic(late).await.unwrap_err();
    assert!(matches!(refused.refusal, Some(Refusal::ChangedMeanwhile { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_receives_in_own_hours_and_not_while_away() {
    let (_clinic, desk) = Clinic::founded().await;
    let (monday, tuesday) = (next(chrono::Weekday::Mon), next(chrono::Weekday::Mon) + Days::new(1));
    let shown = desk.settings_view(Nothing {}).await.unwrap();
    let row = &shown.doctors[0];
    let patient = desk.person_put(somebody("Иванова", "Анна")).await.unwrap().row.id;
    let book = BookArgs {
        person: patient,
        practitioner: row.id.clone(),
        chair: row.chair.clone().unwrap(),
        start: monday.and_time(hours(16, 17).opens),
        end: monday.and_time(hours(16, 17).closes),
        service: None,
        note: None,
        request: None,
        agreed: true,
    };
    assert!(!desk.visit_book(book).await.unwrap().visit.outside_hours);
    let week = Week([Some(hours(12, 15)), Some(hours(9, 20)), None, None, None, None, None]);
    let away = Absence { from: tuesday, to: tuesday + Days::new(6) };
    let args = DoctorArgs { week: Some(week), absences: vec![away, away], ..doctor(row) };
    let set = desk.settings_doctor(args).await.unwrap();
    assert_eq!(set.doctors[0].absences, vec![away]);

    let day = desk.schedule_day(DayArgs { date: monday }).await.unwrap();
    assert_eq!(day.doctor_hours[0].opens, Some(monday.and_time(hours(12, 15).opens)));
    assert!(day.visits[0].outside_hours, "who is booked outside of the hours is seen, and nobody is moved");
    let day = desk.schedule_day(DayArgs { date: tuesday }).await.unwrap();
    assert!(day.doctor_hours[0].away && day.doctor_hours[0].opens.is_none() && day.opens.is_some());
    let from = OpeningsArgs { from: monday, practitioner: None, minutes: 60, visit: None };
    let starts: Vec<_> = desk.schedule_openings(from).await.unwrap().iter().map(|one| one.start).collect();
    assert_eq!(starts[0], monday.and_time(hours(12, 15).opens));
    let of_week = |date: &NaiveDate| *date >= monday && *date < monday + Days::new(7);
    assert!(starts.iter().map(|start| start.date()).filter(of_week).all(|date| date == monday), "{starts:?}");

    // an edit that says nothing of the hours keeps them
    let draft = desk::PractitionerDraft {
        id: Some(row.id.clone()),
        name: name("Докторов", "Иван"),
        speciality: "хирург".into(),
        chair: row.chair.clone(),
        order: 0,
        active: true,
    };
    desk.put_practitioner(draft).await.unwrap();
    assert_eq!(desk.settings_view(Nothing {}).await.unwrap().doctors[0].week, Some(week));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_by_field() {
    let (_clinic, desk) = Clinic::founded().await;
    let shown = desk.settings_view(Nothing {}).await.unwrap();
    let refused = async |change: fn(&mut ClinicSettings)| put(&desk, change).await.unwrap_err().field.unwrap();
    assert_eq!(refused(|c| c.requisites.inn = "7707083894".into()).await, "inn");
    assert_eq!(refused(|c| c.requisites.privacy_email = "нет".into()).await, "privacy_email");
    assert_eq!(refused(|c| c.week.0 = [None; 7]).await, "week");
    assert_eq!(refused(|c| c.week.0[0] = Some(hours(20, 9))).await, "week");
    assert_eq!(refused(|c| c.services = vec![Service { name: "Осмотр".into(), minutes: 0 }]).await, "services");
    assert_eq!(refused(|c| c.practice.max_tries = 0).await, "max_tries");
    assert_eq!(refused(|c| c.chairs.clear()).await, "chairs");

    // a chair in which somebody will sit stays
    let row = &shown.doctors[0];
    let patient = desk.person_put(somebody("Иванова", "Анна")).await.unwrap().row.id;
    let start = next(chrono::Weekday::Mon).and_time(hours(10, 11).opens);
    let book = BookArgs {
        person: patient,
        practitioner: row.id.clone(),
        chair: row.chair.clone().unwrap(),
        start,
        end: start + chrono::Duration::minutes(30),
        service: None,
        note: None,
        request: None,
        agreed: true,
    };
    desk.visit_book(book).await.unwrap();
    assert_eq!(refused(|c| drop(c.chairs.remove(0))).await, "chair_in_use");
    let set = put(&desk, |c| drop(c.chairs.remove(1))).await.unwrap();
    let more = ClinicArgs { etag: set.etag.clone(), clinic: set.clinic, new_chairs: vec!["Рентген".into()] };
    assert_eq!(desk.settings_clinic(more).await.unwrap().clinic.chairs[1].name, "Рентген");
    let backwards = Absence { from: start.date(), to: start.date() - Days::new(1) };
    let error = desk.settings_doctor(DoctorArgs { absences: vec![backwards], ..doctor(row) }).await.unwrap_err();
    assert_eq!(error.field.as_deref(), Some("absences"));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_new_is_let_in_and_somebody_who_left_is_not() {
    let (_clinic, desk) = Clinic::founded().await;
    let zoya = |active, secret: Option<&str>, known: Option<StaffRow>| StaffArgs {
        etag: known.as_ref().and_then(|row| row.etag.clone()),
        id: known.map(|row| row.id),
        name: name("Зоина", "Зоя"),
        role: Role::Receptionist,
        login: "zoya".into(),
        secret: secret.map(Into::into),
        active,
    };
    let no_secret = desk.settings_staff(zoya(true, None, None)).await.unwrap_err();
    assert_eq!(no_secret.field.as_deref(), Some("secret"));
    let set = desk.settings_staff(zoya(true, Some("135790"), None)).await.unwrap();
    let row = set.staff.iter().find(|row| row.login == "zoya").unwrap().clone();
    assert!(set.staff.iter().filter(|row| row.me).count() == 1 && !row.me);
    assert_eq!(sign_in(&desk, ("zoya", "135790")).await.phase, Phase::SignedIn);
    sign_in(&desk, MANAGER).await;
    desk.settings_staff(zoya(false, None, Some(row))).await.unwrap();
    let refused = desk.sign_in(SignInArgs { login: "zoya".into(), secret: "135790".into() }).await.unwrap_err();
    assert_eq!(refused.code, Code::WrongSecret);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_person_has_the_window_as_they_like_it_and_the_desk_keeps_its_manners() {
    let (clinic, desk) = Clinic::founded().await;
    let usual = desk.window_settings(Nothing {}).await.unwrap();
    assert_eq!(
        (usual.mine.clone(), usual.desk.clone()),
        (Preferences::default(), DeskManners { setup: Some(SetupStep::Kit), ..DeskManners::default() })
    );
    let key = KeyChoice { name: "Заявки/KeyJ".into(), chord: "KeyN".into() };
    let mine = Preferences { theme: Theme::Dark, text_percent: 125, shortcuts: vec![key], ..usual.mine.clone() };
    let quiet = NaiveTime::from_hms_opt(13, 0, 0);
    let manners = DeskManners {
        sound: false,
        quiet_from: quiet,
        quiet_to: NaiveTime::from_hms_opt(14, 0, 0),
        ..usual.desk.clone()
    };
    let wanted = WindowSettings { mine, desk: manners.clone() };
    desk.window_settings_put(wanted.clone()).await.unwrap();
    let half = DeskManners { quiet_to: None, ..manners.clone() };
    let refused = desk.window_settings_put(WindowSettings { mine: usual.mine.clone(), desk: half }).await.unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("quiet_to"));
    let tiny = WindowSettings { mine: Preferences { text_percent: 10, ..usual.mine.clone() }, desk: manners.clone() };
    assert_eq!(desk.window_settings_put(tiny).await.unwrap_err().field.as_deref(), Some("text_percent"));
    desk.close().await;
    drop(desk);
    let desk = clinic.desk().await;
    sign_in(&desk, MANAGER).await;
    assert_eq!(desk.window_settings(Nothing {}).await.unwrap(), wanted);
    sign_in(&desk, RECEPTIONIST).await;
    let other = desk.window_settings(Nothing {}).await.unwrap();
    assert_eq!((other.mine, other.desk), (Preferences::default(), manners), "the desk's are everybody's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialog_that_was_open_for_long_does_not_write_over_what_somebody_else_saved() {
    let (_clinic, desk) = Clinic::founded().await;
    // the manager opens two dialogs and is called to the phone
    let opened = desk.settings_view(Nothing {}).await.unwrap();
    let (doctor_row, anna) = (&opened.doctors[0], opened.staff.iter().find(|row| !row.me).unwrap());
    let staff = |row: &StaffRow, login: &str| StaffArgs {
        id: Some(row.id.clone()),
        etag: row.etag.clone(),
        name: row.name.clone(),
        role: row.role,
        login: login.into(),
        secret: None,
        active: row.active,
    };
    // meanwhile the same records are changed from elsewhere
    let surgeon = DoctorArgs { speciality: "хирург".into(), ..doctor(doctor_row) };
    desk.settings_doctor(surgeon).await.unwrap();
    desk.settings_staff(staff(anna, "anna-petrova")).await.unwrap();

    // what the dialogs stand on is no more: nothing is written, and the window is told to look again
    let late = DoctorArgs { speciality: "терапевт".into(), ..doctor(doctor_row) };
    let refused = desk.settings_doctor(late).await.unwrap_err();
    assert!(matches!(refused.refusal, Some(Refusal::ChangedMeanwhile { .. })), "{refused:?}");
    let refused = desk.settings_staff(staff(anna, "anya")).await.unwrap_err();
    assert!(matches!(refused.refusal, Some(Refusal::ChangedMeanwhile { .. })), "{refused:?}");
    let now = desk.settings_view(Nothing {}).await.unwrap();
    assert_eq!(now.doctors[0].speciality, "хирург");
    let anna = now.staff.iter().find(|row| row.id == anna.id).unwrap();
    assert_eq!(anna.login, "anna-petrova");

    // looked at again, both are changed
    let again = DoctorArgs { speciality: "терапевт".into(), ..doctor(&now.doctors[0]) };
    assert_eq!(desk.settings_doctor(again).await.unwrap().doctors[0].speciality, "терапевт");
    desk.settings_staff(staff(anna, "anya")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_set_up_goes_on_after_a_restart_where_it_stood() {
    let (clinic, desk) = Clinic::founded().await;
    let mut settings = desk.window_settings(Nothing {}).await.unwrap();
    assert_eq!(settings.desk.setup, Some(SetupStep::Kit), "the kit comes before the desk is open for work");
    settings.desk.setup = Some(SetupStep::Print);
    settings.desk.to_tray = true;
    let mut events = desk.events();
    desk.window_settings_put(settings.clone()).await.unwrap();
    assert!(
        std::iter::from_fn(|| events.try_recv().ok()).any(|event| matches!(event, desk::DeskEvent::Manners)),
        "whoever keeps the tray is told"
    );
    desk.close().await;
    drop(desk);
    let desk = clinic.desk().await;
    // what the desk does with its window is known before anybody signs in
    assert_eq!(desk.manners().await.unwrap(), settings.desk);
    sign_in(&desk, MANAGER).await;
    assert_eq!(desk.window_settings(Nothing {}).await.unwrap().desk.setup, Some(SetupStep::Print));
}
