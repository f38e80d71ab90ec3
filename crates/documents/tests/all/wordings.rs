//! Every wording says what it must, and the check notices each item that is taken away.

use std::path::PathBuf;

use chrono::NaiveDate;
use documents::{Complaint, FormKind, Item, PaperRequest, What, check, items, words};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

fn filled(kind: FormKind, wording: &str) -> String {
    words(&PaperRequest::example(kind), wording).unwrap()
}

fn blank(kind: FormKind, wording: &str) -> String {
    words(&PaperRequest { data: None, ..PaperRequest::example(kind) }, wording).unwrap()
}

#[test]
fn every_wording_in_force_is_without_complaints() {
    for &kind in FormKind::ALL {
        let complaints = check(kind, kind.wording(), today());
        let shown: Vec<String> = complaints.iter().map(|c| format!("{}: {}", c.line, c.what)).collect();
        assert!(complaints.is_empty(), "{kind}: {shown:?}");
    }
}

/// The words of each paper, every mandatory item under its mark, filled and blank.
/// `GOLDEN=write cargo test -p documents` writes them anew, to be read before they are committed.
#[test]
fn the_words_of_every_paper_are_those_that_were_read() {
    for &kind in FormKind::ALL {
        let said = format!("{}\n=== пустой бланк ===\n{}", filled(kind, kind.wording()), blank(kind, kind.wording()));
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{kind}.txt"));
        if std::env::var_os("GOLDEN").is_some() {
            std::fs::write(&path, &said).unwrap();
        }
        let read = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(said == read, "{kind}: other words than in {}", path.display());
    }
}

/// The wording without the words of one item: from its mark to the next mark or the end of the line.
fn without(wording: &str, item: &Item) -> String {
    let mark = format!("[[{}]]", item.code);
    let mut out = String::new();
    for line in wording.split_inclusive('\n') {
        let Some((before, rest)) = line.split_once(&mark) else {
            out.push_str(line);
            continue;
        };
        let end = rest.find("[[").unwrap_or_else(|| rest.trim_end_matches('\n').len());
        // a row keeps its dash and its bars, a heading its hashes: the line stays what it was
        out.push_str(before);
        out.push_str(&"|".repeat(rest[..end].matches('|').count()));
        out.push_str(&rest[end..]);
    }
    out
}

#[test]
fn the_check_notices_each_item_that_is_taken_away() {
    let mut taken = 0;
    for &kind in FormKind::ALL {
        for item in items(kind) {
            let wording = without(kind.wording(), item);
            let complaints = check(kind, &wording, today());
            let missed = complaints.iter().any(|complaint| match &complaint.what {
                What::MissingItem { item: missing, .. } => *missing == item.code,
                _ => false,
            });
            assert!(missed, "{kind}: [[{}]] is gone and nobody says so: {complaints:?}", item.code);
            taken += 1;
        }
    }
    assert!(taken > 400, "{taken}");
}

#[test]
fn a_mark_without_words_is_not_an_item() {
    for &kind in FormKind::ALL {
        let Some(item) = items(kind).iter().find(|item| item.code == "term" || item.code == "signature") else {
            continue;
        };
        let mark = format!("[[{}]]", item.code);
        let line = kind.wording().lines().find(|line| line.contains(&mark)).unwrap();
        let (before, _) = line.split_once(&mark).unwrap();
        let wording = kind
            .wording()
            .replacen(line, &format!("{before}{mark}"), 1)
            .replace(&format!("{mark}\n"), &format!("{mark}\n\n"));
        let complaints = check(kind, &wording, today());
        assert!(
            complaints.iter().any(|c| c.what == What::EmptyItem { item: item.code.clone() }),
            "{kind}: {complaints:?}"
        );
    }
}

/// A consent with one line changed.
fn changed(from: &str, to: &str) -> Vec<Complaint> {
    let wording = FormKind::ConsentPd.wording();
    assert!(wording.contains(from), "{from}");
    check(FormKind::ConsentPd, &wording.replacen(from, to, 1), today())
}

fn line_of(words: &str) -> usize {
    FormKind::ConsentPd.wording().lines().position(|line| line.contains(words)).unwrap() + 1
}

#[test]
fn complaints_are_at_their_place() {
    let line = line_of("9. **Подпись.**");
    let at = |column, what| vec![Complaint { line, column: Some(column), what }];
    let put = |words: &str| changed("9. **Подпись.**", &format!("9. {words} **Подпись.**"));
    let act = |complaints: Vec<Complaint>| {
        let [complaint] = complaints.as_slice() else { panic!("{complaints:?}") };
        assert_eq!((complaint.line, complaint.column), (line, Some(6)));
        complaint.what.to_string()
    };
    assert!(act(put("№ 736")).contains("№ 659"), "the successor is named");
    assert!(act(put("№ 956н")).contains("956н"));
    let field = |field: &str| What::UnknownField { field: field.into() };
    assert_eq!(put("{{ person.passport }}"), at(4, field("person.passport")));
    assert_eq!(put("{% if person.age %}{% endif %}"), at(4, field("person.age")));
    assert_eq!(put("{{ person }}"), at(4, What::NotAText { field: "person".into() }));
    assert_eq!(put("[x] да"), at(4, What::TickedBox));
    assert_eq!(put("[х] да"), at(4, What::TickedBox), "the Cyrillic letter too");
    assert_eq!(put("[[stamp]] печать"), at(4, What::UnknownItem { item: "stamp".into() }));
    assert_eq!(put("{% if clinic.inn %}"), at(4, What::Unclosed { what: "if".into() }));
    assert_eq!(put("{% endfor %}"), at(4, What::Unopened { what: "endfor".into() }));
    assert_eq!(put("{{ clinic.inn"), at(4, What::Unclosed { what: "{{".into() }));
    assert_eq!(put("{% for x in clinic.inn %}{% endfor %}"), at(4, What::NotAList { field: "clinic.inn".into() }));
    let whole = |what| vec![Complaint { line, column: None, what }];
    assert_eq!(put("бессрочно"), whole(What::ForbiddenWords { words: "бессрочно".into() }));
}

#[test]
fn a_template_is_never_code() {
    for code in [
        "{% set x = 1 %}",
        "{% include 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{{ clinic.inn | safe }}",
        "{{ range(9) }}",
        "{{ clinic['inn'] }}",
        "{{ 1 + 1 }}",
        "{% if clinic.inn == '1' %}{% endif %}",
        "{% for x in clinic.processors recursive %}{% endfor %}",
        "{% do x %}",
    ] {
        let complaints = changed("9. **Подпись.**", &format!("9. {code} **Подпись.**"));
        assert!(
            complaints.iter().any(|c| matches!(c.what, What::NotAllowed { .. } | What::UnknownField { .. })),
            "{code}: {complaints:?}"
        );
    }
}

#[test]
fn the_frame_of_a_template_is_checked() {
    let says = |from: &str, to: &str, what: What| {
        let complaints = changed(from, to);
        assert!(complaints.iter().any(|c| c.what == what), "{to:?}: {complaints:?}");
    };
    says("revision: 2", "revision: второй", What::BadValue { key: "revision".into() });
    says("revision: 2\n", "", What::FrontMatter);
    says("revision: 2", "revision: 2\ncolour: red", What::UnknownKey { key: "colour".into() });
    says("::note", "::notice", What::UnknownDirective { name: "notice".into() });
    says("- date | [[signed_date]]", "- seal | [[signed_date]]", What::BadRow);
    says("- [[subject_address]] Адрес |", "[[subject_address]] Адрес |", What::BadRow);
    let unclosed = What::Unclosed { what: "::fields".into() };
    says("::end\n", "", unclosed);
    let operator = What::ItemWithoutField { item: "operator".into(), field: "clinic.address".into() };
    let wording = FormKind::ConsentPd.wording().replace("{{ clinic.address }}", "");
    assert!(check(FormKind::ConsentPd, &wording, today()).iter().any(|c| c.what == operator));
    assert!(matches!(check(FormKind::ConsentPd, "СОГЛАСИЕ", today())[..], [Complaint { what: What::FrontMatter, .. }]));
}

#[test]
fn an_act_that_ends_makes_its_papers_complain() {
    let later = NaiveDate::from_ymd_opt(2028, 3, 1).unwrap();
    for kind in [FormKind::InterventionConsent, FormKind::InterventionRefusal] {
        let complaints = check(kind, kind.wording(), later);
        assert!(complaints.iter().any(|c| matches!(c.what, What::ActNotInForce { .. })), "{kind}: {complaints:?}");
    }
    assert_eq!(check(FormKind::ConsentPd, FormKind::ConsentPd.wording(), later), []);
}

/// Whatever line an editor drops: either somebody complains or the paper can be made.
#[test]
fn a_template_without_complaints_can_be_printed() {
    for &kind in FormKind::ALL {
        let lines: Vec<&str> = kind.wording().lines().collect();
        for dropped in 0..lines.len() {
            let kept: Vec<&str> =
                lines.iter().enumerate().filter(|(place, _)| *place != dropped).map(|(_, line)| *line).collect();
            let wording = kept.join("\n") + "\n";
            if check(kind, &wording, today()).is_empty() {
                let _ = (filled(kind, &wording), blank(kind, &wording));
            }
        }
    }
}
