//! Measures the press against typst's own exporter and against WeasyPrint in one run, and prints one JSON line a
//! measurement: one consent of two pages, cold and warm, a packet of a hundred on all cores, memory.
//!
//! The exporter gets the same laid-out pages, fitting included; WeasyPrint the same words, faces, hyphenation and
//! justification, without fitting. Only the ratios mean anything elsewhere. Run with `--profile bench`; without
//! `RECEPTION_BENCH_WEASYPRINT`, a Python that has it, that part is left out.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement speaks on stdout and stops at trouble")]

use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use documents::{ClinicRequisites, FormKind, PaperRequest, PersonOnPaper, PersonSheet, Press, words};
use serde_json::{Value, json};

const WARM_UP: usize = 5;
const SAMPLES: usize = 60;
const PACKET: usize = 100;
const WEASYPRINT_SAMPLES: &str = "20";

/// The same consent for one of many; it takes two sheets.
fn consent(number: usize) -> PaperRequest {
    let person = PersonOnPaper {
        full_name: "Абдурахмангаджиева Фатима-Зухра Нурмагомедовна ".repeat(6),
        phone: format!("+7 913 555-{:02}-{:02}", number / 100, number % 100),
        email: "f.abdurahmangadzhieva@example.org".into(),
        birth_date: chrono::NaiveDate::from_ymd_opt(1987, 3, 14),
    };
    PaperRequest {
        paper_id: format!("ppr_01kar3q8w0v5t7zc9xj4m{number:05}"),
        clinic: ClinicRequisites { ..PaperRequest::example(FormKind::ConsentPd).clinic },
        data: Some(PersonSheet::from(person).into()),
        ..PaperRequest::example(FormKind::ConsentPd)
    }
}

fn ours(press: &Press, number: usize) {
    assert_eq!(press.render(&consent(number)).unwrap().pages, 2);
}

fn theirs(press: &Press, number: usize) {
    let document = press.laid_out(&consent(number)).unwrap();
    assert_eq!(document.pages().len(), 2);
    assert!(!typst_pdf::pdf(&document, &typst_pdf::PdfOptions::default()).unwrap().is_empty());
}

type Way = fn(&Press, usize);

fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

fn median(mut took: Vec<Duration>) -> f64 {
    took.sort_unstable();
    milliseconds(took[took.len() / 2])
}

/// One after the other, each in turn, so that a busy moment of the machine meets both.
fn warm(press: &Press) -> (f64, f64) {
    let mut took: [Vec<Duration>; 2] = Default::default();
    for number in 0..WARM_UP + SAMPLES {
        for (way, took) in [ours as Way, theirs].into_iter().zip(&mut took) {
            let begun = Instant::now();
            way(press, number);
            if number >= WARM_UP {
                took.push(begun.elapsed());
            }
        }
    }
    let [one, other] = took;
    (median(one), median(other))
}

fn packet(press: &Press, way: Way) -> f64 {
    let cores = std::thread::available_parallelism().unwrap().get();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for core in 0..cores {
            scope.spawn(move || (core..PACKET).step_by(cores).for_each(|number| way(press, number)));
        }
    });
    milliseconds(begun.elapsed())
}

/// What this program has taken at most, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kilobytes| kilobytes.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

/// One paper in a program of its own: how long from its start, and how much memory after ten of them.
fn alone(way: &str) -> (f64, f64) {
    let begun = Instant::now();
    let once = Command::new(std::env::current_exe().unwrap()).args([way, "1"]).output().unwrap();
    let cold = milliseconds(begun.elapsed());
    assert!(once.status.success());
    let ten = Command::new(std::env::current_exe().unwrap()).args([way, "10"]).output().unwrap();
    (cold, String::from_utf8(ten.stdout).unwrap().trim().parse().unwrap())
}

/// The words of the paper as a page for WeasyPrint.
fn page() -> String {
    let request = consent(0);
    let text = words(&request, request.kind.wording()).unwrap();
    let fonts = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fonts");
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let marked = |line: &str| {
        line.split("[[").map(|part| part.split_once("]] ").map_or(part, |(_, rest)| rest)).collect::<String>()
    };
    let lines: String = text.lines().map(|line| format!("<p>{}</p>\n", escape(&marked(line)))).collect();
    format!(
        "<html lang=ru><style>@font-face{{font-family:Serif;src:url({}/PTF55F.ttf)}}\
         @page{{size:A4;margin:10mm 10mm 20mm 20mm;@bottom-right{{content:'стр. ' counter(page) ' из ' counter(pages)}}}}\
         body{{font:11pt/1.35 Serif;text-align:justify;hyphens:auto}}p{{margin:0 0 5pt}}</style>{lines}</html>",
        fonts.display()
    )
}

fn weasyprint() -> Option<Value> {
    let python = std::env::var_os("RECEPTION_BENCH_WEASYPRINT")?;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    std::fs::write(&path, page()).unwrap();
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/papers/weasyprint_bench.py");
    let output = Command::new(python).arg(script).arg(&path).arg(WEASYPRINT_SAMPLES).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn line(bench: &str, what: &str, ours: f64, baseline: f64, ratio: f64) {
    println!("{}", json!({ "bench": bench, "what": what, "ours": ours, "baseline": baseline, "ratio": ratio }));
}

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let press = Press::new().unwrap();
    if let [way, times] = &asked[..] {
        let way: Way = if way == "ours" { ours } else { theirs };
        (0..times.parse().unwrap()).for_each(|number| way(&press, number));
        println!("{}", peak());
        return;
    }
    let ((cold, memory), (typst_cold, typst_memory)) = (alone("ours"), alone("theirs"));
    let (one, typst_one) = warm(&press);
    let (many, typst_many) = (packet(&press, ours), packet(&press, theirs));
    line("papers", "two pages, cold, to typst-pdf", cold, typst_cold, cold / typst_cold);
    line("papers", "two pages, warm, to typst-pdf", one, typst_one, one / typst_one);
    line("papers", "a packet of 100, to typst-pdf", many, typst_many, many / typst_many);
    line("papers_memory", "memory, to typst-pdf", memory, typst_memory, memory / typst_memory);
    let Some(weasyprint) = weasyprint() else { return };
    let theirs = |key: &str| weasyprint[key].as_f64().unwrap();
    line("papers", "two pages, cold, WeasyPrint to it", cold, theirs("cold_ms"), theirs("cold_ms") / cold);
    line("papers", "two pages, warm, WeasyPrint to it", one, theirs("warm_ms"), theirs("warm_ms") / one);
    line("papers_memory", "memory, WeasyPrint to it", memory, theirs("peak_mb"), theirs("peak_mb") / memory);
}
