//! The step «api»: the description of the gateway's API by the standard's own rules, and the running gateway asked by a
//! fuzzer that has read it, on both databases.
//!
//! The fuzzer is a Python program. It lives in a virtual environment under `target`, made as
//! `tests/api/requirements.txt` says and made anew when that changes.

use crate::{
    python,
    session::{Session, Wants},
    shell::{Done, program, run},
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
    let programs = python::environment("api-venv", REQUIREMENTS)?;
    let valid = programs.join("openapi-spec-validator");
    run("the rules of OpenAPI", &mut program(&valid.to_string_lossy(), &[DESCRIPTION]))?;
    everything_built()?;
    let session = Session::open(Wants { postgres: true, ..Wants::default() })?;
    let mut story = session.command("cargo".as_ref(), runner(STORY));
    run("the fuzzing of the API", story.env("RECEPTION_TEST_SCHEMATHESIS", programs.join("schemathesis")))
}
