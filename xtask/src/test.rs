//! `cargo xtask test`: every check of the project in the order in which it says no soonest.

use std::{
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::{
    api,
    run::in_browser,
    session::{Session, Wants},
    setup,
    shell::{Done, Failure, cargo, npm, program, root, run, succeeds, target, write},
    tidy,
};

type Step = (&'static str, fn() -> Done);

/// The browser's checks take half a processor: they go on beside the compiler, and are waited for before [`QUIET`].
const BESIDE: &str = "browser";
/// The first step that wants the machine to itself.
const QUIET: &str = "tests";

const STEPS: &[Step] = &[
    ("tidy", tidy::check),
    ("fmt", fmt),
    ("ui", window_checks),
    (BESIDE, browser_checks),
    ("clippy", clippy),
    ("doc", doc),
    ("tests", tests),
    ("api", api::check),
    ("sim", new_stories),
    ("window", window),
];

pub(crate) fn all(only: &[String]) -> Done {
    if let Some(unknown) = only.iter().find(|name| STEPS.iter().all(|(step, _)| step != name)) {
        return Err(Failure::Say(format!("There is no step «{unknown}».")));
    }
    setup::everything()?;
    let mut table = String::new();
    let mut note = |name: &str, took: Duration| table.push_str(&format!("{name:<8} {:>5.0} s\n", took.as_secs_f64()));
    let mut beside = None;
    for (name, step) in STEPS {
        if *name == QUIET {
            ends(beside.take(), &mut note)?;
        }
        if !only.is_empty() && !only.iter().any(|o| o == name) {
            continue;
        }
        println!("\n=== {name}");
        if *name == BESIDE {
            beside = Some(thread::spawn(|| timed(*step)));
            continue;
        }
        note(name, timed(*step)?);
    }
    ends(beside, &mut note)?;
    println!("\n{table}All checks passed.");
    Ok(())
}

fn timed(step: fn() -> Done) -> Result<Duration, Failure> {
    let started = Instant::now();
    step()?;
    Ok(started.elapsed())
}

type Running = thread::JoinHandle<Result<Duration, Failure>>;

/// Waits for what goes on beside the other steps, if there is something.
fn ends(beside: Option<Running>, note: &mut impl FnMut(&str, Duration)) -> Done {
    let Some(running) = beside else { return Ok(()) };
    let took = running.join().map_err(|_| Failure::Say(format!("The step «{BESIDE}» broke off.")))??;
    note(BESIDE, took);
    Ok(())
}

/// What is generated from the Rust contract, and which of its examples prints it.
const GENERATED: [(&str, &str); 2] = [("wire", "ui/src/wire/wire.ts"), ("openapi", "docs/openapi/v1.json")];

/// The window's types and the description of the gateway's API.
pub(crate) fn generate() -> Done {
    for (example, file) in GENERATED {
        let output = cargo(&["run", "--quiet", "--package", "contract", "--example", example])
            .output()
            .map_err(|source| Failure::Start { program: "cargo".to_owned(), source })?;
        if !output.status.success() {
            return Err(Failure::Say(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        write(&root().join(file), &String::from_utf8_lossy(&output.stdout))?;
    }
    Ok(())
}

fn fmt() -> Done {
    run("cargo fmt", &mut cargo(&["fmt", "--all", "--check"]))
}

/// Lint, types, unit tests, the bundle that the app embeds.
fn window_checks() -> Done {
    for script in ["lint", "check", "test", "build"] {
        run(&format!("npm run {script}"), &mut npm(&["run", "--silent", script]))?;
    }
    Ok(())
}

/// Stories of the counter by keyboard, and whether everybody can work with each screen.
fn browser_checks() -> Done {
    for script in ["ui/stories.mjs", "ui/access.mjs"] {
        in_browser(script, &[])?;
    }
    Ok(())
}

fn clippy() -> Done {
    run(
        "clippy",
        &mut cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]),
    )
}

fn doc() -> Done {
    run(
        "rustdoc",
        cargo(&["doc", "--locked", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"),
    )
}

/// How long every run of the tests plays stories that nobody has seen, seconds.
const NEW_STORIES: u64 = 60;

/// Stories of new seeds. A seed that breaks something is printed with its story and belongs into the corpus.
fn new_stories() -> Done {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    sim(&["--from", &(since_1970 * 1_000).to_string(), "--seconds", &NEW_STORIES.to_string()])
}

/// `reception-sim` with these arguments.
pub(crate) fn sim(args: &[impl AsRef<str>]) -> Done {
    let args: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
    // a long run is worth an optimised build
    let (profile, folder) = if args.contains(&"--minutes") { ("bench", "release") } else { ("dev", "debug") };
    run("build", &mut cargo(&["build", "--locked", "--quiet", "--profile", profile, "--package", "sim"]))?;
    run("sim", &mut program(&target().join(folder).join("reception-sim").to_string_lossy(), &args))
}

/// `reception-chaos` with these arguments, in a session of its own with a database that waits for the disk.
pub(crate) fn chaos(args: &[String]) -> Done {
    setup::to_test()?;
    everything_built()?;
    let session = Session::open(Wants { postgres: true, durable: true, ..Wants::default() })?;
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    run("chaos", &mut session.command(&target().join("debug/reception-chaos"), &args))
}

/// Everything that tests start or are, in one go: another choice of packages or targets would be another choice of
/// features, and the heaviest dependencies would be built twice.
pub(crate) fn everything_built() -> Done {
    run("build", &mut cargo(&["build", "--locked", "--workspace", "--all-targets"]))
}

fn tests() -> Done {
    everything_built()?;
    let session = Session::open(Wants { printer: true, postgres: true, ..Wants::default() })?;
    run("tests", &mut session.command("cargo".as_ref(), runner(WITHOUT_WINDOW)))
}

/// The end-to-end stories one after another: each has the display to itself.
fn window() -> Done {
    everything_built()?;
    let session = Session::open(Wants { display: true, printer: true, ..Wants::default() })?;
    run("window tests", &mut session.command("cargo".as_ref(), runner(WITH_WINDOW)))
}

pub(crate) struct Runner {
    pub(crate) nextest: &'static [&'static str],
    pub(crate) cargo: &'static [&'static str],
}

const WITHOUT_WINDOW: Runner = Runner {
    nextest: &["nextest", "run", "--locked", "--no-fail-fast", "--workspace", "-E", "not package(e2e)"],
    cargo: &["test", "--locked", "--no-fail-fast", "--workspace", "--exclude", "e2e"],
};
/// A window under a driver on a busy machine may lose a click; a story that fails once is told again and listed as flaky.
const WITH_WINDOW: Runner = Runner {
    nextest: &[
        "nextest",
        "run",
        "--locked",
        "--no-fail-fast",
        "--workspace",
        "-E",
        "package(e2e)",
        "--test-threads",
        "1",
        "--retries",
        "2",
    ],
    cargo: &["test", "--locked", "--no-fail-fast", "--package", "e2e", "--", "--test-threads", "1"],
};

/// nextest where it is installed, else Cargo's own runner.
pub(crate) fn runner(choice: Runner) -> &'static [&'static str] {
    if succeeds("cargo", &["nextest", "--version"]) { choice.nextest } else { choice.cargo }
}

/// Builds the window's bundle that the app embeds.
pub(crate) fn bundle() -> Done {
    setup::window_packages()?;
    run("npm run build", &mut npm(&["run", "--silent", "build"]))
}
