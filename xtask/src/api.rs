//! The step «api»: the description of the gateway's API by the standard's own rules, and the running gateway asked by a
//! fuzzer that has read it, on both databases.
//!
//! The fuzzer is a Python program. It lives in a virtual environment under `target`, made as
//! `tests/api/requirements.txt` says and made anew when that changes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    session::{Session, Wants},
    shell::{Done, Failure, program, root, run, target},
    test::{Runner, everything_built, runner},
};

const DESCRIPTION: &str = "docs/openapi/v1.json";
const REQUIREMENTS: &str = "tests/api/requirements.txt";
/// The fuzzing is a story that waits to be asked for. It tells what it does, one database after the other.
const STORY: Runner = Runner {
    nextest: &[
        "nextest",
        "run",
        "--locked",
        "--workspace",
        "--run-ignored",
        "only",
        "--no-capture",
        "-E",
        "package(gateway) and test(fuzz::)",
    ],
    cargo: &["test", "--locked", "--workspace", "--exclude", "e2e", "--", "--ignored", "--nocapture", "fuzz::"],
};

pub(crate) fn check() -> Done {
    let programs = environment()?;
    let valid = programs.join("openapi-spec-validator");
    run("the rules of OpenAPI", &mut program(&valid.to_string_lossy(), &[DESCRIPTION]))?;
    everything_built()?;
    let session = Session::open(Wants { postgres: true, ..Wants::default() })?;
    let mut story = session.command("cargo".as_ref(), runner(STORY));
    run("the fuzzing of the API", story.env("RECEPTION_TEST_SCHEMATHESIS", programs.join("schemathesis")))
}

/// The folder of the environment's programs.
fn environment() -> Result<PathBuf, Failure> {
    let (home, requirements) = (target().join("api-venv"), root().join(REQUIREMENTS));
    let (programs, stamp) = (home.join("bin"), home.join("installed.txt"));
    let io = |path: &Path| {
        let what = path.display().to_string();
        move |source| Failure::Io { what, source }
    };
    let wanted = fs::read(&requirements).map_err(io(&requirements))?;
    if fs::read(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(programs);
    }
    println!("Installing the fuzzer of the API");
    run("python3 -m venv", &mut program("python3", &["-m", "venv", "--clear", &home.to_string_lossy()]))?;
    let pip = programs.join("pip");
    let install = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", REQUIREMENTS];
    run("pip install", &mut program(&pip.to_string_lossy(), &install))?;
    fs::write(&stamp, wanted).map_err(io(&stamp))?;
    Ok(programs)
}
