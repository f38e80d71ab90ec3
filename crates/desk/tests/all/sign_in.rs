//! Who gets in, how long a wrong one waits, and when the desk locks itself.

use crate::common::{Clinic, MANAGER, RECEPTIONIST, name, settled, sign_in};
use contract::ui::*;
use desk::{Desk, DeskEvent, StaffDraft};
use domain::staff::Role;

async fn try_in(desk: &Desk, login: &str, secret: &str) -> UiError {
    desk.sign_in(SignInArgs { login: login.into(), secret: secret.into() }).await.expect_err("let in")
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_tries_cost_time_even_across_a_restart() {
    let (clinic, desk) = Clinic::founded().await;
    desk.lock(Nothing {}).await.unwrap();
    let unknown = try_in(&desk, "nobody", "2580").await;
    let wrong = try_in(&desk, RECEPTIONIST.0, "0852").await;
    assert_eq!(unknown, wrong, "an unknown login and a wrong secret look the same");
    assert_eq!(wrong, UiError::new(Code::WrongSecret));
    let third = try_in(&desk, RECEPTIONIST.0, "0852").await;
    assert_eq!((third.code, third.wait_seconds), (Code::TooManyTries, Some(5)));
    assert_eq!(try_in(&desk, RECEPTIONIST.0, RECEPTIONIST.1).await.code, Code::TooManyTries, "the right one waits too");
    desk.close().await;
    drop(desk);

    let desk = clinic.desk().await;
    assert_eq!(try_in(&desk, MANAGER.0, MANAGER.1).await.code, Code::TooManyTries, "a restart forgives nothing");
    clinic.clock.forward(6);
    assert_eq!(try_in(&desk, MANAGER.0, "x").await.wait_seconds, Some(10));
    clinic.clock.forward(11);
    let view = sign_in(&desk, (" VERA ", MANAGER.1)).await;
    assert_eq!(view.staff.map(|staff| staff.role), Some(Role::Manager));
    let verbs: Vec<_> = desk.audit_tail(100).await.unwrap().into_iter().map(|row| row.entry.verb).collect();
    assert_eq!(verbs.iter().filter(|verb| *verb == "desk.sign_in_failed").count(), 4);
    assert!(desk.audit_verify().await.unwrap().ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_desk_locks_and_a_touched_one_does_not() {
    let (clinic, desk) = Clinic::founded().await;
    sign_in(&desk, RECEPTIONIST).await;
    let mut events = desk.events();
    clinic.clock.forward(290);
    desk.touch(Nothing {}).await.unwrap();
    clinic.clock.forward(290);
    desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await.unwrap();
    clinic.clock.forward(11);
    let late = desk.queue_list(QueueArgs { filter: QueueFilter::Open }).await.unwrap_err();
    assert_eq!(late.code, Code::NotSignedIn, "reading again is no touch");
    let told = std::iter::from_fn(|| events.try_recv().ok()).any(|event| matches!(event, DeskEvent::Locked));
    assert!(told);
    assert_eq!(desk.touch(Nothing {}).await.unwrap_err().code, Code::NotSignedIn, "a touch does not unlock");
    assert_eq!(desk.app_view(Nothing {}).await.unwrap().phase, Phase::Locked);
    // the link goes on
    settled(&desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_is_out_with_the_next_command() {
    let (clinic, desk) = Clinic::founded().await;
    let code = desk.invite().await.unwrap();
    let second = clinic.desk_at(&clinic.dir.path().join("second"), "second").await;
    let join = ConnectArgs { gateway: clinic.url.clone(), code, desk_name: "Ресепшн 2".into() };
    second.connect(join).await.unwrap();
    settled(&second).await;
    let anna = sign_in(&second, RECEPTIONIST).await.staff.unwrap();
    let draft = |active, role| StaffDraft {
        id: Some(anna.id.clone()),
        name: name("Аннина", "Анна"),
        role,
        login: RECEPTIONIST.0.into(),
        secret: None,
        active,
    };
    desk.put_staff(draft(true, Role::Manager)).await.unwrap();
    settled(&desk).await;
    settled(&second).await;
    second.invite().await.expect("a new role holds at once");
    desk.put_staff(draft(false, Role::Receptionist)).await.unwrap();
    settled(&desk).await;
    settled(&second).await;
    let out = second.queue_list(QueueArgs { filter: QueueFilter::Open }).await.unwrap_err();
    assert_eq!(out.code, Code::NotSignedIn);
    assert_eq!(try_in(&second, RECEPTIONIST.0, RECEPTIONIST.1).await.code, Code::WrongSecret);

    let vera = desk.app_view(Nothing {}).await.unwrap().staff.unwrap();
    let last = StaffDraft {
        id: Some(vera.id),
        role: Role::Receptionist,
        login: MANAGER.0.into(),
        ..draft(true, Role::Receptionist)
    };
    assert_eq!(desk.put_staff(last).await.unwrap_err().field.as_deref(), Some("role"), "the last key stays in");
    let again =
        StaffDraft { id: None, login: "Vera".into(), secret: Some("1234".into()), ..draft(true, Role::Receptionist) };
    assert_eq!(desk.put_staff(again).await.unwrap_err().field.as_deref(), Some("login"), "a login is one person's");
}
