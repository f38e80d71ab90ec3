//! The commands that work at a connected desk.

use std::time::Duration;

use contract::ui::{HitKind, Link, SearchArgs};
use desk::Desk;

use crate::{
    Ending, Who,
    opening::sign_in,
    words::{self, Failure},
};

/// A sync from this program takes no longer.
const SYNC_LIMIT: Duration = Duration::from_secs(300);

/// A line on the terminal.
#[allow(clippy::print_stdout, reason = "the terminal is this program's window")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

pub(crate) async fn invite(desk: &Desk, who: &Who) -> Result<Ending, Failure> {
    sign_in(desk, who).await?;
    let code = desk.invite().await?;
    say(&code);
    say("Код действует сутки и впускает одно рабочее место: receptionctl setup --gateway … --code …");
    Ok(Ending::Good)
}

pub(crate) async fn sync(desk: &Desk) -> Result<Ending, Failure> {
    let view = desk.sync(SYNC_LIMIT).await?;
    say(&words::of_sync(&view));
    let done = view.link == Link::Online && view.unsent == 0;
    Ok(if done && view.refused == 0 { Ending::Good } else { Ending::Bad })
}

pub(crate) async fn search(desk: &Desk, who: &Who, query: String, limit: u32) -> Result<Ending, Failure> {
    sign_in(desk, who).await?;
    let view = desk.search(SearchArgs { query, limit }).await?;
    if let Some(other) = &view.shown_for {
        say(&format!("Показано для «{other}»"));
    }
    for hit in &view.hits {
        let kind = match hit.kind {
            HitKind::Person => "человек",
            HitKind::Request => "заявка",
            HitKind::Certificate => "сертификат",
        };
        say(&format!("{}\t{kind}\t{}\t{}", hit.id, hit.title, hit.subtitle));
    }
    if view.hits.is_empty() {
        say("Ничего не найдено.");
        return Ok(Ending::Bad);
    }
    Ok(Ending::Good)
}

pub(crate) async fn audit_verify(desk: &Desk, who: &Who) -> Result<Ending, Failure> {
    sign_in(desk, who).await?;
    let report = desk.audit_verify().await?;
    if report.ok {
        say(&format!("Журнал цел: записей {}, последняя {}", report.rows, report.head));
        return Ok(Ending::Good);
    }
    let place = report.first_bad.map_or_else(String::new, |n| format!(", первая негодная запись {n}"));
    say(&format!(
        "Журнал нарушен: записей {}{place}. Сохраните папку рабочего места и сообщите ответственному.",
        report.rows
    ));
    Ok(Ending::Bad)
}
