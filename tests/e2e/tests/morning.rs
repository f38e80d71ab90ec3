//! A morning in the real window by keyboard alone: twenty callbacks, a search in the wrong layout, a lock on the way.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use domain::{
    State,
    request::{CallOutcome, RequestStatus},
};
use e2e::{CTRL_K, CTRL_L, ENTER, F3, RECEPTIONIST, Scene, TAB, Window};

const CALLS: usize = 20;
/// Looks at the screen before the key is pressed again.
const PATIENCE: usize = 50;
/// What «щербатова» is when nobody has looked at the layout.
const WRONG_LAYOUT: &str = "oth,fnjdf";

#[tokio::test(flavor = "multi_thread")]
async fn twenty_callbacks_are_called_without_a_hand_on_the_mouse() {
    let scene = Scene::set("morning").await;
    for n in 1..CALLS {
        scene.post_callback(&format!("Утренний Гость {n}"), &format!("8 (900) 700-10-{n:02}")).await;
    }
    scene.post_callback("Щербатова Капитолина", "8 (900) 700-20-20").await;
    let window = scene.open_window().await;
    window.connect(&scene).await;
    window.sign_in(RECEPTIONIST).await;
    window.settled().await;

    window.press(F3).await;
    rows(&window, CALLS).await;
    for left in (0..CALLS).rev() {
        to_the_next_new_one(&window).await;
        // taken, and nobody answered: with the time that is suggested
        window.press("w").await;
        chosen_is(&window, "assigned").await;
        window.press("c").await;
        window.find("call-dialog").await;
        window.press("2").await;
        window.gone("call-dialog").await;
        called(&window, CALLS - left).await;
    }
    window.picture("03-all-called").await;

    // somebody calls back: found in the wrong layout, and opened
    window.press(CTRL_K).await;
    window.find("search-input").await;
    window.press(WRONG_LAYOUT).await;
    window.says("search-shown-for", "щербатова").await;
    window.says("search-hit", "Щербатова").await;
    window.press(ENTER).await;
    window.gone("search-input").await;
    window.says("request-card", "Щербатова").await;
    let place = chosen(&window).await;

    // called away: the desk is locked, shows nobody, and comes back to the same request
    window.press(CTRL_L).await;
    window.find("sign-in-login").await;
    assert!(!window.shows("queue-row").await && !window.shows("request-card").await, "a locked window shows nobody");
    let (login, secret) = RECEPTIONIST;
    window.press(&format!("{login}{TAB}{secret}{ENTER}")).await;
    window.says("request-card", "Щербатова").await;
    assert_eq!(chosen(&window).await, place, "another place than before the lock");
    window.settled().await;

    let seen = scene.observer().await.everything().await;
    let requests: Vec<_> = seen
        .iter()
        .filter_map(|seen| match &seen.state {
            State::Request(request) => Some(request),
            _ => None,
        })
        .collect();
    assert_eq!(requests.len(), CALLS);
    for request in requests {
        assert_eq!(request.status, RequestStatus::RetryScheduled);
        let [call] = request.attempts.as_slice() else { panic!("{} calls instead of one", request.attempts.len()) };
        assert_eq!((call.outcome, call.retracted), (CallOutcome::NoAnswer, false));
    }
    scene.assert_no_trace_of(&seen);
    window.close().await;
}

const ROWS: &str = "const rows = [...document.querySelectorAll('[data-testid=queue-row]')];";

async fn ask(window: &Window, script: &str) -> serde_json::Value {
    window.evaluate(&format!("{ROWS} {script}")).await
}

async fn rows(window: &Window, wanted: usize) {
    e2e::until("the rows of the queue", async || {
        (ask(window, "return rows.length").await.as_u64()? == wanted as u64).then_some(())
    })
    .await;
}

async fn called(window: &Window, wanted: usize) {
    e2e::until("the calls are on the screen", async || {
        let new = ask(window, "return rows.filter((row) => row.dataset.status === 'retry_scheduled').length").await;
        (new.as_u64()? == wanted as u64).then_some(())
    })
    .await;
}

async fn chosen(window: &Window) -> String {
    e2e::until("a row is chosen", async || {
        let id = ask(window, "return rows.find((row) => row.ariaSelected === 'true')?.dataset.request ?? null").await;
        id.as_str().map(str::to_owned)
    })
    .await
}

async fn chosen_is(window: &Window, status: &str) {
    e2e::until("the chosen request changes", async || {
        let now = ask(window, "return rows.find((row) => row.ariaSelected === 'true')?.dataset.status ?? null").await;
        (now == status).then_some(())
    })
    .await;
}

/// By the key for the next one, which after a call leads to the next by its time.
async fn to_the_next_new_one(window: &Window) {
    let script = "const row = rows.find((row) => row.ariaSelected === 'true');
        return [row?.dataset.request ?? '', row?.dataset.status ?? ''].join(' ');";
    for _ in 0..2 * CALLS {
        let now = ask(window, script).await;
        if now.as_str().is_some_and(|now| now.ends_with(" new")) {
            return;
        }
        window.press("j").await;
        for _ in 0..PATIENCE {
            if ask(window, script).await != now {
                break;
            }
        }
    }
    panic!("no new request is reached");
}
