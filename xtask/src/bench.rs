//! `cargo xtask bench`: speed and memory as ratios against a baseline measured in the same run.
//!
//! Figures of one machine mean little elsewhere; the ratios to bare SQLCipher and to an empty window travel.

use serde_json::Value;

use crate::{
    session::{Session, Wants},
    setup,
    shell::{Done, Failure, cargo, run, target},
    test,
};

/// One row of the table: what, ours, the baseline, ours ÷ baseline.
type Row = (&'static str, String, String, String);

pub(crate) fn all() -> Done {
    setup::everything()?;
    test::bundle()?;
    let build = ["build", "--locked", "--profile", "bench", "--workspace", "--bins", "--examples"];
    run("build", &mut cargo(&build))?;
    let built = target().join("release");
    let session = Session::open(Wants { display: true, ..Wants::default() })?;
    let mut lines = measure(&session, &built.join("examples/store_bench").to_string_lossy(), &built.to_string_lossy())?;
    lines.extend(measure(&session, &built.join("examples/window_bench").to_string_lossy(), &built.to_string_lossy())?);
    print(&lines.iter().flat_map(rows).collect::<Vec<_>>());
    Ok(())
}

fn measure(session: &Session, program: &str, binaries: &str) -> Result<Vec<Value>, Failure> {
    println!("measuring {program}");
    let output = session
        .command(program.as_ref(), &[])
        .env("RECEPTION_BINARIES", binaries)
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|source| Failure::Start { program: program.to_owned(), source })?;
    if !output.status.success() {
        return Err(Failure::Step { what: program.to_owned(), status: output.status.to_string() });
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

fn rows(line: &Value) -> Vec<Row> {
    let number = |key: &str, digits: usize, unit: &str| {
        format!("{:.digits$}{unit}", line.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN))
    };
    let large = line.get("rows").and_then(Value::as_u64).unwrap_or_default() > 10_000;
    match line.get("bench").and_then(Value::as_str) {
        Some("ingest") => vec![
            (
                if large { "sync, 100,000 changes" } else { "sync, 10,000 changes" },
                number("store_rows_per_s", 0, " rows/s"),
                number("bare_rows_per_s", 0, " rows/s bare insert"),
                number("times_bare", 2, "×"),
            ),
            (
                "  the same, search index too",
                number("store_rows_per_s", 0, " rows/s"),
                number("bare_with_search_rows_per_s", 0, " rows/s bare"),
                number("times_bare_with_search", 2, "×"),
            ),
        ],
        Some("search") => vec![
            (
                "search, 100,000 people, p50",
                number("store_p50_ms", 2, " ms"),
                number("bare_p50_ms", 2, " ms bare SQL"),
                number("times_bare_p50", 2, "×"),
            ),
            (
                "search, 100,000 people, p99",
                number("store_p99_ms", 2, " ms"),
                number("bare_p99_ms", 2, " ms bare SQL"),
                number("times_bare_p99", 2, "×"),
            ),
        ],
        Some("window") => vec![
            (
                "start to usable queue",
                number("usable_queue_s", 2, " s"),
                number("empty_window_s", 2, " s empty window"),
                number("times_empty", 2, "×"),
            ),
            (
                "memory with the queue open",
                number("queue_mb", 0, " MB"),
                number("empty_mb", 0, " MB empty window"),
                number("times_empty_memory", 2, "×"),
            ),
        ],
        _ => Vec::new(),
    }
}

fn print(rows: &[Row]) {
    println!("\n{:<30} {:>16} {:>28} {:>8}", "", "desk", "baseline", "ratio");
    for (what, ours, baseline, ratio) in rows {
        println!("{what:<30} {ours:>16} {baseline:>28} {ratio:>8}");
    }
}
