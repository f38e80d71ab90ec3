//! Every kind of paper with ordinary, empty, very long and hostile data.
//!
//! With `PROOF_DIR` set the papers are left there to be looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../tests/all/support/pdf.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod pdf;

use chrono::DateTime;
use minijinja::Value;
use serde_json::Value as Tree;

use super::{Press, family_tree};
use crate::drawing::{Mark, Place};
use crate::model::Document;
use crate::template::Template;
use crate::{FormKind, Paper, PaperRequest, data_mark, markdown};

fn request(kind: FormKind) -> PaperRequest {
    PaperRequest {
        paper_id: "ppr_01kar3q8w0v5t7zc9xj4m2n6pb".to_owned(),
        printed_at: DateTime::parse_from_rfc3339("2026-11-24T09:12:30+07:00").unwrap(),
        ..PaperRequest::example(kind)
    }
}

fn each_text(tree: &mut Tree, change: &impl Fn(&str) -> String) {
    match tree {
        Tree::String(text) => *text = change(text),
        Tree::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Tree::Object(fields) => fields.values_mut().for_each(|field| each_text(field, change)),
        _ => {}
    }
}

fn print(press: &Press, kind: FormKind, name: &str, change: impl Fn(&str) -> String) -> Paper {
    let request = request(kind);
    let mut tree = family_tree(&request).unwrap();
    each_text(&mut tree, &change);
    let template = Template::parse(kind.wording()).unwrap();
    let paper = press.print(&request, &template, tree).unwrap_or_else(|error| panic!("{kind} {name}: {error:?}"));
    pdf::leave(&format!("{kind}.{name}"), &paper.pdf);
    paper
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{AD}' && *c != '-').collect()
}

fn whole(paper: &Paper, what: &str) {
    pdf::check(&paper.pdf);
    for font in pdf::fonts(&paper.pdf) {
        assert!(font.embedded && font.subset && font.maps_to_unicode, "{what}: {font:?}");
    }
}

#[test]
fn ordinary_and_blank_papers_are_whole() {
    let press = Press::new().unwrap();
    for &kind in FormKind::ALL {
        let paper = print(&press, kind, "ordinary", str::to_owned);
        assert_eq!(paper.warnings, [], "{kind}");
        whole(&paper, kind.code());
        let blank = press.render(&PaperRequest { data: None, ..request(kind) }).unwrap();
        pdf::leave(&format!("{kind}.blank"), &blank.pdf);
        assert_eq!(blank.warnings, [], "{kind}");
        whole(&blank, kind.code());
        let text = pdf::running_text(&blank.pdf).to_lowercase();
        for word in ["null", "none", "undefined", "736", "956н", "{{", "{%", "[["] {
            assert!(!text.contains(word), "{kind}: «{word}» in {text}");
        }
    }
}

/// A line or a letter in the mark or at its edge makes it unreadable.
#[test]
fn nothing_is_drawn_where_machines_read() {
    const QUIET_MM: f32 = 1.0;
    let press = Press::new().unwrap();
    for kind in [FormKind::ConsentAdvertising, FormKind::JournalClaims, FormKind::GiftCard] {
        let request = request(kind);
        let template = Template::parse(kind.wording()).unwrap();
        let tree = super::with_roots(family_tree(&request).unwrap(), &request).unwrap();
        let blocks = markdown::read(&template.fill(&Value::from_serialize(&tree)).unwrap()).unwrap();
        let document = Document { title: template.title.clone(), setup: template.setup, blocks };
        let (letterhead, footer) = (super::letterhead(&request.clinic), super::footer(&template, &request));
        let mut drawing =
            crate::walk::walk(&press.lay_out(&document, &letterhead, &footer, &request).unwrap()).unwrap();
        let page = drawing.pages.first_mut().unwrap();
        let others = page.marks.len();
        data_mark::draw("ppr_01kar3q8w0v5t7zc9xj4m2n6pb-1", template.setup.format, page).unwrap();
        let (others, mark) = page.marks.split_at(others);
        let zone = bounds(mark.iter().flat_map(corners)).unwrap();
        let quiet = QUIET_MM / 25.4 * 72.0;
        for other in others.iter().filter(|mark| !matches!(mark, Mark::Outline(_))) {
            let Some((left, top, right, bottom)) = bounds(corners(other).into_iter()) else { continue };
            let apart =
                right < zone.0 - quiet || left > zone.2 + quiet || bottom < zone.1 - quiet || top > zone.3 + quiet;
            assert!(apart, "{kind}: {other:?} at {left} {top} {right} {bottom}, the mark at {zone:?}");
        }
    }
}

fn corners(mark: &Mark) -> Vec<Place> {
    match mark {
        Mark::Rule(rule) => vec![rule.from, rule.to],
        Mark::Area(area) => area.corners.clone(),
        Mark::Outline(outline) => outline.corners.clone(),
        Mark::Text(run) => {
            let width: f32 = run.glyphs.iter().map(|glyph| glyph.advance).sum::<f32>() * run.size / 1000.0;
            vec![run.start, Place { x: run.start.x + width, y: run.start.y - run.size }]
        }
    }
}

/// Left, top, right, bottom.
fn bounds(places: impl Iterator<Item = Place>) -> Option<(f32, f32, f32, f32)> {
    places
        .map(|place| (place.x, place.y, place.x, place.y))
        .reduce(|one, other| (one.0.min(other.0), one.1.min(other.1), one.2.max(other.2), one.3.max(other.3)))
}

/// A surname of sixty letters, direction marks, markup of every language on the way.
#[test]
fn long_and_hostile_values_are_only_text() {
    const SURNAME: &str = "Голенищевакутузовапржевальскаясеменоватяньшанскаяарсеньевабв";
    const HOSTILE: &str = "Али\u{202E}\u{200F} *Гусейн* оглы {{ x }} #panic(\"1\") | [x] <b>&amp;";
    assert_eq!(SURNAME.chars().count(), 60);
    let press = Press::new().unwrap();
    for &kind in FormKind::ALL {
        let paper = print(&press, kind, "hostile", |text| {
            if text.is_empty() { String::new() } else { format!("{SURNAME} {HOSTILE}") }
        });
        whole(&paper, kind.code());
        let text = squeezed(&pdf::reading_text(&paper.pdf));
        assert!(!text.contains(['\u{202E}', '\u{200F}']), "{kind}");
        assert!(text.contains("{{x}}") && text.contains("#panic"), "{kind}: {text}");
    }
}

#[test]
#[ignore = "long; for looking at the papers: PROOF_DIR=… cargo test -p documents --lib -- --ignored"]
fn three_hundred_characters_find_their_place() {
    let press = Press::new().unwrap();
    let long: String = "Абдурахмангаджиева Фатима-Зухра Нурмагомедовна ".repeat(7).chars().take(300).collect();
    for &kind in FormKind::ALL {
        let paper = print(&press, kind, "300", |text| if text.is_empty() { String::new() } else { long.clone() });
        whole(&paper, kind.code());
    }
}
