//! Stories of the one rule: what a desk may do, and what is refused with which reason.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};
use domain::{
    Action, ActionId, AppointmentId, CertificateId, ChairId, ClinicId, Command, Context, DeskId, EntityRef, Kopecks,
    PersonId, PractitionerId, Refusal, RequestId, StaffId, State, View,
    appointment::{Appointment, AppointmentStatus, CancelReason, Slot},
    case::EraseGround,
    certificate::{Certificate, CertificateOrigin, CertificateStatus, LedgerEntry, LedgerKind},
    clinic::{Clinic, Practice, Requisites},
    decide::Clash,
    hours::OpeningHours,
    person::{
        BlockGround, BlockRequester, Channel, Consent, ConsentAnswer, ConsentKind, ConsentStatus, LiftGround, Person,
        PersonSource,
    },
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
fn certificate() -> CertificateId {
    CertificateId::from_random([8; 16])
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
            services: Vec::new(),
            recovery: Vec::new(),
            etag: None,
        };
        world.set(ClinicId::from_random([9; 16]).into(), State::Clinic(clinic));
        world.set(anna().into(), State::Staff(Staff::new(Role::Receptionist, true)));
        world.set(boris().into(), State::Staff(Staff::new(Role::Manager, true)));
        for n in 1..=3 {
            world.set(person(n).into(), State::Person(Person::new(PersonSource::DeskPhone, noon())));
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
        let request = match &action.command {
            Command::AppointmentBook { request, .. } => request.clone().and_then(|request| of(&request.into())),
            _ => None,
        };
        let target = of(&action.entity);
        let person = action.person(target.as_ref()).and_then(|person| of(&person.clone().into()));
        View {
            target,
            target_version: self.entities.get(&action.entity).map_or(0, |(v, _)| *v),
            request: request.and_then(|s| if let State::Request(r) = s { Some(r) } else { None }),
            person: person.and_then(|state| if let State::Person(person) = state { Some(person) } else { None }),
            linked: self.linked(action),
            neighbours,
            holds: self.holds(),
            clinic: of(&ClinicId::from_random([9; 16]).into())
                .and_then(|s| if let State::Clinic(c) = s { Some(c) } else { None }),
            actor: of(&action.actor.clone().into()).and_then(|s| if let State::Staff(s) = s { Some(s) } else { None }),
            unfounded: !self.entities.values().any(|(_, s)| matches!(s, State::Staff(_))),
        }
    }

    fn holds(&self) -> Vec<ActionId> {
        let of_case = |state: &State| match state {
            State::Case(case) => case.hold().map(|step| step.id.clone()),
            _ => None,
        };
        self.entities.values().filter_map(|(_, state)| of_case(state)).collect()
    }

    /// Everybody who is linked by merges with the person whom the action is about, or with the other card.
    fn linked(&self, action: &Action) -> Vec<(PersonId, Person)> {
        let target = self.entities.get(&action.entity).map(|(_, state)| state);
        let mut found: Vec<(PersonId, Person)> = Vec::new();
        let card = |id: &EntityRef| match self.entities.get(id) {
            Some((_, State::Person(card))) => Some(card.clone()),
            _ => None,
        };
        let of_action = action.person(target).map(|id| id.clone().into());
        let mut cards: Vec<Person> =
            of_action.into_iter().chain([action.entity.clone()]).filter_map(|id| card(&id)).collect();
        while let Some(next) = cards.pop() {
            for other in next.merges().map(|link| link.other.clone()) {
                if let (false, Some(other_card)) =
                    (found.iter().any(|(id, _)| *id == other), card(&other.clone().into()))
                {
                    found.push((other, other_card.clone()));
                    cards.push(other_card);
                }
            }
        }
        found
    }

    fn merge(&mut self, other: u8, into: u8) -> Result<ActionId, Refusal> {
        let other_etag = self.person(other).etag.clone();
        self.act(person(into), Command::PersonMerge { other: person(other), other_etag })
    }

    fn part(&mut self, merge: &ActionId, other: u8, from: u8) -> Result<ActionId, Refusal> {
        self.act(person(from), Command::PersonUnmerge { merge: merge.clone(), other: person(other) })
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
        let if_match = self.entities.get(&entity).and_then(|(_, state)| state.etag().cloned());
        let action = Action { id: id.clone(), entity, base_version, if_match, actor, at: now, command };
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

    fn person(&self, n: u8) -> &Person {
        match &self.entities[&person(n).into()].1 {
            State::Person(person) => person,
            _ => panic!("not a person"),
        }
    }

    fn certificate(&self) -> &Certificate {
        match &self.entities[&certificate().into()].1 {
            State::Certificate(certificate) => certificate,
            _ => panic!("not a certificate"),
        }
    }

    /// Sold for 5000 roubles, good for a year.
    fn sell(&mut self) {
        let amount = Kopecks::roubles(5000);
        let sale = LedgerEntry { action: None, at: noon(), kind: LedgerKind::Sale, amount, staff: None, of: None };
        let sold = Certificate {
            origin: CertificateOrigin::Paid,
            face_value: amount,
            issued_at: noon(),
            expires_on: Some((noon() + Duration::days(365)).date_naive()),
            blocked: false,
            revoked_at: None,
            refund_requested_at: None,
            ledger: vec![sale],
            request: None,
        };
        self.set(certificate().into(), State::Certificate(sold));
    }

    fn senior(&mut self, entity: impl Into<EntityRef>, command: Command) -> Result<ActionId, Refusal> {
        self.act_as(boris(), 1, entity, command, noon())
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
fn a_step_of_a_visit_is_taken_back_within_minutes_to_where_it_was() {
    let mut world = World::open();
    world.book(1, 1, slot(1, 1, (10, 0), (10, 30))).unwrap();
    let at = |world: &mut World, minutes, command| {
        world.act_as(anna(), 1, visit(1), command, noon() + Duration::minutes(minutes)).map(|_| ())
    };
    let refused = |status| Err(Refusal::WrongStatus { status });
    assert_eq!(at(&mut world, 0, Command::AppointmentUndo), refused(AppointmentStatus::Booked), "nothing to take back");
    at(&mut world, 0, Command::AppointmentConfirm).unwrap();
    at(&mut world, 1, Command::AppointmentUndo).unwrap();
    assert_eq!(world.visit(1).confirmed_at, None);
    for command in [Command::AppointmentArrive, Command::AppointmentCheckIn, Command::AppointmentFulfil] {
        at(&mut world, 2, command).unwrap();
    }
    at(&mut world, 17, Command::AppointmentUndo).unwrap();
    assert_eq!(world.visit(1).status, AppointmentStatus::CheckedIn);
    assert_eq!(at(&mut world, 17, Command::AppointmentUndo), refused(AppointmentStatus::CheckedIn), "one step only");
    at(&mut world, 20, Command::AppointmentFulfil).unwrap();
    assert_eq!(at(&mut world, 36, Command::AppointmentUndo), refused(AppointmentStatus::Fulfilled), "too late");

    world.book(2, 2, slot(1, 1, (11, 0), (11, 30))).unwrap();
    world.act(visit(2), Command::AppointmentCancel { reason: CancelReason::Patient }).unwrap();
    world.book(3, 3, slot(1, 1, (11, 0), (11, 30))).unwrap();
    let taken = Err(Refusal::SlotTaken { clash: Clash::Practitioner, by: visit(3) });
    assert_eq!(world.act(visit(2), Command::AppointmentUndo), taken);
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
fn an_edit_of_a_card_that_another_edit_has_written_is_a_conflict() {
    let mut world = World::open();
    let stale = Action {
        id: ActionId::from_random([200; 16]),
        entity: person(1).into(),
        base_version: 1,
        if_match: None,
        actor: anna(),
        at: noon(),
        command: Command::PersonPut { source: PersonSource::DeskPhone },
    };
    world.act(person(1), Command::PersonPut { source: PersonSource::DeskPhone }).unwrap();
    let decided = domain::decide(&world.view(&stale), &stale, &Context { now: noon(), desk: desk(2) });
    assert_eq!(decided, Err(Refusal::ChangedMeanwhile { version: 2 }));
}

fn block(ground: BlockGround) -> Command {
    Command::PersonBlock { requester: BlockRequester::Subject, ground }
}

#[test]
fn a_blocked_person_is_not_called_nor_booked_and_time_frees_nobody() {
    let mut world = World::open();
    world.act(request_id(), Command::RequestLinkPerson { person: person(1) }).unwrap();
    world.book(1, 1, slot(1, 1, (10, 0), (11, 0))).unwrap();
    let first = world.act(person(1), block(BlockGround::Unreliable)).unwrap();
    let second = world.act(person(1), block(BlockGround::Dispute)).unwrap();

    let next_year = noon() + Duration::days(400);
    assert_eq!(world.act_as(anna(), 1, request_id(), Command::RequestClaim, next_year), Err(Refusal::PersonBlocked));
    assert_eq!(world.book(2, 1, slot(1, 1, (12, 0), (13, 0))), Err(Refusal::PersonBlocked));
    let later = slot(1, 1, (15, 0), (16, 0));
    assert_eq!(world.act(visit(1), Command::AppointmentMove { slot: later }), Err(Refusal::PersonBlocked));
    assert_eq!(world.act(visit(1), Command::AppointmentConfirm), Err(Refusal::PersonBlocked));
    // what has happened is written down, and what stands in the way of others can go
    world.act(request_id(), Command::RequestLogCall { outcome: CallOutcome::Answered, next_try_at: None }).unwrap();
    world.act(visit(1), Command::AppointmentCancel { reason: CancelReason::Patient }).unwrap();
    // mending the card is for whoever checks it, and does not lift a block
    let mend = Command::PersonPut { source: PersonSource::DeskPhone };
    assert_eq!(world.act(person(1), mend.clone()), Err(Refusal::PersonBlocked));
    world.senior(person(1), mend).unwrap();
    assert!(world.person(1).is_blocked());

    let lift = |block: &ActionId| Command::PersonUnblock { block: Some(block.clone()), ground: LiftGround::Rectified };
    assert_eq!(world.act(person(1), lift(&first)), Err(Refusal::Forbidden), "not at the counter");
    world.senior(person(1), lift(&first)).unwrap();
    assert!(world.person(1).is_blocked(), "the other one still holds");
    assert_eq!(world.senior(person(1), lift(&first)), Err(Refusal::NoSuchBlock));
    world.senior(person(1), lift(&second)).unwrap();
    world.book(2, 1, slot(1, 1, (12, 0), (13, 0))).unwrap();
}

#[test]
fn two_cards_of_one_person_are_merged_and_parted_again() {
    let mut world = World::open();
    world.act(person(1), Command::PersonPut { source: PersonSource::Site }).unwrap();
    world.act(person(2), Command::PersonPut { source: PersonSource::DeskPhone }).unwrap();
    let other_as_it_was = world.person(2).clone();
    let merge = world.merge(2, 1).unwrap();
    assert_eq!(world.person(2).replaced_by(), Some(&person(1)));
    assert_eq!(world.person(1).etag.as_ref(), Some(&merge), "the card was written anew");
    assert_eq!(world.person(2).etag, other_as_it_was.etag, "and the other one was not");

    // nobody sits in two chairs, on whichever card they were booked
    world.book(1, 1, slot(1, 1, (10, 0), (11, 0))).unwrap();
    let taken = Refusal::SlotTaken { clash: Clash::Person, by: visit(1) };
    assert_eq!(world.book(2, 2, slot(2, 2, (10, 30), (11, 30))), Err(taken));

    world.part(&merge, 2, 1).unwrap();
    assert_eq!(world.person(2).replaced_by(), None);
    assert_eq!(world.part(&merge, 2, 1), Err(Refusal::NoSuchMerge), "once");
    world.book(2, 2, slot(2, 2, (10, 30), (11, 30))).unwrap();
    world.merge(2, 1).unwrap();
}

#[test]
fn of_merges_made_at_once_one_holds_and_every_card_keeps_one_survivor() {
    let mut world = World::open();
    assert_eq!(world.merge(1, 1), Err(Refusal::SameCard));
    let first = world.merge(2, 1).unwrap();
    // the other desk did not know: the other way round, into a third one, and a third one into it
    assert_eq!(world.merge(1, 2), Err(Refusal::CardMerged));
    assert_eq!(world.merge(2, 3), Err(Refusal::CardMerged));
    assert_eq!(world.merge(3, 2), Err(Refusal::CardMerged));
    // the survivor goes on into a third one: a chain, and no ring
    let second = world.merge(1, 3).unwrap();
    assert_eq!(world.merge(3, 2), Err(Refusal::CardMerged));
    world.part(&first, 2, 1).unwrap();
    world.part(&second, 1, 3).unwrap();

    // whoever compared what is not there any more compares again
    world.act(person(2), Command::PersonPut { source: PersonSource::Site }).unwrap();
    let stale = Command::PersonMerge { other: person(2), other_etag: None };
    assert!(matches!(world.act(person(1), stale), Err(Refusal::ChangedMeanwhile { .. })));
    // a card whose survivor was erased stands by itself
    world.merge(2, 1).unwrap();
    world.entities.remove(&person(1).into());
    world.merge(2, 3).unwrap();
}

#[test]
fn somebody_blocked_is_not_merged_and_a_block_covers_both_cards_of_a_merge() {
    let mut world = World::open();
    let merge = world.merge(2, 1).unwrap();
    // by a desk that did not know of the merge
    let laid = world.act(person(2), block(BlockGround::Dispute)).unwrap();
    assert_eq!(world.book(1, 1, slot(1, 1, (10, 0), (11, 0))), Err(Refusal::PersonBlocked));
    world.act(request_id(), Command::RequestLinkPerson { person: person(1) }).unwrap();
    assert_eq!(world.act(request_id(), Command::RequestClaim), Err(Refusal::PersonBlocked));
    assert_eq!(world.merge(3, 1), Err(Refusal::PersonBlocked));
    assert_eq!(world.merge(1, 3), Err(Refusal::PersonBlocked));
    assert_eq!(world.part(&merge, 2, 1), Err(Refusal::PersonBlocked), "a block is not shaken off so");

    let lift = Command::PersonUnblock { block: Some(laid), ground: LiftGround::Mistake };
    world.senior(person(2), lift).unwrap();
    world.part(&merge, 2, 1).unwrap();
    world.act(person(2), block(BlockGround::Dispute)).unwrap();
    world.book(1, 1, slot(1, 1, (10, 0), (11, 0))).unwrap();
    assert_eq!(world.merge(2, 1), Err(Refusal::PersonBlocked));
    assert_eq!(world.merge(1, 2), Err(Refusal::PersonBlocked));
}

#[test]
fn a_certificate_is_sold_at_the_desk_and_taken_back_on_the_same_day_if_nobody_used_it() {
    let mut world = World::open();
    let last = (noon() + Duration::days(365)).date_naive();
    let issue = |roubles, expires_on| Command::CertificateIssue { face_value: Kopecks::roubles(roubles), expires_on };
    assert_eq!(world.act(certificate(), issue(0, None)), Err(Refusal::BadAmount));
    assert_eq!(world.act(certificate(), issue(50_000_000, None)), Err(Refusal::BadAmount));
    let yesterday = noon().date_naive() - Duration::days(1);
    assert_eq!(world.act(certificate(), issue(5000, Some(yesterday))), Err(Refusal::BadDate));
    let sale = world.act(certificate(), issue(5000, Some(last))).unwrap();
    assert_eq!(world.act(certificate(), issue(5000, Some(last))), Err(Refusal::AlreadyExists));
    let sold = world.certificate();
    assert_eq!((sold.balance(), sold.ledger.len()), (Kopecks::roubles(5000), 1));
    assert_eq!(sold.ledger[0].staff, Some(anna()));

    let spent = world.act(certificate(), Command::CertificateRedeem { amount: Kopecks::roubles(1000) }).unwrap();
    let take_back = |of: &ActionId| Command::CertificateReverse { redemption: of.clone() };
    assert_eq!(world.senior(certificate(), take_back(&sale)), Err(Refusal::NoSuchRedemption), "it was used");
    world.senior(certificate(), take_back(&spent)).unwrap();
    assert_eq!(world.senior(certificate(), take_back(&sale)), Err(Refusal::NoSuchRedemption), "and so it stays");

    world.entities.remove(&certificate().into());
    let sale = world.act(certificate(), issue(5000, None)).unwrap();
    assert_eq!(world.act(certificate(), take_back(&sale)), Err(Refusal::Forbidden), "not at the counter");
    let tomorrow = noon() + Duration::days(1);
    assert_eq!(world.act_as(boris(), 1, certificate(), take_back(&sale), tomorrow), Err(Refusal::TooLate));
    world.senior(certificate(), take_back(&sale)).unwrap();
    assert_eq!(world.certificate().status(noon().date_naive()), CertificateStatus::Refunded);
}

#[test]
fn what_is_in_use_is_erased_on_demand_alone_and_what_counts_money_or_answers_never() {
    let mut world = World::open();
    world.act(request_id(), Command::RequestLinkPerson { person: person(1) }).unwrap();
    world.book(1, 1, slot(1, 1, (10, 0), (11, 0))).unwrap();
    let erase = |ground| Command::Erase { ground, holds_seen: Default::default() };
    let term = || erase(EraseGround::TermOver);
    assert_eq!(world.act(person(2), term()), Err(Refusal::Forbidden), "not at the counter");
    assert_eq!(world.senior(request_id(), term()), Err(Refusal::RequestOpen));
    assert_eq!(
        world.senior(visit(1), term()),
        Err(Refusal::WrongStatus { status: AppointmentStatus::Booked }),
        "it is yet to come"
    );
    world.senior(visit(1), erase(EraseGround::Demanded)).unwrap();
    world.act(request_id(), Command::RequestClose { reason: CloseReason::Answered }).unwrap();
    world.act(person(1), block(BlockGround::Dispute)).unwrap();
    // while it is checked nothing of it goes by time
    assert_eq!(world.senior(request_id(), term()), Err(Refusal::PersonBlocked));
    assert_eq!(world.senior(person(1), term()), Err(Refusal::PersonBlocked));
    world.senior(person(1), erase(EraseGround::Unlawful)).unwrap();
    world.senior(person(2), term()).unwrap();
    let issue = Command::CertificateIssue { face_value: Kopecks::roubles(5000), expires_on: None };
    world.act(certificate(), issue).unwrap();
    let money = world.certificate().balance();
    assert_eq!(world.senior(certificate(), erase(EraseGround::Demanded)), Err(Refusal::MoneyOwed));
    world.act(certificate(), Command::CertificateRedeem { amount: money }).unwrap();
    world.senior(certificate(), term()).unwrap();
    for never in [ClinicId::from_random([9; 16]).into(), EntityRef::from(anna())] {
        assert_eq!(world.senior(never, erase(EraseGround::Demanded)), Err(Refusal::WrongKind));
    }
    assert_eq!(world.senior(person(3), erase(EraseGround::Unknown)), Err(Refusal::Unknown));
}

#[test]
fn whoever_answers_for_the_data_takes_no_money_and_a_senior_does_not_look_behind_a_block() {
    use domain::staff::Permission as P;
    let may = |role: Role| {
        [P::RedeemCertificates, P::CorrectCertificates, P::UnblockPeople, P::DestroyData, P::Administer]
            .map(|what| role.may(what))
    };
    assert_eq!(may(Role::Receptionist), [true, false, false, false, false]);
    assert_eq!(may(Role::Senior), [true, true, false, false, false]);
    assert_eq!(may(Role::Responsible), [false, false, true, true, false]);
    assert_eq!(may(Role::Manager), [true; 5]);
}

#[test]
fn the_latest_word_on_a_consent_counts_whenever_it_is_written_down() {
    let mut world = World::open();
    let today = noon().date_naive();
    let mut says = |answer, days_ago, valid_days: Option<i64>| {
        let said_at = noon() - Duration::days(days_ago);
        let valid_until = valid_days.map(|days| today + Duration::days(days));
        let (kind, channel) = (ConsentKind::Advertising, Channel::Paper);
        let consent = Consent { kind, answer, said_at, channel, text_sha256: None, paper: None, valid_until };
        world.act(person(1), Command::PersonRecordConsent { consent }).unwrap();
        world.person(1).consent_status(ConsentKind::Advertising, today)
    };
    assert_eq!(says(ConsentAnswer::Given, 30, None), ConsentStatus::Given);
    assert_eq!(says(ConsentAnswer::Withdrawn, 10, None), ConsentStatus::Withdrawn);
    assert_eq!(says(ConsentAnswer::Given, 20, None), ConsentStatus::Withdrawn, "an older paper found later");
    assert_eq!(says(ConsentAnswer::Given, 10, None), ConsentStatus::Withdrawn, "at the same moment the no counts");
    assert_eq!(says(ConsentAnswer::Given, 5, Some(-1)), ConsentStatus::Expired);
    assert_eq!(says(ConsentAnswer::Given, -3, Some(0)), ConsentStatus::Given, "a clock ahead: as of now");
    assert_eq!(says(ConsentAnswer::Refused, 0, None), ConsentStatus::Refused);
    assert_eq!(world.person(1).consent_status(ConsentKind::Newsletter, today), ConsentStatus::Unknown);
}

#[test]
fn a_redemption_by_mistake_is_reversed_by_a_senior_on_its_own_day() {
    let mut world = World::open();
    world.sell();
    let redeem = |roubles| Command::CertificateRedeem { amount: Kopecks::roubles(roubles) };
    let spent = world.act(certificate(), redeem(3000)).unwrap();
    let left = Kopecks::roubles(2000);
    assert_eq!(world.act(certificate(), redeem(3000)), Err(Refusal::BalanceTooLow { balance: left }));
    let reverse = Command::CertificateReverse { redemption: spent.clone() };
    assert_eq!(world.act(certificate(), reverse.clone()), Err(Refusal::Forbidden));
    let tomorrow = noon() + Duration::days(1);
    assert_eq!(world.act_as(boris(), 1, certificate(), reverse.clone(), tomorrow), Err(Refusal::TooLate));
    world.senior(certificate(), reverse.clone()).unwrap();
    assert_eq!(world.certificate().balance(), Kopecks::roubles(5000));
    assert_eq!(world.senior(certificate(), reverse), Err(Refusal::NoSuchRedemption), "once");
}

#[test]
fn an_expired_certificate_is_extended_or_paid_back_and_never_forfeited() {
    let mut world = World::open();
    world.sell();
    let late = noon() + Duration::days(400);
    let redeem = Command::CertificateRedeem { amount: Kopecks::roubles(1000) };
    assert_eq!(world.act_as(anna(), 1, certificate(), redeem.clone(), late), Err(Refusal::CertificateExpired));
    let until = |days: i64| Command::CertificateExtend { expires_on: (noon() + Duration::days(days)).date_naive() };
    assert_eq!(world.senior(certificate(), until(100)), Err(Refusal::BadDate), "never shortened");
    world.senior(certificate(), until(500)).unwrap();
    world.act_as(anna(), 1, certificate(), redeem.clone(), late).unwrap();

    let refund = |roubles| Command::CertificateRefund { amount: Kopecks::roubles(roubles) };
    assert_eq!(world.senior(certificate(), refund(4000)), Err(Refusal::RefundNotRequested));
    world.senior(certificate(), Command::CertificateRequestRefund).unwrap();
    assert_eq!(world.act_as(anna(), 1, certificate(), redeem, late), Err(Refusal::RefundRequested));
    assert_eq!(world.certificate().status(late.date_naive()), CertificateStatus::RefundRequested);
    world.senior(certificate(), refund(1500)).unwrap();
    assert_eq!(world.certificate().status(late.date_naive()), CertificateStatus::RefundRequested, "a part is owed");
    world.senior(certificate(), refund(2500)).unwrap();
    assert_eq!(world.certificate().status(late.date_naive()), CertificateStatus::Refunded);
}

#[test]
fn what_the_site_took_back_is_not_spent() {
    let mut world = World::open();
    world.sell();
    let revoked = Certificate { revoked_at: Some(noon()), ..world.certificate().clone() };
    world.set(certificate().into(), State::Certificate(revoked));
    let redeem = Command::CertificateRedeem { amount: Kopecks(1) };
    assert_eq!(world.act(certificate(), redeem), Err(Refusal::CertificateBlocked));
}

#[test]
fn the_receptionist_does_not_administer_and_the_dismissed_do_nothing() {
    let mut world = World::open();
    let hire = Command::StaffPut { staff: Staff::new(Role::Receptionist, true) };
    let newcomer = StaffId::from_random([3; 16]);
    assert_eq!(world.act(newcomer.clone(), hire.clone()), Err(Refusal::Forbidden));
    world.act_as(boris(), 1, newcomer, hire, noon()).unwrap();
    let dismiss = Command::StaffPut { staff: Staff::new(Role::Receptionist, false) };
    world.act_as(boris(), 1, anna(), dismiss, noon()).unwrap();
    assert_eq!(world.act(request_id(), Command::RequestClaim), Err(Refusal::Forbidden));
}

#[test]
fn a_clinic_is_founded_by_its_first_manager_and_nobody_else() {
    let mut world = World::default();
    let manager = Command::StaffPut { staff: Staff::new(Role::Manager, true) };
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

    /// Whatever desks try, a certificate never owes less than nothing nor more than was paid, and its ledger only grows.
    #[test]
    fn no_certificate_is_overdrawn(tries in prop::collection::vec((0u8..9, 1i64..400_000, 0i64..3, 0usize..8), 1..60)) {
        let mut world = World::open();
        world.sell();
        let mut spent = vec![ActionId::from_random([0xee; 16])];
        for (what, amount, day, which) in tries {
            let amount = Kopecks(amount);
            let command = match what {
                0..=2 => Command::CertificateRedeem { amount },
                3 => Command::CertificateReverse { redemption: spent[which % spent.len()].clone() },
                4 => Command::CertificateRequestRefund,
                5 => Command::CertificateRefund { amount },
                6 => Command::CertificateKeep,
                7 => Command::CertificateBlock,
                _ => Command::CertificateUnblock,
            };
            let before = world.certificate().ledger.clone();
            let did = world.act_as(boris(), 1, certificate(), command, noon() + Duration::days(day));
            let now = world.certificate();
            prop_assert!(now.ledger.starts_with(&before));
            prop_assert!((0..=now.face_value.0).contains(&now.balance().0));
            if let (0..=2, Ok(id)) = (what, did) {
                spent.push(id);
            }
        }
    }
}

#[test]
fn wall_time_is_the_clinics() {
    assert_eq!(wall(10, 0).date(), NaiveDate::from_ymd_opt(2026, 11, 23).unwrap());
}
