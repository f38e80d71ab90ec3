//! A short shift in the real window, from connecting the desk to asking the gateway what arrived.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use domain::{
    State,
    appointment::{Appointment, AppointmentStatus},
    person::Person,
    request::{CallOutcome, Request, RequestStatus},
};
use e2e::{
    CALLBACK, CERTIFICATE, CTRL_K, CTRL_L, DOCTOR, ESCAPE, FAMILY, RECEPTIONIST, Scene, Seen, TestPrinter, Window,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_from_the_nights_requests_to_a_signed_consent() {
    let scene = Scene::set("shift").await;
    let requests = scene.post_the_night().await;
    let window = scene.open_window().await;

    window.connect(&scene).await;
    window.sign_in(RECEPTIONIST).await;
    the_brief_counts_the_night(&window, requests).await;
    search_finds_the_visitor_however_typed(&window).await;
    the_request_is_claimed_called_and_booked(&window).await;
    the_certificate_shows_its_balance(&scene, &window).await;
    the_consent_goes_to_the_printer(&scene, &window).await;
    nothing_is_kept_in_the_page(&window).await;

    window.press(CTRL_L).await;
    window.find("sign-in-login").await;
    assert!(!window.shows("person-card").await, "a locked window shows nobody");
    window.picture("13-locked").await;

    let seen = scene.observer().await.everything().await;
    everything_arrived(&seen);
    scene.assert_no_trace_of(&seen);
    window.close().await;
    scene.assert_no_trace_of(&seen);
}

async fn the_brief_counts_the_night(window: &Window, requests: usize) {
    window.picture("03-before-shift").await;
    window.click("start-shift").await;
    window.find("shift-brief").await;
    window.settled().await;
    window.says("brief-new", &requests.to_string()).await;
    window.picture("04-brief").await;
}

async fn search_finds_the_visitor_however_typed(window: &Window) {
    // whole, by a part without ё, in the other layout, by the middle of the phone
    for typed in [FAMILY, "равлева-ясен", ";ehfdk`df", "4172863", "417-28"] {
        window.press(CTRL_K).await;
        window.fill("search-input", typed).await;
        window.says("search-hit", FAMILY).await;
        if typed == ";ehfdk`df" {
            window.says("search-shown-for", "журавлёва").await;
            window.picture("05-search-other-layout").await;
        }
        window.press(ESCAPE).await;
        window.gone("search-input").await;
    }
}

async fn the_request_is_claimed_called_and_booked(window: &Window) {
    window.click("nav-queue").await;
    window.click_with("queue-row", FAMILY).await;
    window.says("request-card", CALLBACK.name).await;
    window.picture("06-queue").await;
    window.click("request-claim").await;
    window.says("toast", "у вас в работе").await;

    // the outcome of a call in two keys
    window.press("c").await;
    window.find("call-dialog").await;
    window.picture("07-call").await;
    window.press("1").await;
    window.gone("call-dialog").await;
    window.find("call-row").await;

    window.press("b").await;
    window.find("booking-dialog").await;
    window.click("person-create").await;
    window.says("person-dialog", CALLBACK.name).await;
    window.fill("person-family", FAMILY).await;
    window.fill("person-given", "Ульяна").await;
    window.fill("person-patronymic", "Елисеевна").await;
    window.fill("person-birth", "14.03.1987").await;
    window.picture("08-person").await;
    window.click("person-save").await;
    window.gone("person-dialog").await;
    window.says("booking-chosen", FAMILY).await;
    window.click_on("[aria-label=\"Следующий день\"]").await;
    window.fill("booking-time", "11:30").await;
    window.says("booking-practitioner", DOCTOR).await;
    window.picture("09-booking").await;
    window.click("booking-save").await;
    window.gone("booking-dialog").await;
    window.settled().await;
}

async fn the_certificate_shows_its_balance(scene: &Scene, window: &Window) {
    window.click("nav-certificates").await;
    window.fill("certificate-code", &scene.certificate_code().to_lowercase()).await;
    window.click("certificate-find").await;
    let balance = window.says("certificate-balance", "000").await;
    assert!(balance.replace(|c: char| c.is_whitespace(), "").starts_with("7000"), "{balance}");
    window.says("certificate-card", CERTIFICATE.name).await;
    window.picture("10-certificate").await;
}

async fn the_consent_goes_to_the_printer(scene: &Scene, window: &Window) {
    window.press(CTRL_K).await;
    window.fill("search-input", "ясенецкая").await;
    window.click_on("[data-testid=\"search-hit\"][data-kind=\"person\"]").await;
    window.says("person-card", FAMILY).await;
    window.picture("11-person").await;
    window.click("person-print-consent").await;
    window.has("print-preview", "data-state", "shown").await;
    window.has("print-preview", "data-pages", "1").await;
    assert!(ink_of_the_preview(window).await > 5_000, "the preview is blank");
    window.picture("12-consent").await;

    let Some(printer) = TestPrinter::of_session() else {
        println!("no printer in this session: the paper is saved instead");
        window.click("print-save").await;
        window.says("toast", "Сохранено").await;
        window.press(ESCAPE).await;
        return;
    };
    let before = printer.papers();
    window.click("print-submit").await;
    window.says("toast", "Отправлено на").await;
    let paper = printer.next_after(before).await;
    assert!(paper.starts_with(b"%PDF-"), "the printer got something else than the paper");
    assert_eq!(scene.spooled(), Vec::<std::path::PathBuf>::new(), "a paper stays in the spool");
    window.settled().await;
}

/// How many dark pixels the first page has.
async fn ink_of_the_preview(window: &Window) -> u64 {
    let script = "const page = document.querySelector('[data-testid=\"print-preview\"] canvas');
        const { data } = page.getContext('2d').getImageData(0, 0, page.width, page.height);
        let ink = 0;
        for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 128 && data[at] < 96) ink++;
        return ink;";
    window.evaluate(script).await.as_u64().unwrap()
}

async fn nothing_is_kept_in_the_page(window: &Window) {
    let kept =
        window.evaluate("return JSON.stringify([localStorage, sessionStorage, document.title, location.href])").await;
    let kept = kept.as_str().unwrap();
    for personal in [FAMILY, "Ульяна", "417", "pochta.example"] {
        assert!(!kept.contains(personal), "{kept}");
    }
    let script = "return fetch('https://example.org/').then(() => 'fetched', () => 'refused')";
    assert_eq!(window.evaluate(script).await, "refused", "the page reached out");
}

fn everything_arrived(seen: &[Seen]) {
    let request = visitors_request(seen);
    assert_eq!(request.status, RequestStatus::Converted);
    let [attempt] = request.attempts.as_slice() else { panic!("one call, not {}", request.attempts.len()) };
    assert_eq!((attempt.outcome, attempt.retracted), (CallOutcome::Answered, false));

    let visit = request.appointment.as_ref().expect("the request leads to its visit");
    let visit = appointment(seen, visit.as_str());
    assert_eq!(visit.status, AppointmentStatus::Booked);
    assert_eq!(visit.slot.start.format("%H:%M").to_string(), "11:30");
    assert_eq!(request.person.as_ref(), Some(&visit.person));

    let person = person(seen, visit.person.as_str());
    assert_eq!(person.1["name"]["family"], FAMILY);
    if TestPrinter::of_session().is_some() {
        let [paper] = person.0.papers.as_slice() else { panic!("one paper, not {}", person.0.papers.len()) };
        assert_eq!((paper.form.as_str(), paper.copies), ("consent_pd", 1));
    }
}

fn visitors_request(seen: &[Seen]) -> &Request {
    let found = seen.iter().find_map(|seen| match &seen.state {
        State::Request(request) if seen.parts["main"]["name_raw"] == CALLBACK.name => Some(request),
        _ => None,
    });
    found.expect("the visitor's request")
}

fn appointment<'a>(seen: &'a [Seen], id: &str) -> &'a Appointment {
    let found = seen.iter().find(|seen| seen.id.as_str() == id);
    match found.map(|seen| &seen.state) {
        Some(State::Appointment(visit)) => visit,
        _ => panic!("no visit {id}"),
    }
}

fn person<'a>(seen: &'a [Seen], id: &str) -> (&'a Person, &'a serde_json::Value) {
    let found = seen.iter().find(|seen| seen.id.as_str() == id).expect("the person");
    match &found.state {
        State::Person(person) => (person, &found.parts["main"]),
        _ => panic!("no person {id}"),
    }
}
