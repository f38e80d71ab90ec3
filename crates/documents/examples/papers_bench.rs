//! Measures the press against typst's own exporter and against WeasyPrint in one run, and prints one JSON line a
//! measurement: one consent of two pages, cold and warm, a packet of a hundred on all cores, memory.
//!
//! The exporter gets the same laid-out pages, fitting included; WeasyPrint the same words, faces, hyphenation and
//! justification, without fitting. Only the ratios mean anything elsewhere. Run with `--profile bench`; without
//! `RECEPTION_BENCH_WEASYPRINT`, a Python that has it, that part is left out.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement speaks on stdout and stops at trouble")]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use documents::{ClinicRequisites, FormKind, PaperRequest, PersonOnPaper, PersonSheet, Press, words};
use serde_json::{Value, json};

const WARM_UP: usize = 5;
const SAMPLES: usize = 60;
const PACKET: usize = 100;
/// The exporter's people are others than ours: else it would find the layout of its paper ready made.
const OTHERS: usize = 50_000;

const SURNAMES: [&str; 7] =
    ["Абдурахмангаджиева", "Щукина", "Ёлкина", "Царапкина-Эйхенвальд", "Жданова", "Юдашкина", "Хо"];
const NAMES: [&str; 5] = ["Фатима-Зухра", "Ульяна", "Элеонора", "Яна", "Инга"];

/// The same consent for one of many, with names that no line holds: it takes two sheets.
fn consent(number: usize) -> PaperRequest {
    let name = format!("{} {} № {number} ", SURNAMES[number % SURNAMES.len()], NAMES[number % NAMES.len()]);
    let person = PersonOnPaper {
        full_name: name.repeat(300 / name.chars().count()),
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
    let document = press.laid_out(&consent(OTHERS + number)).unwrap();
    assert_eq!(document.pages().len(), 2);
    assert!(!typst_pdf::pdf(&document, &typst_pdf::PdfOptions::default()).unwrap().is_empty());
}

type Way = fn(&Press, usize);

fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

fn timed(way: Way, press: &Press, number: usize) -> f64 {
    let begun = Instant::now();
    way(press, number);
    milliseconds(begun.elapsed())
}

fn median(mut took: Vec<f64>) -> f64 {
    took.sort_unstable_by(f64::total_cmp);
    took[took.len() / 2]
}

/// One paper of each in turn, so that a busy moment of the machine meets all.
fn warm(press: &Press, mut weasyprint: Option<&mut WeasyPrint>) -> [f64; 3] {
    let mut took: [Vec<f64>; 3] = Default::default();
    for number in 0..WARM_UP + SAMPLES {
        let all = [
            timed(ours, press, number),
            timed(theirs, press, number),
            weasyprint.as_mut().map_or(f64::NAN, |other| other.print()["ms"].as_f64().unwrap()),
        ];
        if number >= WARM_UP {
            took.iter_mut().zip(all).for_each(|(took, one)| took.push(one));
        }
    }
    took.map(median)
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

/// WeasyPrint, started and warm, printing the same page again and again.
struct WeasyPrint {
    program: Child,
    stdin: ChildStdin,
    lines: BufReader<ChildStdout>,
    /// Of the first page, with the start of the library.
    cold_ms: f64,
    _folder: tempfile::TempDir,
}

impl WeasyPrint {
    fn start() -> Option<Self> {
        let python = std::env::var_os("RECEPTION_BENCH_WEASYPRINT")?;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        std::fs::write(&path, page()).unwrap();
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/papers/weasyprint_bench.py");
        let mut command = Command::new(python);
        command.arg(script).arg(&path).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = command.spawn().unwrap();
        let (stdin, stdout) = (program.stdin.take().unwrap(), program.stdout.take().unwrap());
        let mut started = Self { program, stdin, lines: BufReader::new(stdout), cold_ms: 0.0, _folder: folder };
        started.cold_ms = started.answer()["ms"].as_f64().unwrap();
        Some(started)
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn print(&mut self) -> Value {
        writeln!(self.stdin).unwrap();
        self.answer()
    }
}

impl Drop for WeasyPrint {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
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
    let mut weasyprint = WeasyPrint::start();
    let [one, typst_one, weasyprint_one] = warm(&press, weasyprint.as_mut());
    let (many, typst_many) = (packet(&press, ours), packet(&press, theirs));
    line("papers", "two pages, cold, to typst-pdf", cold, typst_cold, cold / typst_cold);
    line("papers", "two pages, warm, to typst-pdf", one, typst_one, one / typst_one);
    line("papers", "a packet of 100, to typst-pdf", many, typst_many, many / typst_many);
    line("papers_memory", "memory, to typst-pdf", memory, typst_memory, memory / typst_memory);
    let Some(mut weasyprint) = weasyprint else { return };
    let theirs = weasyprint.print()["peak_mb"].as_f64().unwrap();
    line("papers", "two pages, cold, WeasyPrint to it", cold, weasyprint.cold_ms, weasyprint.cold_ms / cold);
    line("papers", "two pages, warm, WeasyPrint to it", one, weasyprint_one, weasyprint_one / one);
    line("papers_memory", "memory, WeasyPrint to it", memory, theirs, theirs / memory);
}
