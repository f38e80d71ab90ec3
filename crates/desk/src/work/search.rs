//! Search over people, requests and certificates, in whatever keyboard layout or alphabet it was typed.
//!
//! Invariant: what was searched for is never written anywhere; that somebody searched is.

use contract::ui::{HitKind, SearchArgs, SearchHit, SearchView};
use domain::{fold, phone, translit::transliterations};
use store::{Found, SearchQuery, SearchRow};

use super::{
    certificates::last4,
    scene::{Scene, masked},
};
use crate::{session::Seat, trouble::DeskError};

const MOST_HITS: u32 = 100;
/// Letters of a query that are looked at.
const LONGEST_QUERY: usize = 200;

/// Searches as typed; when nothing is found, as it would read in the other keyboard layout, and then in the letters of the
/// other alphabet.
pub(crate) async fn search(seat: &Seat, args: SearchArgs) -> Result<SearchView, DeskError> {
    let query: String = args.query.trim().chars().take(LONGEST_QUERY).collect();
    let limit = args.limit.clamp(1, MOST_HITS);
    if query.is_empty() {
        return Ok(SearchView { hits: Vec::new(), shown_for: None });
    }
    seat.searched().await?;
    let scene = Scene::of(seat).await?;
    let as_typed = hits(seat, &scene, &query, limit).await?;
    if !as_typed.is_empty() {
        return Ok(SearchView { hits: as_typed, shown_for: None });
    }
    for other in fold::other_layout(&query).into_iter().chain(transliterations(&query)) {
        let hits = hits(seat, &scene, &other, limit).await?;
        if !hits.is_empty() {
            return Ok(SearchView { hits, shown_for: Some(other) });
        }
    }
    Ok(SearchView { hits: Vec::new(), shown_for: None })
}

async fn hits(seat: &Seat, scene: &Scene, text: &str, limit: u32) -> Result<Vec<SearchHit>, DeskError> {
    // the digits may begin more than one way of writing a number: the likelier one first
    let mut variants: Vec<_> = phone::search_variants(text).into_iter().map(Some).collect();
    if variants.is_empty() {
        variants.push(None);
    }
    for digits in variants {
        let query = SearchQuery { folded: fold::fold(text), digits, code: fold::fold_code(text) };
        let rows = seat.open.store.search(&query, limit).await?;
        if !rows.is_empty() {
            return Ok(rows.iter().map(|row| hit(scene, row)).collect());
        }
    }
    Ok(Vec::new())
}

fn hit(scene: &Scene, row: &SearchRow) -> SearchHit {
    let blocked = match &row.found {
        Found::Person(person) => person.blocked,
        Found::Request(request) => request.blocked,
        Found::Certificate(certificate) => certificate.blocked,
    };
    let (kind, title, subtitle) = match &row.found {
        Found::Person(person) => {
            let born = person.personal.birth_date.map(|day| day.format("%d.%m.%Y").to_string());
            let phone = masked(person.personal.phones.first());
            // the name or the number that was typed may be the other card's
            let merged =
                if person.state.merges().next().is_some() { "карточки объединены" } else { "" };
            let subtitle = joined([phone, born.unwrap_or_default(), merged.to_owned()]);
            (HitKind::Person, person.personal.name.full(), subtitle)
        }
        Found::Request(request) => {
            let day = scene.wall(request.state.submitted_at).format("%d.%m.%Y %H:%M").to_string();
            let title = if request.personal.name_raw.is_empty() {
                "Без имени".to_owned()
            } else {
                request.personal.name_raw.clone()
            };
            (HitKind::Request, title, joined([masked(request.personal.phone.as_ref()), format!("заявка {day}")]))
        }
        Found::Certificate(certificate) => {
            let title = format!("Сертификат ••••{}", last4(&certificate.personal.code));
            let day = scene.wall(certificate.state.issued_at).format("%d.%m.%Y").to_string();
            (HitKind::Certificate, title, format!("выпущен {day}"))
        }
    };
    SearchHit { kind, id: row.id.clone(), title, subtitle, blocked }
}

fn joined<const N: usize>(parts: [String; N]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}
