//! The policy on the clinic's site is watched by its text: a change is news for whoever answers for the data, and for nobody's
//! consent.

use std::sync::{Arc, Mutex};

use crate::common::{Clinic, MANAGER, RECEPTIONIST, comes, settled, sign_in};
use axum::{Router, http::StatusCode, response::Html, response::IntoResponse, routing::get};
use contract::ui::*;
use desk::Desk;
use tokio::net::TcpListener;

const DAY: i64 = 24 * 3600;

/// The clinic's site.
#[derive(Clone)]
struct Site {
    url: String,
    /// What it answers: a status, a type, a body.
    says: Arc<Mutex<(u16, &'static str, String)>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/policy", listener.local_addr().unwrap());
        let site =
            Self { url, says: Arc::new(Mutex::new((200, "text/html; charset=utf-8", page(1)))), asked: Arc::default() };
        let served = site.clone();
        let answer = move |headers: axum::http::HeaderMap| {
            let served = served.clone();
            async move {
                served.asked.lock().unwrap().push(format!("{headers:?}"));
                let (status, kind, body) = served.says.lock().unwrap().clone();
                let moved = [("location", "/elsewhere"), ("content-type", kind)];
                (StatusCode::from_u16(status).unwrap(), moved, body).into_response()
            }
        };
        let app = Router::new().route("/policy", get(answer)).route("/elsewhere", get(|| async { Html(page(9)) }));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        site
    }

    fn says(&self, status: u16, kind: &'static str, body: String) {
        *self.says.lock().unwrap() = (status, kind, body);
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

/// A policy of some words, with a menu that is another one each day.
fn page(edition: u32) -> String {
    let clauses: String =
        (1..30).map(|n| format!("<p>{n}. Администрация сайта хранит данные, пункт {n}.</p>")).collect();
    format!("<nav>Меню {}</nav><h1>Политика, редакция {edition}</h1>{clauses}", std::process::id())
}

/// A manager says where the policy is.
async fn sets(desk: &Desk, page: &str) -> Result<SettingsView, UiError> {
    let SettingsView { etag, mut clinic, .. } = desk.settings_view(Nothing {}).await.unwrap();
    clinic.requisites.policy_page = page.to_owned();
    desk.settings_clinic(ClinicArgs { etag, clinic, new_chairs: Vec::new() }).await
}

async fn view(desk: &Desk) -> PolicyView {
    desk.policy_view(Nothing {}).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_policy_is_news_until_somebody_has_read_it() {
    let (clinic, desk) = Clinic::founded().await;
    let site = Site::open().await;
    for wrong in ["http://clinic.example.ru/policy", "https://user:pass@clinic.example.ru/", "не адрес"] {
        assert_eq!(sets(&desk, wrong).await.unwrap_err().field.as_deref(), Some("policy_page"), "{wrong}");
    }
    assert_eq!(desk.policy_check(Nothing {}).await.unwrap_err().field.as_deref(), Some("policy_page"), "there is none");
    assert_eq!(sets(&desk, &site.url).await.unwrap().clinic.requisites.policy_page, site.url);

    // with the next sync it is looked at; the first text is nobody's news
    settled(&desk).await;
    let first =
        comes("the first version", async || Some(view(&desk).await).filter(|view| view.checked_at.is_some())).await;
    assert_eq!((first.versions.len(), first.unread, first.trouble), (1, None, None));
    for _ in 0..3 {
        settled(&desk).await;
    }
    assert_eq!(site.asked(), 1, "once in a day");
    let told = site.asked.lock().unwrap()[0].clone();
    assert!(!told.contains("authorization") && !told.contains("reception-desk-version"), "{told}");

    // another menu and other markup are no change, another word is
    site.says(200, "text/html", page(1).replace("<nav>", "<nav><b>Новое</b>").replace("<p>", "<div>\n"));
    clinic.clock.forward(DAY + 1);
    settled(&desk).await;
    sign_in(&desk, MANAGER).await;
    comes("the second look", async || (site.asked() == 2).then_some(())).await;
    assert_eq!(desk.policy_check(Nothing {}).await.unwrap().versions.len(), 1);
    site.says(200, "text/html", page(2));
    clinic.clock.forward(DAY + 1);
    settled(&desk).await;
    sign_in(&desk, MANAGER).await;
    let news = comes("the news", async || Some(view(&desk).await).filter(|view| view.unread.is_some())).await;
    assert_eq!(news.versions.len(), 2);
    assert_eq!((news.unread, &news.versions[0].read_at), (Some(news.versions[0].n), &None));
    assert_ne!(news.versions[0].sha256, news.versions[1].sha256);

    // it is not the counter's to say that it was read
    sign_in(&desk, RECEPTIONIST).await;
    assert_eq!(desk.policy_read(PolicyReadArgs { n: 2 }).await.unwrap_err().code, Code::Forbidden);
    sign_in(&desk, MANAGER).await;
    let read = desk.policy_read(PolicyReadArgs { n: news.versions[0].n }).await.unwrap();
    assert_eq!((read.unread, read.versions[0].read_by.is_empty()), (None, false));
    desk.close().await;
    let desk = clinic.desk().await;
    sign_in(&desk, MANAGER).await;
    assert_eq!(view(&desk).await.versions, read.versions, "it outlives the program");

    // the text that was there before comes back: that is news too
    site.says(200, "text/html", page(1));
    let back = desk.policy_check(Nothing {}).await.unwrap();
    assert_eq!((back.versions.len(), back.unread), (3, Some(back.versions[0].n)));
    assert_eq!(back.versions[0].sha256, back.versions[2].sha256);
    let day = chrono::Utc::now().date_naive();
    let args = AuditArgs { from: day.pred_opt().unwrap(), to: day + chrono::Days::new(9) };
    let seen = desk.audit_view(args).await.unwrap();
    for (verb, count) in [("policy.first_seen", 1), ("policy.changed", 2), ("policy.read", 1)] {
        assert!(seen.sums.iter().any(|sum| sum.verb == verb && sum.count == count), "{verb}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_no_change_and_is_said() {
    let (clinic, desk) = Clinic::founded().await;
    let site = Site::open().await;
    sets(&desk, &site.url).await.unwrap();
    // the desk's own first look is over, so that it does not come in between
    settled(&desk).await;
    comes("the first look", async || view(&desk).await.checked_at).await;
    let before = desk.policy_check(Nothing {}).await.unwrap();
    let html = "text/html; charset=utf-8";
    let mut since = None;
    for (status, kind, body, why) in [
        (404, html, page(3), PolicyTrouble::NoPage),
        (403, html, page(3), PolicyTrouble::NoPage),
        (500, html, page(3), PolicyTrouble::Unreachable),
        (302, html, page(3), PolicyTrouble::Moved),
        (200, html, "<h1>Проверка браузера</h1>".to_owned(), PolicyTrouble::NoText),
        (200, "image/png", page(3), PolicyTrouble::NoText),
        (200, html, "слово ".repeat(1 << 20), PolicyTrouble::TooLarge),
    ] {
        site.says(status, kind, body);
        clinic.clock.forward(5);
        let view = desk.policy_check(Nothing {}).await.unwrap();
        let failed = view.trouble.unwrap();
        assert_eq!((failed.why, view.unread, view.versions.len()), (why, None, 1), "{status} {kind}");
        assert_eq!(view.checked_at, before.checked_at);
        assert_eq!(*since.get_or_insert(failed.since), failed.since, "since the first try that failed");
    }
    site.says(200, html, page(1));
    let again = desk.policy_check(Nothing {}).await.unwrap();
    assert_eq!((again.trouble, again.versions.len(), again.unread), (None, 1, None));
    assert!(again.checked_at > before.checked_at);

    // a file is compared as it is; another page has versions of its own
    site.says(200, "application/pdf", "%PDF-1.7 политика".to_owned());
    assert_eq!(desk.policy_check(Nothing {}).await.unwrap().versions.len(), 2);
    sets(&desk, &format!("{}?lang=ru", site.url)).await.unwrap();
    let other = desk.policy_check(Nothing {}).await.unwrap();
    assert_eq!((other.versions.len(), other.unread), (1, None));
    // a site that is not there at all
    sets(&desk, "http://127.0.0.1:1/policy").await.unwrap();
    let gone = desk.policy_check(Nothing {}).await.unwrap();
    assert_eq!((gone.trouble.unwrap().why, gone.checked_at), (PolicyTrouble::Unreachable, None));
}
