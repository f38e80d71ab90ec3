//! What a manager sets up from the window: the clinic, its doctors and its staff; and how the sources of requests fare.
//!
//! Invariants: what was shown is what is changed (its etag is passed back); a chair that visits to come stand in is not
//! taken away; the zone is not changed here, for it would move every visit.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use contract::{
    ui::{
        ClinicArgs, ClinicSettings, DoctorArgs, DoctorRow, Nothing, PracticeSettings, SettingsView, SourceRow,
        StaffArgs, StaffRow,
    },
    v1::sources::SourceView,
};
use domain::{
    ChairId,
    clinic::{Absence, Chair, Clinic, LONGEST_KEPT, Practice, Requisites, Service},
    hours::{OpeningHours, Week},
    personal::ClinicPersonal,
};

use super::{
    scene::{Scene, day_span},
    schedule::in_order,
};
use crate::{
    PractitionerDraft, StaffDraft,
    administration::{StandsOn, put_practitioner, put_staff, write_clinic},
    input,
    platform::random::id_bytes,
    session::Seat,
    sources,
    transport::PageAddress,
    trouble::DeskError,
};

const MOST_CHAIRS: usize = 40;
const MOST_SERVICES: usize = 200;
const MOST_CLOSED_DAYS: usize = 400;
const MOST_ABSENCES: usize = 100;
const MOST_PROCESSORS: usize = 40;
/// Days ahead in which a visit keeps its chair from going.
const AHEAD: Days = Days::new(400);
/// The longest that a time of practice may be: a working week.
const LONGEST_MINUTES: u32 = 5 * 24 * 60;
const LONGEST_VISIT: u32 = 12 * 60;

/// Everything that may be changed.
pub(crate) async fn settings_view(seat: &Seat, _args: Nothing) -> Result<SettingsView, DeskError> {
    let (_, _, clinic, personal) = seat.open.store.clinic().await?.ok_or(DeskError::NotFound)?;
    let doctors = in_order(seat).await?.into_iter().map(|doctor| DoctorRow {
        id: doctor.id,
        etag: doctor.state.etag,
        name: doctor.personal.name,
        speciality: doctor.personal.speciality,
        chair: doctor.state.chair,
        order: doctor.state.order,
        active: doctor.state.active,
        week: doctor.state.week,
        absences: doctor.state.absences,
    });
    let mut staff: Vec<StaffRow> = Vec::new();
    for known in seat.open.store.staff().await? {
        staff.push(StaffRow {
            me: known.id == seat.staff.id,
            id: known.id,
            etag: known.state.etag,
            name: known.personal.name,
            role: known.state.role,
            login: known.personal.login,
            active: known.state.active,
        });
    }
    staff.sort_by(|a, b| (!a.active, &a.name.family, &a.id).cmp(&(!b.active, &b.name.family, &b.id)));
    Ok(SettingsView {
        etag: clinic.etag.clone(),
        zone: clinic.zone.name().to_owned(),
        clinic: settings(clinic, personal),
        doctors: doctors.collect(),
        staff,
    })
}

fn settings(clinic: Clinic, personal: ClinicPersonal) -> ClinicSettings {
    let Practice {
        call_within_minutes,
        retry_after_minutes,
        max_tries,
        no_show_grace_minutes,
        visit_minutes,
        claim_minutes,
        keep_requests_days,
        keep_visits_days,
    } = clinic.practice;
    ClinicSettings {
        requisites: clinic.requisites,
        responsible: personal.responsible,
        signatory: personal.signatory,
        week: Week(clinic.hours.week),
        closed_on: clinic.hours.closed_on.into_iter().collect(),
        chairs: clinic.chairs,
        services: clinic.services,
        practice: PracticeSettings {
            call_within_minutes,
            retry_after_minutes,
            max_tries,
            no_show_grace_minutes,
            visit_minutes,
            claim_minutes,
            keep_requests_days,
            keep_visits_days,
        },
    }
}

/// Writes the clinic's settings.
pub(crate) async fn settings_clinic(seat: &Seat, args: ClinicArgs) -> Result<SettingsView, DeskError> {
    let (id, version, known, known_personal) = seat.open.store.clinic().await?.ok_or(DeskError::NotFound)?;
    let wanted = args.clinic;
    let chairs = chairs(seat, &known, wanted.chairs, &args.new_chairs).await?;
    let personal = ClinicPersonal {
        responsible: input::line("responsible", &wanted.responsible)?,
        signatory: input::line("signatory", &wanted.signatory)?,
        newer: known_personal.newer,
    };
    let clinic = Clinic {
        zone: known.zone,
        hours: hours(wanted.week, wanted.closed_on)?,
        chairs,
        requisites: requisites(wanted.requisites)?,
        practice: practice(&wanted.practice)?,
        services: services(wanted.services)?,
        recovery: known.recovery,
        etag: args.etag,
    };
    write_clinic(seat, id, version, clinic, &personal).await?;
    settings_view(seat, Nothing {}).await
}

/// The chairs that stay, by their ids, and new ones below them.
async fn chairs(seat: &Seat, known: &Clinic, kept: Vec<Chair>, new: &[String]) -> Result<Vec<Chair>, DeskError> {
    const FIELD: &str = "chairs";
    let mut all = Vec::with_capacity(kept.len() + new.len());
    let mut ids: BTreeSet<ChairId> = BTreeSet::new();
    for chair in kept {
        if !known.chairs.iter().any(|one| one.id == chair.id) || !ids.insert(chair.id.clone()) {
            return Err(DeskError::BadInput(FIELD));
        }
        all.push(Chair { name: input::short(FIELD, &chair.name)?, id: chair.id });
    }
    for name in new {
        all.push(Chair { id: ChairId::from_random(id_bytes()?), name: input::short(FIELD, name)? });
    }
    let gone = |id: &ChairId| known.chairs.iter().any(|chair| chair.id == *id) && !ids.contains(id);
    let today = Scene::of(seat).await?.today();
    let span = day_span(today).zip(today.checked_add_days(AHEAD).and_then(day_span));
    let ((from, _), (_, to)) = span.ok_or(DeskError::BadInput(FIELD))?;
    let to_come = seat.open.store.visits_between(from, to).await?;
    if to_come.iter().any(|visit| visit.state.status.occupies() && gone(&visit.state.slot.chair)) {
        return Err(DeskError::BadInput("chair_in_use"));
    }
    if all.is_empty() || all.len() > MOST_CHAIRS { Err(DeskError::BadInput(FIELD)) } else { Ok(all) }
}

fn hours(week: Week, closed_on: Vec<NaiveDate>) -> Result<OpeningHours, DeskError> {
    let hours = OpeningHours { week: checked("week", week)?.0, closed_on: closed_on.into_iter().collect() };
    let opens = hours.week.iter().any(Option::is_some);
    if !opens {
        return Err(DeskError::BadInput("week"));
    }
    if hours.closed_on.len() > MOST_CLOSED_DAYS { Err(DeskError::BadInput("closed_on")) } else { Ok(hours) }
}

/// Hours each of which ends after it begins.
fn checked(field: &'static str, week: Week) -> Result<Week, DeskError> {
    let fits = week.0.iter().flatten().all(|day| day.within(*day).is_some());
    if fits { Ok(week) } else { Err(DeskError::BadInput(field)) }
}

fn requisites(given: Requisites) -> Result<Requisites, DeskError> {
    let mut processors = Vec::new();
    for line in given.processors.iter().filter(|line| !line.trim().is_empty()) {
        processors.push(input::short("processors", line)?);
    }
    if processors.len() > MOST_PROCESSORS {
        return Err(DeskError::BadInput("processors"));
    }
    Ok(Requisites {
        full_name: input::short("full_name", &given.full_name)?,
        short_name: input::short("short_name", &given.short_name)?,
        inn: input::inn("inn", &given.inn)?,
        ogrn: input::ogrn("ogrn", &given.ogrn)?,
        address: input::long("address", Some(&given.address))?.unwrap_or_default(),
        phone: input::line("phone", &given.phone)?,
        privacy_email: input::email("privacy_email", Some(&given.privacy_email))?.unwrap_or_default(),
        licence: input::long("licence", Some(&given.licence))?.unwrap_or_default(),
        processors,
        policy_page: policy_page(&given.policy_page)?,
    })
}

/// A page that is read over TLS, or nothing.
fn policy_page(text: &str) -> Result<String, DeskError> {
    const FIELD: &str = "policy_page";
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    let page = input::long(FIELD, Some(text))?.and_then(|text| text.parse::<PageAddress>().ok());
    page.map(|page| page.to_string()).ok_or(DeskError::BadInput(FIELD))
}

fn services(given: Vec<Service>) -> Result<Vec<Service>, DeskError> {
    const FIELD: &str = "services";
    let mut all: Vec<Service> = Vec::with_capacity(given.len());
    for service in given {
        let name = input::short(FIELD, &service.name)?;
        let doubled = all.iter().any(|known| known.name.to_lowercase() == name.to_lowercase());
        if doubled || !(1..=LONGEST_VISIT).contains(&service.minutes) {
            return Err(DeskError::BadInput(FIELD));
        }
        all.push(Service { name, minutes: service.minutes });
    }
    if all.len() > MOST_SERVICES { Err(DeskError::BadInput(FIELD)) } else { Ok(all) }
}

fn practice(given: &PracticeSettings) -> Result<Practice, DeskError> {
    let within = |field: &'static str, value: u32, least: u32, most: u32| {
        if (least..=most).contains(&value) { Ok(value) } else { Err(DeskError::BadInput(field)) }
    };
    Ok(Practice {
        call_within_minutes: within("call_within_minutes", given.call_within_minutes, 1, LONGEST_MINUTES)?,
        retry_after_minutes: within("retry_after_minutes", given.retry_after_minutes, 1, LONGEST_MINUTES)?,
        max_tries: within("max_tries", given.max_tries, 1, 20)?,
        no_show_grace_minutes: within("no_show_grace_minutes", given.no_show_grace_minutes, 0, LONGEST_VISIT)?,
        visit_minutes: within("visit_minutes", given.visit_minutes, 5, LONGEST_VISIT)?,
        claim_minutes: within("claim_minutes", given.claim_minutes, 1, 24 * 60)?,
        keep_requests_days: within("keep_requests_days", given.keep_requests_days, 1, LONGEST_KEPT)?,
        keep_visits_days: within("keep_visits_days", given.keep_visits_days, 1, LONGEST_KEPT)?,
    })
}

/// Adds or changes a doctor.
pub(crate) async fn settings_doctor(seat: &Seat, args: DoctorArgs) -> Result<SettingsView, DeskError> {
    let clinic = seat.open.store.clinic().await?.ok_or(DeskError::NotFound)?.2;
    let known = |chair: &ChairId| clinic.chairs.iter().any(|one| one.id == *chair);
    if args.chair.as_ref().is_some_and(|chair| !known(chair)) {
        return Err(DeskError::BadInput("chair"));
    }
    let week = args.week.map(|week| checked("week", week)).transpose()?;
    let absences = absences(args.absences)?;
    let draft = PractitionerDraft {
        id: args.id,
        name: args.name,
        speciality: args.speciality,
        chair: args.chair,
        order: args.order,
        active: args.active,
    };
    put_practitioner(seat, draft, Some((week, absences)), StandsOn::Shown(args.etag)).await?;
    settings_view(seat, Nothing {}).await
}

fn absences(mut all: Vec<Absence>) -> Result<Vec<Absence>, DeskError> {
    if all.len() > MOST_ABSENCES || all.iter().any(|absence| absence.to < absence.from) {
        return Err(DeskError::BadInput("absences"));
    }
    all.sort_by_key(|absence| (absence.from, absence.to));
    all.dedup();
    Ok(all)
}

/// Adds or changes a member of the staff.
pub(crate) async fn settings_staff(seat: &Seat, args: StaffArgs) -> Result<SettingsView, DeskError> {
    let draft = StaffDraft {
        id: args.id,
        name: args.name,
        role: args.role,
        login: args.login,
        secret: args.secret.filter(|secret| !secret.is_empty()),
        active: args.active,
    };
    put_staff(seat, draft, StandsOn::Shown(args.etag)).await?;
    settings_view(seat, Nothing {}).await
}

/// The sources, as the gateway has them now.
pub(crate) async fn settings_sources(seat: &Seat, _args: Nothing) -> Result<Vec<SourceRow>, DeskError> {
    Ok(sources::all(seat).await?.into_iter().map(source).collect())
}

fn source(source: SourceView) -> SourceRow {
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let health = source.health;
    SourceRow {
        id: source.id,
        name: source.name,
        connector: source.connector,
        kind: source.kind,
        zone: source.zone,
        enabled: source.enabled,
        last_seen: health.last_seen,
        taken: count(health.taken),
        quarantined: count(health.quarantined),
        failed: count(health.failed),
        last_error: health.last_error.map(|trouble| trouble.at),
        silent: health.silent,
    }
}
