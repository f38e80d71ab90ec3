//! The clinic's own PDF files with the desk's fields on them, and sheets that come back from a scanner.

use std::{fs, process::Command};

use crate::support::pdf;
use documents::{
    FormKind, OwnPdf, PaperError, PaperRequest, PaperWarning, Press, ScanTrouble, Stamp, Unfit, pages, pages_as_pdf,
    read_marks, stamp,
};

fn field(page: u32, y_mm: f32, width_mm: f32, field: &str) -> Stamp {
    Stamp { page, x_mm: 30.0, y_mm, width_mm, size_pt: 11.0, field: field.to_owned() }
}

/// A contract as a lawyer sends it: two pages of somebody else's.
fn contract(press: &Press) -> Vec<u8> {
    let long = PaperRequest { data: None, ..crate::support::named("Пример") };
    press.render(&PaperRequest { kind: FormKind::SubjectAnswer, ..PaperRequest { data: None, ..long } }).unwrap().pdf
}

#[test]
fn a_contract_of_the_clinics_own_gets_the_name_the_mark_and_stays_itself() {
    let press = Press::new().unwrap();
    let file = contract(&press);
    let sizes = pages(&file).unwrap();
    assert!(sizes.iter().all(|page| (page.width_mm - 210.0).abs() < 1.0), "{sizes:?}");
    let stamps = [
        field(1, 150.0, 120.0, "person.full_name"),
        field(1, 160.0, 60.0, "person.birth_date.digits"),
        field(1, 170.0, 60.0, "printed.words"),
    ];
    let own =
        OwnPdf { title: "Договор на протезирование", revision: 3, pdf: &file, stamps: &stamps };
    let paper = stamp(&own, &crate::support::request()).unwrap();
    pdf::leave("own.contract", &paper.pdf);
    pdf::check(&paper.pdf);
    assert_eq!((paper.pages, paper.revision, paper.warnings.len()), (sizes.len(), 3, 0));
    let text = pdf::reading_text(&paper.pdf);
    for said in ["Ёлкина Мария Сергеевна", "14.03.1987", "23 ноября 2026 г.", "ред. 3", &paper.text_sha256[..12]]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    // what the lawyer wrote is all there
    let before = pdf::reading_text(&file);
    let line = before.lines().find(|line| line.chars().count() > 30).unwrap();
    assert!(text.contains(line), "{line}: {text}");
    assert!(pdf::fonts(&paper.pdf).iter().all(|font| font.embedded));
    assert!(pdf::info(&paper.pdf).contains("Договор на протезирование"));
    // the same again, byte by byte; another place of a field is another text to sign
    assert_eq!(paper.pdf, stamp(&own, &crate::support::request()).unwrap().pdf);
    let moved = [field(1, 151.0, 120.0, "person.full_name")];
    assert_ne!(OwnPdf { stamps: &moved, ..own }.sha256().unwrap(), own.sha256().unwrap());
    // and every page bears the mark
    let marks = read_marks(&paper.pdf).unwrap();
    let mark = format!("{}-3", crate::support::request().paper_id);
    assert!(marks.iter().all(|read| read.as_deref() == Some(&mark)), "{marks:?}");
}

#[test]
fn a_long_name_is_set_smaller_then_cut_and_never_in_silence() {
    let press = Press::new().unwrap();
    let file = contract(&press);
    let stamps = [field(1, 150.0, 80.0, "person.full_name")];
    let own = OwnPdf { title: "Договор", revision: 1, pdf: &file, stamps: &stamps };
    let fits = stamp(&own, &crate::support::named("Салтыкова-Щедрина Александра Константиновна")).unwrap();
    assert!(pdf::reading_text(&fits.pdf).contains("Салтыкова-Щедрина Александра Константиновна"));
    assert_eq!(fits.warnings, []);
    let cut = stamp(&own, &crate::support::named(&crate::support::long_name())).unwrap();
    assert!(
        matches!(&cut.warnings[..], [PaperWarning::CharactersDropped { field, .. }] if field == "person.full_name")
    );
    assert!(pdf::reading_text(&cut.pdf).contains('…'));
    let hostile = stamp(&own, &crate::support::named("Иван\u{202E}ов {{ x }} <b>")).unwrap();
    assert!(pdf::reading_text(&hostile.pdf).contains("Иванов {{ x }} <b>"));
    let blank = stamp(&own, &crate::support::blank()).unwrap();
    pdf::check(&blank.pdf);
}

/// Runs a program on a file and gives the other file that it wrote.
fn made(program: &str, before: &[&str], file: &[u8], to: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let (from, out) = (dir.path().join("from.pdf"), dir.path().join(to));
    fs::write(&from, file).unwrap();
    let stem = if program == "pdftoppm" { dir.path().join("page") } else { out.clone() };
    let status = Command::new(program).args(before).arg(&from).arg(&stem).status().unwrap();
    assert!(status.success(), "{program}");
    fs::read(out).unwrap()
}

#[test]
fn what_a_desk_cannot_print_honestly_is_not_taken() {
    let press = Press::new().unwrap();
    let file = contract(&press);
    let refused = |file: &[u8]| match pages(file) {
        Err(PaperError::OwnFile(unfit)) => unfit,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(b"GIF89a"), Unfit::NotAPdf);
    assert_eq!(refused(&made("qpdf", &["--rotate=+90"], &file, "turned.pdf")), Unfit::TurnedPages);
    let locked = made("qpdf", &["--encrypt", "user", "owner", "256", "--"], &file, "locked.pdf");
    assert!(matches!(refused(&locked), Unfit::Encrypted | Unfit::NotAPdf));
    assert!(matches!(read_marks(&locked), Err(ScanTrouble::Encrypted)));
    assert!(matches!(read_marks(b"GIF89a"), Err(ScanTrouble::NotAScan)));
}

#[test]
fn the_mark_is_read_off_a_scan_however_it_lies() {
    let press = Press::new().unwrap();
    let request = crate::support::request();
    let paper = press.render(&request).unwrap();
    let mark = Some(format!("{}-{}", request.paper_id, paper.revision));
    assert_eq!(read_marks(&paper.pdf).unwrap(), std::slice::from_ref(&mark), "the file itself");
    let scan = |way: &str, dots: &str, name: &str| {
        made("pdftoppm", &[way, "-gray", "-singlefile", "-r", dots], &paper.pdf, name)
    };
    let (coarse, usual) = (scan("-png", "150", "page.png"), scan("-jpeg", "200", "page.jpg"));
    assert_eq!(read_marks(&coarse).unwrap(), std::slice::from_ref(&mark), "coarse");
    assert_eq!(read_marks(&usual).unwrap(), std::slice::from_ref(&mark), "as scanners are set");
    let mut head_first = std::io::Cursor::new(Vec::new());
    let turned = image::load_from_memory(&coarse).unwrap().rotate180();
    turned.write_to(&mut head_first, image::ImageFormat::Png).unwrap();
    assert_eq!(read_marks(head_first.get_ref()).unwrap(), std::slice::from_ref(&mark), "fed in head first");
    for picture in [&coarse, &usual] {
        let kept = pages_as_pdf(picture, &[0]).unwrap();
        pdf::check(&kept);
        assert_eq!(read_marks(&kept).unwrap(), std::slice::from_ref(&mark), "as it is kept");
    }
}

#[test]
fn the_pages_of_a_sheet_are_taken_out_of_the_pile() {
    let press = Press::new().unwrap();
    let one = press.render(&crate::support::request()).unwrap().pdf;
    let other = press.render(&PaperRequest { paper_id: "ppr_other".into(), ..crate::support::request() }).unwrap().pdf;
    let dir = tempfile::tempdir().unwrap();
    let paths = ["one.pdf", "other.pdf", "pile.pdf"].map(|name| dir.path().join(name));
    fs::write(&paths[0], one).unwrap();
    fs::write(&paths[1], other).unwrap();
    let status =
        Command::new("qpdf").args(["--empty", "--pages"]).args(&paths[..2]).arg("--").arg(&paths[2]).status().unwrap();
    assert!(status.success());
    let pile = fs::read(&paths[2]).unwrap();
    let marks = read_marks(&pile).unwrap();
    assert_eq!(marks.len(), 2);
    let second = pages_as_pdf(&pile, &[1]).unwrap();
    pdf::check(&second);
    assert_eq!(read_marks(&second).unwrap(), marks[1..]);
}
