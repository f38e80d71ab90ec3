//! Python programs that tests and measurements run: each set in a virtual environment of its own under `target`, made as
//! its list says and made anew when that changes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::shell::{Failure, program, root, run, target};

/// The folder of an environment's programs.
pub(crate) fn environment(name: &str, list: &str) -> Result<PathBuf, Failure> {
    let (home, requirements) = (target().join(name), root().join(list));
    let (programs, stamp) = (home.join("bin"), home.join("installed.txt"));
    let io = |path: &Path| {
        let what = path.display().to_string();
        move |source| Failure::Io { what, source }
    };
    let wanted = fs::read(&requirements).map_err(io(&requirements))?;
    if fs::read(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(programs);
    }
    println!("Installing what {list} lists");
    run("python3 -m venv", &mut program("python3", &["-m", "venv", "--clear", &home.to_string_lossy()]))?;
    let pip = programs.join("pip");
    let install = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", list];
    run("pip install", &mut program(&pip.to_string_lossy(), &install))?;
    fs::write(&stamp, wanted).map_err(io(&stamp))?;
    Ok(programs)
}
