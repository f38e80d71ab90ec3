//! Stories of the one rule: what a desk may do, and what is refused with which reason.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};
use domain::{
    Action, ActionId, AppointmentId, ChairId, ClinicId, Command, Context, DeskId, EntityRef, PersonId, PractitionerId,
    Refusal, RequestId, StaffId, State, View,
    appointment::{Appointment, AppointmentStatus, CancelReason, Slot},
    clinic::{Clinic, Practice, Requisites},
    decide::Clash,
    hours::OpeningHours,
    person::{Person, PersonSource},
    request::{CallOutcome, CloseReason, QuarantineReason, Request, RequestKind, RequestStatus, Rereading, Source},
    staff::{Role, Staff},
};
use proptest::prelude::*;

/// The gateway's whole state, small: enough to load a [`View`] from.
#[derive(Default)]
struct World {
    entities: BTreeMap<EntityRef, (u64, State)>,
    acted: u8,
}

fn desk(n: u8) -> DeskId {
    DeskId::from_random([n; 16])
}
fn anna() -> StaffId {
    StaffId::from_random([1; 16])
}
fn boris() -> StaffId {
    StaffId::from_random([2; 16])
}
fn person(n: u8) -> PersonId {
    PersonId::from_random([n; 16])
}
fn visit(n: u8) -> AppointmentId {
    AppointmentId::from_random([n; 16])
}
fn request_id() -> RequestId {
    RequestId::from_random([7; 16])
}
fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_428_000, 0).unwrap()
}
/// Wall time in Krasnoyarsk (+7) on the day of [`noon`].
fn wall(hour: u32, minute: u32) -> NaiveDateTime {
    let day = (noon() + Duration::hours(7)).date_naive();
    day.and_hms_opt(hour, minute, 0).unwrap()
}
fn slot(doctor: u8, chair: u8, from: (u32, u32), to: (u32, u32)) -> Slot {
    Slot {
        practitioner: PractitionerId::from_random([doctor; 16]),
        chair: ChairId::from_random([chair; 16]),
        start: wall(from.0, from.1),
        end: wall(to.0, to.1),
    }
}

impl World {
    fn open() -> Self {
        let mut world = Self::default();
        let clinic = Clinic {
            zone: chrono_tz::Asia::Krasnoyarsk,
            hours: OpeningHours { week: std::array::from_fn(|_| None), closed_on: std::collections::BTreeSet::new() },
            chairs: Vec::new(),
            requisites: Requisites::default(),
            practice: Practice::default(),
        };
        world.set(ClinicId::from_random([9; 16]).into(), State::Clinic(clinic));
        world.set(anna().into(), State::Staff(Staff { role: Role::Receptionist, active: true }));
        world.set(boris().into(), State::Staff(Staff { role: Role::Manager, active: true }));
        for n in 1..=3 {
            world.set(
                person(n).into(),
                State::Person(Person { source: PersonSource::DeskPhone, created_at: noon(), papers: Vec::new() }),
            );
        }
        let source = Source { connector: "form".into(), source: "site".into(), site: None };
        world
            .set(request_id().into(), State::Request(Request::received(RequestKind::Callback, noon(), noon(), source)));
        world
    }

    fn set(&mut self, id: EntityRef, state: State) {
        let version = self.entities.get(&id).map_or(0, |(v, _)| *v) + 1;
        self.entities.insert(id, (version, state));
    }

    fn view(&self, action: &Action) -> View {
        let of = |id: &EntityRef| self.entities.get(id).map(|(_, s)| s.clone());
        let neighbours = self
            .entities
            .iter()
            .filter_map(|(id, (_, state))| match (id, state) {
                (EntityRef::Appointment(id), State::Appointment(visit)) => Some((id.clone(), visit.clone())),
                _ => None,
            })
            .collect();
        let (request, person_known) = match &action.command {
            Command::AppointmentBook { request, person, .. } => {
                (request.clone().and_then(|r| of(&r.into())), of(&person.clone().into()).is_some())
            }
            _ => (None, false),
        };
        View {
            target: of(&action.entity),
            target_version: self.entities.get(&action.entity).map_or(0, |(v, _)| *v),
            request: request.and_then(|s| if let State::Request(r) = s { Some(r) } else { None }),
            person_known,
            neighbours,
            clinic: of(&ClinicId::from_random([9; 16]).into())
                .and_then(|s| if let State::Clinic(c) = s { Some(c) } else { None }),
            actor: of(&action.actor.clone().into()).and_then(|s| if let State::Staff(s) = s { Some(s) } else { None }),
            unfounded: !self.entities.values().any(|(_, s)| matches!(s, State::Staff(_))),
        }
    }

    fn act_as(
        &mut self,
        actor: StaffId,
        on: u8,
        entity: impl Into<EntityRef>,
        command: Command,
        now: DateTime<Utc>,
    ) -> Result<ActionId, Refusal> {
        self.acted += 1;
        let entity = entity.into();
        let id = ActionId::from_random([self.acted; 16]);
        let base_version = self.entities.get(&entity).map_or(0, |(v, _)| *v);
        let action = Action { id: id.clone(), entity, base_version, actor, at: now, command };
        let changes = domain::decide(&self.view(&action), &action, &Context { now, desk: desk(on) })?;
        for (id, state) in changes {
            self.set(id, state);
        }
        Ok(id)
    }

    fn act(&mut self, entity: impl Into<EntityRef>, command: Command) -> Result<ActionId, Refusal> {
        self.act_as(anna(), 1, entity, command, noon())
    }

    fn quarantine(&mut self) {
        let mut request = self.request().clone();
        request.quarantine = Some(QuarantineReason::NothingRecognised);
        self.set(request_id().into(), State::Request(request));
    }

    fn request(&self) -> &Request {
        match &self.entities[&request_id().into()].1 {
            State::Request(request) => request,
            _ => panic!("not a request"),
        }
    }

    fn visit(&self, n: u8) -> &Appointment {
        match &self.entities[&visit(n).into()].1 {
            State::Appointment(visit) => visit,
            _ => panic!("not a visit"),
        }
    }

    fn book(&mut self, n: u8, who: u8, at: Slot) -> Result<ActionId, Refusal> {
        self.act(visit(n), Command::AppointmentBook { slot: at, person: person(who), request: None, agreed: true })
    }
}

#[test]
fn two_desks_do_not_call_the_same_person() {
    let mut world = World::open();
    world.act(request_id(), Command::RequestClaim).unwrap();
    assert_eq!(world.request().status, RequestStatus::Assigned);
    assert_eq!(world.act_as(boris(), 2, request_id(), Command::RequestClaim, noon()), Err(Refusal::ClaimedByOther));
    // Ten minutes later the lease binds nobody.
    world.act_as(boris(), 2, request_id(), Command::RequestClaim, noon() + Duration::minutes(10)).unwrap();
    assert_eq!(world.request().claim.as_ref().unwrap().staff, boris());
}

#[test]
fn nobody_answers_then_somebody_does_then_it_is_settled() {
    let mut world = World::open();
    let again = noon() + Duration::hours(2);
    world
        .act(request_id(), Command::RequestLogCall { outcome: CallOutcome::NoAnswer, next_try_at: Some(again) })
        .unwrap();
    assert_eq!((world.request().status, world.request().next_try_at), (RequestStatus::RetryScheduled, Some(again)));
    world.act(request_id(), Command::RequestLogCall { outcome: CallOutcome::Answered, next_try_at: None }).unwrap();
    assert_eq!(world.request().status, RequestStatus::Reached);
    world.act(request_id(), Command::RequestClose { reason: CloseReason::Answered }).unwrap();
    assert_eq!(world.request().status, RequestStatus::ClosedAnswered);
    assert_eq!(world.act(request_id(), Command::RequestClaim), Err(Refusal::RequestClosed));
    world.act(request_id(), Command::RequestReopen).unwrap();
    assert_eq!(world.request().status, RequestStatus::Reached);
    assert_eq!(world.request().tries(), 2);
}

#[test]
fn a_wrong_number_logged_by_mistake_is_taken_back() {
    let mut world = World::open();
    let call = world
        .act(request_id(), Command::RequestLogCall { outcome: CallOutcome::InvalidNumber, next_try_at: None })
        .unwrap();
    assert_eq!(world.request().status, RequestStatus::ClosedWrongNumber);
    world.act(request_id(), Command::RequestRetractCall { attempt: call.clone() }).unwrap();
    assert_eq!((world.request().status, world.request().tries()), (RequestStatus::Assigned, 0));
    assert_eq!(world.act(request_id(), Command::RequestRetractCall { attempt: call }), Err(Refusal::NoSuchCall));
}

#[test]
fn what_was_not_understood_is_read_again_once() {
    let mut world = World::open();
    let reading = Rereading {
        kind: RequestKind::Booking,
        submitted_at: None,
        site: Some("clinic.example".into()),
        consent: None,
    };
    let reread = Command::RequestReread { reading };
    assert_eq!(world.act(request_id(), reread.clone()), Err(Refusal::NotQuarantined));
    world.quarantine();
    world.act_as(boris(), 2, request_id(), Command::RequestClaim, noon()).unwrap();
    assert_eq!(world.act(request_id(), reread.clone()), Err(Refusal::ClaimedByOther));
    world.act_as(boris(), 2, request_id(), Command::RequestRelease, noon()).unwrap();
    world.act(request_id(), Command::RequestLogCall { outcome: CallOutcome::Answered, next_try_at: None }).unwrap();
    world.act(request_id(), reread.clone()).unwrap();
    let request = world.request();
    assert_eq!((request.request_kind, request.quarantine), (RequestKind::Booking, None));
    assert_eq!((request.status, request.tries()), (RequestStatus::Reached, 1), "what staff did stays");
    assert_eq!(request.source.site.as_deref(), Some("clinic.example"));
    assert_eq!(world.act(request_id(), reread.clone()), Err(Refusal::NotQuarantined));
    world.quarantine();
    world.act(request_id(), Command::RequestClose { reason: CloseReason::Spam }).unwrap();
    assert_eq!(world.act(request_id(), reread), Err(Refusal::RequestClosed));
}

#[test]
fn a_booking_out_of_a_request_converts_it_in_the_same_decision() {
    let mut world = World::open();
    let at = slot(1, 1, (10, 0), (10, 30));
    world
        .act(
            visit(1),
            Command::AppointmentBook { slot: at, person: person(1), request: Some(request_id()), agreed: true },
        )
        .unwrap();
    assert_eq!(world.request().status, RequestStatus::Converted);
    assert_eq!(world.request().appointment, Some(visit(1)));
    assert_eq!(world.request().person, Some(person(1)));
}

#[test]
fn adjacent_visits_stand_and_one_minute_of_overlap_does_not() {
    let mut world = World::open();
    world.book(1, 1, slot(1, 1, (10, 0), (10, 30))).unwrap();
    world.book(2, 2, slot(1, 1, (10, 30), (11, 0))).unwrap();
    let taken = |clash| Err(Refusal::SlotTaken { clash, by: visit(1) });
    assert_eq!(world.book(3, 3, slot(1, 2, (10, 29), (10, 45))), taken(Clash::Practitioner));
    assert_eq!(world.book(3, 3, slot(2, 1, (9, 45), (10, 1))), taken(Clash::Chair));
    assert_eq!(world.book(3, 1, slot(2, 2, (10, 15), (10, 45))), taken(Clash::Person));
    world.act(visit(1), Command::AppointmentCancel { reason: CancelReason::Patient }).unwrap();
    world.book(3, 3, slot(1, 1, (10, 0), (10, 30))).unwrap();
    // Undo of the cancel finds the slot taken now.
    let refused = world.act(visit(1), Command::AppointmentRestore);
    assert_eq!(refused, Err(Refusal::SlotTaken { clash: Clash::Practitioner, by: visit(3) }));
}

#[test]
fn a_visit_cannot_end_before_it_starts_nor_be_for_nobody() {
    let mut world = World::open();
    assert_eq!(world.book(1, 1, slot(1, 1, (11, 0), (10, 0))), Err(Refusal::BadInterval));
    assert_eq!(world.book(1, 99, slot(1, 1, (10, 0), (11, 0))), Err(Refusal::PersonUnknown));
}

#[test]
fn a_no_show_waits_for_the_grace_and_a_late_patient_still_arrives() {
    let mut world = World::open();
    world.book(1, 1, slot(1, 1, (10, 0), (10, 30))).unwrap();
    let ten = noon().date_naive().and_hms_opt(3, 0, 0).unwrap().and_utc();
    let note = |world: &mut World, minutes| {
        world.act_as(anna(), 1, visit(1), Command::AppointmentNoShow, ten + Duration::minutes(minutes))
    };
    assert_eq!(note(&mut world, 5), Err(Refusal::TooEarly));
    note(&mut world, 15).unwrap();
    world.act(visit(1), Command::AppointmentArrive).unwrap();
    world.act(visit(1), Command::AppointmentCheckIn).unwrap();
    world.act(visit(1), Command::AppointmentFulfil).unwrap();
    let over = world.act(visit(1), Command::AppointmentCancel { reason: CancelReason::Clinic });
    assert_eq!(over, Err(Refusal::WrongStatus { status: AppointmentStatus::Fulfilled }));
}

#[test]
fn a_moved_visit_keeps_its_history_and_asks_for_a_new_confirmation() {
    let mut world = World::open();
    let first = slot(1, 1, (10, 0), (10, 30));
    world.book(1, 1, first.clone()).unwrap();
    world.act(visit(1), Command::AppointmentConfirm).unwrap();
    // It may overlap its own old place.
    world.act(visit(1), Command::AppointmentMove { slot: slot(1, 1, (10, 15), (10, 45)) }).unwrap();
    assert_eq!(world.visit(1).history[0].from, first);
    assert_eq!(world.visit(1).confirmed_at, None);
}

#[test]
fn an_edit_of_a_card_made_on_an_older_version_is_a_conflict() {
    let mut world = World::open();
    let stale = Action {
        id: ActionId::from_random([200; 16]),
        entity: person(1).into(),
        base_version: 1,
        actor: anna(),
        at: noon(),
        command: Command::PersonPut { source: PersonSource::DeskPhone },
    };
    world.act(person(1), Command::PersonPut { source: PersonSource::DeskPhone }).unwrap();
    let decided = domain::decide(&world.view(&stale), &stale, &Context { now: noon(), desk: desk(2) });
    assert_eq!(decided, Err(Refusal::ChangedMeanwhile { version: 2 }));
}

#[test]
fn the_receptionist_does_not_administer_and_the_dismissed_do_nothing() {
    let mut world = World::open();
    let hire = Command::StaffPut { staff: Staff { role: Role::Receptionist, active: true } };
    let newcomer = StaffId::from_random([3; 16]);
    assert_eq!(world.act(newcomer.clone(), hire.clone()), Err(Refusal::Forbidden));
    world.act_as(boris(), 1, newcomer, hire, noon()).unwrap();
    let dismiss = Command::StaffPut { staff: Staff { role: Role::Receptionist, active: false } };
    world.act_as(boris(), 1, anna(), dismiss, noon()).unwrap();
    assert_eq!(world.act(request_id(), Command::RequestClaim), Err(Refusal::Forbidden));
}

#[test]
fn a_clinic_is_founded_by_its_first_manager_and_nobody_else() {
    let mut world = World::default();
    let manager = Command::StaffPut { staff: Staff { role: Role::Manager, active: true } };
    assert_eq!(world.act_as(anna(), 1, boris(), manager.clone(), noon()), Err(Refusal::Forbidden));
    world.act_as(boris(), 1, boris(), manager.clone(), noon()).unwrap();
    assert_eq!(world.act_as(anna(), 1, anna(), manager, noon()), Err(Refusal::Forbidden), "the second founder");
}

proptest! {
    /// Whatever desks try, no two live visits ever meet on a doctor, a chair or a person.
    #[test]
    fn no_double_booking(tries in prop::collection::vec((1u8..=6, 1u8..=3, 1u8..=2, 1u8..=2, 0u32..16, 1u32..5, 0u8..6), 1..60)) {
        let mut world = World::open();
        for (n, who, doctor, chair, quarter, length, what) in tries {
            let start = wall(9, 0) + Duration::minutes(i64::from(quarter) * 15);
            let at = Slot { start, end: start + Duration::minutes(i64::from(length) * 15), ..slot(doctor, chair, (9, 0), (9, 0)) };
            let _ = match what {
                0 | 1 => world.book(n, who, at),
                2 => world.act(visit(n), Command::AppointmentMove { slot: at }),
                3 => world.act(visit(n), Command::AppointmentCancel { reason: CancelReason::Patient }),
                4 => world.act(visit(n), Command::AppointmentRestore),
                _ => world.act(visit(n), Command::AppointmentArrive),
            };
            let live: Vec<&Appointment> = world.entities.values().filter_map(|(_, s)| match s {
                State::Appointment(v) if v.status.occupies() => Some(v),
                _ => None,
            }).collect();
            for (i, a) in live.iter().enumerate() {
                for b in &live[i + 1..] {
                    let same = a.slot.practitioner == b.slot.practitioner || a.slot.chair == b.slot.chair || a.person == b.person;
                    prop_assert!(!(same && a.slot.meets(&b.slot)));
                }
            }
        }
    }
}

#[test]
fn wall_time_is_the_clinics() {
    assert_eq!(wall(10, 0).date(), NaiveDate::from_ymd_opt(2026, 11, 23).unwrap());
}
