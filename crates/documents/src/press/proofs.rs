//! Every kind of paper with ordinary, empty, very long and hostile data.
//!
//! With `PROOF_DIR` set the papers are left there to be looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../tests/support/pdf.rs"]
#[allow(dead_code)]
mod pdf;

use std::path::PathBuf;

use chrono::DateTime;
use serde_json::Value as Tree;

use super::{Press, family_tree};
use crate::template::Template;
use crate::{FormKind, Paper, PaperRequest};

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
    leave(kind, name, &paper);
    paper
}

fn leave(kind: FormKind, name: &str, paper: &Paper) {
    if let Some(folder) = std::env::var_os("PROOF_DIR").map(PathBuf::from) {
        std::fs::write(folder.join(format!("{kind}.{name}.pdf")), &paper.pdf).unwrap();
    }
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
        leave(kind, "blank", &blank);
        assert_eq!(blank.warnings, [], "{kind}");
        whole(&blank, kind.code());
        let text = pdf::running_text(&blank.pdf).to_lowercase();
        for word in ["null", "none", "undefined", "736", "956н", "{{", "{%", "[["] {
            assert!(!text.contains(word), "{kind}: «{word}» in {text}");
        }
    }
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
