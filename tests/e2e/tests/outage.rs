//! The gateway dies in the middle of the work, and then the desk: nothing that was shown as saved is lost, nothing is
//! done twice.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use domain::{
    State,
    request::{CallOutcome, Request, RequestStatus},
};
use e2e::{ESCAPE, RECEPTIONIST, Scene, Seen, Window};

const CALLERS: [(&str, &str); 3] = [
    ("Брусницына Капитолина", "8 (900) 611-20-31"),
    ("Дементьевский Онуфрий", "8 (900) 611-20-32"),
    ("Ёжикова-Лещинская Фаина", "8 (900) 611-20-33"),
];
const LATE: (&str, &str) = ("Полозовская Евдокия", "8 (900) 611-20-34");

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_gateway_and_a_dead_desk_lose_nothing_and_repeat_nothing() {
    let mut scene = Scene::set("outage").await;
    for (name, phone) in CALLERS {
        scene.post_callback(name, phone).await;
    }
    let window = scene.open_window().await;
    window.connect(&scene).await;
    window.sign_in(RECEPTIONIST).await;
    window.click("start-shift").await;
    window.says("brief-new", "3").await;
    window.click("nav-queue").await;
    window.settled().await;

    scene.kill_gateway();
    for (count, (name, _)) in (1..).zip(CALLERS) {
        nobody_answers(&window, name).await;
        window.has("sync-pill", "data-unsent", &format!("{count}")).await;
    }
    window.has("sync-pill", "data-link", "offline").await;
    window.picture("03-offline").await;

    // shown as saved, and the power goes at once
    let (last, _) = CALLERS[2];
    window.click_with("queue-row", last).await;
    window.says("request-card", last).await;
    window.click("request-claim").await;
    window.says("toast", "у вас в работе").await;
    window.kill();

    let window = scene.open_window().await;
    window.sign_in(RECEPTIONIST).await;
    window.has("sync-pill", "data-unsent", "4").await;
    window.click("sync-pill").await;
    window.first("[data-testid=\"outbox-row\"]:nth-of-type(4)").await;
    window.picture("04-outbox-after-the-cut").await;
    window.press(ESCAPE).await;
    window.gone("outbox").await;

    // a gateway that comes, dies again and comes for good
    scene.start_gateway().await;
    scene.kill_gateway();
    scene.start_gateway().await;
    window.settled().await;
    window.click("nav-queue").await;

    scene.post_callback(LATE.0, LATE.1).await;
    window.says("queue-row", LATE.0).await;
    window.picture("05-together-again").await;

    let seen = scene.observer().await.everything().await;
    for (name, _) in CALLERS {
        let request = request_of(&seen, name);
        assert_eq!(request.status, RequestStatus::RetryScheduled);
        let [attempt] = request.attempts.as_slice() else { panic!("{} calls, not one", request.attempts.len()) };
        assert_eq!((attempt.outcome, attempt.retracted), (CallOutcome::NoAnswer, false));
        assert_eq!(request.claim.is_some(), name == last);
    }
    scene.assert_no_trace_of(&seen);
    window.close().await;
    scene.assert_no_trace_of(&seen);
}

/// Logs a call that nobody answered, in two keys.
async fn nobody_answers(window: &Window, name: &str) {
    window.click_with("queue-row", name).await;
    window.says("request-card", name).await;
    window.press("c").await;
    window.find("call-dialog").await;
    window.press("2").await;
    window.gone("call-dialog").await;
    window.says("toast", "нет ответа").await;
    window.find("call-row").await;
}

fn request_of<'a>(seen: &'a [Seen], name: &str) -> &'a Request {
    let found = seen.iter().find_map(|seen| match &seen.state {
        State::Request(request) if seen.parts["main"]["name_raw"] == name => Some(request),
        _ => None,
    });
    found.expect("the caller's request")
}
