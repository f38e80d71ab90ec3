//! `cargo xtask bench`: speed and memory as ratios against a baseline measured in the same run.
//!
//! Figures of one machine mean little elsewhere; the ratios to bare SQLCipher, to an empty window and to a bare handler
//! with one insert travel.

use clap::Args;
use serde_json::Value;

use crate::{
    python,
    session::{Session, Wants},
    setup,
    shell::{Done, Failure, cargo, run, target},
    test,
};

#[derive(Args)]
pub(crate) struct Choice {
    /// Only these: store, window, paint, gateway, papers
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// How long the gateway is loaded, on each database and for each baseline
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

/// A program that measures, the package of its example, and what it needs around it.
struct Bench {
    name: &'static str,
    package: &'static str,
    wants: Wants,
}

const NOTHING: Wants = Wants { display: false, printer: false, postgres: false, durable: false };

const BENCHES: [Bench; 5] = [
    Bench { name: "store", package: "store", wants: NOTHING },
    Bench { name: "window", package: "e2e", wants: Wants { display: true, ..NOTHING } },
    Bench { name: "paint", package: "e2e", wants: Wants { display: true, ..NOTHING } },
    // the server waits for its disk as the file does: else they cannot be compared
    Bench { name: "gateway", package: "gateway", wants: Wants { postgres: true, durable: true, ..NOTHING } },
    Bench { name: PAPERS, package: "documents", wants: NOTHING },
];

/// Measured against a Python program as well, which the list brings.
const PAPERS: &str = "papers";
const WEASYPRINT: &str = "tests/papers/requirements.txt";

/// A number of a line: its key, its digits and its unit.
type Figure = (&'static str, usize, &'static str);

/// A row of the table: of which bench, what (with `{key}` for what the line says of it), ours, the baseline, the ratio.
type Shape = (&'static str, &'static str, Figure, Figure, &'static str);

#[rustfmt::skip]
const SHAPES: &[Shape] = &[
    ("ingest", "sync, {rows} changes",
        ("store_rows_per_s", 0, " rows/s"), ("bare_rows_per_s", 0, " rows/s bare insert"), "times_bare"),
    ("ingest", "  the same, search index too",
        ("store_rows_per_s", 0, " rows/s"), ("bare_with_search_rows_per_s", 0, " rows/s bare"), "times_bare_with_search"),
    ("search", "search, {people} people, p50",
        ("store_p50_ms", 2, " ms"), ("bare_p50_ms", 2, " ms bare SQL"), "times_bare_p50"),
    ("search", "search, {people} people, p99",
        ("store_p99_ms", 2, " ms"), ("bare_p99_ms", 2, " ms bare SQL"), "times_bare_p99"),
    ("window", "start to usable queue",
        ("usable_queue_s", 2, " s"), ("empty_window_s", 2, " s empty window"), "times_empty"),
    ("window", "memory with the queue open",
        ("queue_mb", 0, " MB"), ("empty_mb", 0, " MB empty window"), "times_empty_memory"),
    ("paint", "{what}, p50",
        ("p50_ms", 1, " ms"), ("empty_p50_ms", 1, " ms empty page"), "times_p50"),
    ("paint", "  p99 of {presses}",
        ("p99_ms", 1, " ms"), ("empty_p99_ms", 1, " ms empty page"), "times_p99"),
    ("gateway", "{database}, {desks} desks: intake, p50",
        ("intake_p50_ms", 1, " ms"), ("bare_p50_ms", 1, " ms bare handler"), "intake_times_bare_p50"),
    ("gateway", "  intake, p99",
        ("intake_p99_ms", 1, " ms"), ("bare_p99_ms", 1, " ms bare handler"), "intake_times_bare_p99"),
    ("gateway", "  intake, p99, to the insert",
        ("intake_p99_ms", 1, " ms"), ("plain_p99_ms", 1, " ms insert alone"), "intake_times_plain_p99"),
    ("gateway", "  changes, p50",
        ("changes_p50_ms", 1, " ms"), ("bare_p50_ms", 1, " ms bare handler"), "changes_times_bare_p50"),
    ("gateway", "  changes, p99",
        ("changes_p99_ms", 1, " ms"), ("bare_p99_ms", 1, " ms bare handler"), "changes_times_bare_p99"),
    ("gateway", "  changes, p99, to the insert",
        ("changes_p99_ms", 1, " ms"), ("plain_p99_ms", 1, " ms insert alone"), "changes_times_plain_p99"),
    ("papers", "{what}", ("ours", 1, " ms"), ("baseline", 1, " ms"), "ratio"),
    ("papers_memory", "{what}", ("ours", 0, " MB"), ("baseline", 0, " MB"), "ratio"),
];

pub(crate) fn all(choice: &Choice) -> Done {
    if let Some(unknown) = choice.only.iter().find(|name| BENCHES.iter().all(|bench| bench.name != **name)) {
        return Err(Failure::Say(format!("There is no bench «{unknown}».")));
    }
    setup::everything()?;
    let is_chosen = |bench: &&Bench| choice.only.is_empty() || choice.only.iter().any(|name| name == bench.name);
    let chosen: Vec<&Bench> = BENCHES.iter().filter(is_chosen).collect();
    build(&chosen)?;
    let mut lines = Vec::new();
    for bench in chosen {
        lines.extend(bench.measure(choice)?);
    }
    print(&lines);
    Ok(())
}

/// All in one go, unless only some are wanted: another choice of packages is another choice of features, and the heaviest
/// dependencies would be built twice.
fn build(chosen: &[&Bench]) -> Done {
    // the window's benches start all of the application's programs
    let everything = chosen.iter().any(|bench| bench.package == "e2e");
    if everything {
        test::bundle()?;
    }
    let mut arguments = vec!["build", "--locked", "--profile", "bench", "--bins", "--examples"];
    if everything {
        arguments.push("--workspace");
    } else {
        arguments.extend(chosen.iter().flat_map(|bench| ["--package", bench.package]));
    }
    run("build", &mut cargo(&arguments))
}

impl Bench {
    fn measure(&self, choice: &Choice) -> Result<Vec<Value>, Failure> {
        let example = format!("{}_bench", self.name);
        let built = target().join("release");
        println!("measuring: {}", self.name);
        let session = Session::open(self.wants)?;
        let mut command = session.command(&built.join("examples").join(&example), &[]);
        if self.name == PAPERS {
            let python = python::environment("weasyprint-venv", WEASYPRINT)?.join("python");
            command.env("RECEPTION_BENCH_WEASYPRINT", python);
        }
        let output = command
            .env("RECEPTION_BINARIES", built)
            .env("RECEPTION_BENCH_SECONDS", choice.seconds.to_string())
            .stderr(std::process::Stdio::inherit())
            .output()
            .map_err(|source| Failure::Start { program: example.clone(), source })?;
        if !output.status.success() {
            return Err(Failure::Step { what: example, status: output.status.to_string() });
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }
}

/// The cells of a row, where the line has its figures.
fn cells(line: &Value, (bench, what, ours, baseline, ratio): &Shape) -> Option<[String; 4]> {
    let figure = |(key, digits, unit): Figure| Some(format!("{:.digits$}{unit}", line.get(key)?.as_f64()?));
    (line.get("bench")?.as_str()? == *bench).then_some(())?;
    Some([named(what, line), figure(*ours)?, figure(*baseline)?, figure((ratio, 2, "×"))?])
}

/// `{key}` replaced by what the line says.
fn named(what: &str, line: &Value) -> String {
    let mut named = what.to_owned();
    for (key, value) in line.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        named = named.replace(&format!("{{{key}}}"), &value);
    }
    named
}

fn print(lines: &[Value]) {
    println!("\n{:<38} {:>16} {:>28} {:>8}", "", "ours", "baseline", "ratio");
    for line in lines {
        for [what, ours, baseline, ratio] in SHAPES.iter().filter_map(|shape| cells(line, shape)) {
            println!("{what:<38} {ours:>16} {baseline:>28} {ratio:>8}");
        }
    }
}
