//! What other programs see in a paper: poppler and qpdf are asked, not our own writer.

use std::io::Write;
use std::process::{Command, Output};

use tempfile::NamedTempFile;

fn ask(program: &str, arguments: &[&str], pdf: &[u8], after: &[&str]) -> Output {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    Command::new(program)
        .args(arguments)
        .arg(file.path())
        .args(after)
        .output()
        .unwrap_or_else(|error| panic!("`{program}` is needed for this test: {error}"))
}

fn said(program: &str, output: Output) -> String {
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Leaves a paper in the folder `PROOF_DIR`, if there is one, to be looked at.
pub(crate) fn leave(name: &str, pdf: &[u8]) {
    if let Some(folder) = std::env::var_os("PROOF_DIR") {
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.pdf")), pdf).unwrap();
    }
}

/// The text as `pdftotext -layout` gives it.
pub(crate) fn layout_text(pdf: &[u8]) -> String {
    said("pdftotext", ask("pdftotext", &["-layout"], pdf, &["-"]))
}

/// The text in the order it stands in the file: what a screen reader reads.
pub(crate) fn reading_text(pdf: &[u8]) -> String {
    said("pdftotext", ask("pdftotext", &["-raw"], pdf, &["-"]))
}

/// The text as one line: hyphenated words joined, no-break spaces and line ends plain spaces.
pub(crate) fn running_text(pdf: &[u8]) -> String {
    let text = layout_text(pdf);
    // a soft hyphen ends a line inside a word, a plain one stays in it
    let mut joined = String::with_capacity(text.len());
    for line in text.lines().map(str::trim) {
        match line.strip_suffix('\u{AD}') {
            Some(begun) => joined.push_str(begun),
            None => joined.push_str(line),
        }
        if !line.ends_with(['\u{AD}', '-']) {
            joined.push(' ');
        }
    }
    joined.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Fails unless qpdf finds the file whole.
pub(crate) fn check(pdf: &[u8]) {
    let report = said("qpdf", ask("qpdf", &["--check"], pdf, &[]));
    assert!(report.contains("No syntax or stream encoding errors"), "{report}");
}

/// A font of the file as `pdffonts` lists it.
#[derive(Debug)]
pub(crate) struct FontRow {
    pub(crate) name: String,
    pub(crate) embedded: bool,
    pub(crate) subset: bool,
    pub(crate) maps_to_unicode: bool,
}

pub(crate) fn fonts(pdf: &[u8]) -> Vec<FontRow> {
    let table = said("pdffonts", ask("pdffonts", &[], pdf, &[]));
    table
        .lines()
        .skip(2)
        .map(|line| {
            // the last columns are: emb, sub, uni, object, generation
            let columns: Vec<&str> = line.split_whitespace().collect();
            let from_end = |back: usize| columns[columns.len() - back] == "yes";
            FontRow {
                name: columns[0].to_owned(),
                embedded: from_end(5),
                subset: from_end(4),
                maps_to_unicode: from_end(3),
            }
        })
        .collect()
}

/// The description of the file as `pdfinfo` prints it.
pub(crate) fn info(pdf: &[u8]) -> String {
    said("pdfinfo", ask("pdfinfo", &[], pdf, &[]))
}
