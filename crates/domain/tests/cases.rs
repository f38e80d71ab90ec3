//! Cases: somebody turns to the clinic about their data or with a claim, and it is dealt with step by step.
#![allow(clippy::unwrap_used)]

use chrono::{DateTime, Duration, TimeZone, Utc};
use domain::{
    Action, ActionId, CaseId, Command, Context, DeskId, Refusal, StaffId, State, View,
    action::CaseCard,
    case::{Case, CaseKind, CaseMove, CaseNumber, CaseStatus},
    decide,
    person::Channel,
    staff::{Role, Staff},
};

struct Desk {
    view: View,
    now: DateTime<Utc>,
    made: u8,
    role: Role,
}

fn anna() -> StaffId {
    StaffId::from_random([1; 16])
}

fn boris() -> StaffId {
    StaffId::from_random([2; 16])
}

impl Desk {
    fn open() -> Self {
        let now = Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap();
        Self { view: View::default(), now, made: 0, role: Role::Receptionist }
    }

    fn action(&mut self, command: Command) -> Action {
        self.made += 1;
        let actor = if self.role == Role::Manager { boris() } else { anna() };
        self.view.actor = Some(Staff::new(self.role, true));
        Action {
            id: ActionId::from_random([self.made; 16]),
            entity: CaseId::from_random([7; 16]).into(),
            base_version: self.view.target_version,
            if_match: self.view.target.as_ref().and_then(State::etag).cloned(),
            actor,
            at: self.now,
            command,
        }
    }

    fn decide(&mut self, action: &Action) -> Result<Case, Refusal> {
        let ctx = Context { now: self.now, desk: DeskId::from_random([3; 16]) };
        let (_, state) = decide(&self.view, action, &ctx)?.remove(0);
        let State::Case(case) = state else { return Err(Refusal::WrongKind) };
        self.view.target = Some(State::Case(case.clone()));
        self.view.target_version += 1;
        Ok(case)
    }

    fn does(&mut self, command: Command) -> Result<Case, Refusal> {
        let action = self.action(command);
        self.decide(&action)
    }

    fn registers(&mut self, kind: CaseKind) -> Case {
        let received_at = self.now - Duration::hours(1);
        self.does(put(kind, received_at, 1)).unwrap()
    }

    fn steps(&mut self, role: Role, step: CaseMove) -> Result<Case, Refusal> {
        self.role = role;
        self.does(Command::CaseStep { step })
    }
}

fn put(kind: CaseKind, received_at: DateTime<Utc>, n: u32) -> Command {
    let case = CaseCard { kind, channel: Channel::Desk };
    Command::CasePut { case, number: CaseNumber { year: 2026, n }, received_at }
}

use CaseMove as M;
use Role::{Manager, Receptionist};

#[test]
fn a_request_for_access_goes_from_the_desk_to_the_answer_that_was_handed_over() {
    let mut desk = Desk::open();
    let case = desk.registers(CaseKind::Access);
    assert_eq!((case.status(), case.number.n, case.is_open()), (CaseStatus::Registered, 1, true));
    // nobody answers before it is known who asks
    let refused = Refusal::CaseAtAnotherStep { status: CaseStatus::Registered };
    assert_eq!(desk.steps(Receptionist, M::TakeUp), Err(refused.clone()));
    assert_eq!(desk.steps(Manager, M::Answer), Err(refused));
    for (role, step, status) in [
        (Receptionist, M::CheckIdentity, CaseStatus::IdentityChecked),
        (Receptionist, M::TakeUp, CaseStatus::InWork),
        (Manager, M::Extend, CaseStatus::Extended),
        (Manager, M::Answer, CaseStatus::Answered),
        (Receptionist, M::Deliver, CaseStatus::Delivered),
        (Manager, M::Close, CaseStatus::Closed),
    ] {
        assert_eq!(desk.steps(role, step).unwrap().status(), status);
    }
    let closed = desk.steps(Manager, M::Hold).unwrap();
    assert!(!closed.is_open() && closed.is_held(), "a court may take up what was closed");
}

#[test]
fn the_desk_registers_and_whoever_answers_for_the_data_answers() {
    let mut desk = Desk::open();
    desk.registers(CaseKind::Claim);
    desk.steps(Receptionist, M::TakeUp).unwrap();
    for step in [M::Answer, M::Refuse, M::Hold, M::Close] {
        assert_eq!(desk.steps(Receptionist, step), Err(Refusal::Forbidden), "{step:?}");
    }
    desk.steps(Manager, M::Refuse).unwrap();
    desk.steps(Receptionist, M::Deliver).unwrap();
}

#[test]
fn an_incident_is_told_first_looked_into_and_closed_when_everybody_was_told() {
    let mut desk = Desk::open();
    desk.registers(CaseKind::Incident);
    assert!(desk.steps(Manager, M::NotifySubjects).is_err(), "what happened is told to the authority first");
    desk.steps(Manager, M::FirstNotice).unwrap();
    desk.steps(Manager, M::NotifySubjects).unwrap();
    assert!(desk.steps(Manager, M::Close).is_err());
    assert!(desk.steps(Manager, M::Answer).is_err(), "an incident is not answered");
}

#[test]
fn an_incident_takes_its_whole_way() {
    let mut desk = Desk::open();
    desk.registers(CaseKind::Incident);
    for step in [M::FirstNotice, M::Inquire, M::SecondNotice, M::NotifySubjects, M::Close] {
        desk.steps(Manager, step).unwrap();
    }
}

#[test]
fn the_moment_and_the_number_of_the_first_time_stay_when_the_card_is_mended() {
    let mut desk = Desk::open();
    let first = desk.registers(CaseKind::Incident);
    let mended = desk.does(put(CaseKind::Claim, desk.now + Duration::days(3), 9)).unwrap();
    assert_eq!((mended.received_at, mended.number), (first.received_at, first.number));
    assert_eq!(mended.kind, CaseKind::Claim);
    desk.steps(Receptionist, M::TakeUp).unwrap();
    let later = desk.does(put(CaseKind::Access, first.received_at, 1)).unwrap();
    assert_eq!(later.kind, CaseKind::Claim, "steps were taken as a claim");
}

#[test]
fn a_case_is_read_back_as_it_was_written() {
    let mut desk = Desk::open();
    desk.registers(CaseKind::ClaimMoney);
    desk.steps(Receptionist, M::TakeUp).unwrap();
    let written = desk.view.target.clone().unwrap();
    let text = serde_json::to_string(&written).unwrap();
    assert_eq!(serde_json::from_str::<State>(&text).unwrap(), written);
}

#[test]
fn nothing_came_later_than_it_was_written_down() {
    let mut desk = Desk::open();
    let case = desk.does(put(CaseKind::Claim, desk.now + Duration::days(3), 1)).unwrap();
    assert_eq!(case.received_at, desk.now);
}

#[test]
fn two_desks_mend_one_card_and_the_second_sees_it() {
    let mut desk = Desk::open();
    desk.registers(CaseKind::Claim);
    let received = desk.now;
    let slow = desk.action(put(CaseKind::ClaimMoney, received, 1));
    desk.does(put(CaseKind::Claim, received, 1)).unwrap();
    assert_eq!(desk.decide(&slow), Err(Refusal::ChangedMeanwhile { version: 2 }));
    // a step is no reason for a conflict
    let edit = desk.action(put(CaseKind::ClaimMoney, received, 1));
    desk.steps(Receptionist, M::TakeUp).unwrap();
    assert!(desk.decide(&edit).is_ok());
}

#[test]
fn a_step_by_mistake_is_taken_back_by_whoever_did_it_or_a_manager() {
    let mut desk = Desk::open();
    desk.registers(CaseKind::Claim);
    desk.steps(Receptionist, M::TakeUp).unwrap();
    let answered = desk.steps(Manager, M::Answer).unwrap();
    let step = answered.steps.last().unwrap().id.clone();
    desk.role = Receptionist;
    assert_eq!(desk.does(Command::CaseRetract { step: step.clone() }), Err(Refusal::Forbidden));
    desk.role = Manager;
    let first = answered.steps[0].id.clone();
    assert!(desk.does(Command::CaseRetract { step: first }).is_err(), "only the last one");
    assert_eq!(desk.does(Command::CaseRetract { step }).unwrap().status(), CaseStatus::InWork);
}

#[test]
fn a_step_that_comes_twice_is_taken_once() {
    let mut desk = Desk::open();
    desk.registers(CaseKind::Access);
    let action = desk.action(Command::CaseStep { step: M::CheckIdentity });
    desk.decide(&action).unwrap();
    assert_eq!(desk.decide(&action).unwrap().steps.len(), 1);
}

#[test]
fn a_hold_of_a_court_is_set_and_lifted_and_leaves_the_case_where_it_is() {
    let mut desk = Desk::open();
    desk.registers(CaseKind::Claim);
    assert!(desk.steps(Manager, M::Release).is_err());
    let held = desk.steps(Manager, M::Hold).unwrap();
    assert_eq!((held.is_held(), held.status()), (true, CaseStatus::Registered));
    assert!(desk.steps(Manager, M::Hold).is_err());
    assert!(!desk.steps(Manager, M::Release).unwrap().is_held());
}

#[test]
fn every_move_that_is_offered_is_taken_and_no_other() {
    for kind in CaseKind::ALL {
        let mut desk = Desk::open();
        let mut case = desk.registers(kind);
        for _ in 0..8 {
            let offered = case.moves();
            for step in M::ALL {
                let before = desk.view.clone();
                assert_eq!(desk.steps(Manager, step).is_ok(), offered.contains(&step), "{kind:?} {step:?}");
                desk.view = before;
            }
            let Some(next) = offered.into_iter().find(|step| step.status().is_some()) else { break };
            case = desk.steps(Manager, next).unwrap();
        }
        assert!(!case.is_open(), "{kind:?} comes to an end");
    }
}
