//! Running other programs, and what can go wrong with it.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// Why a step failed, for a person at a terminal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{what} failed ({status})")]
    Step { what: String, status: String },
    #[error("cannot start `{program}`: {source}")]
    Start { program: String, source: io::Error },
    #[error("{0}")]
    Say(String),
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
}

pub(crate) type Done = Result<(), Failure>;

/// The checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Where Cargo builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program started in the checkout.
pub(crate) fn program(name: &str, args: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(args).current_dir(root());
    command
}

pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = program(&env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()), args);
    forget_cargo(&mut command);
    command
}

/// What `cargo run` sets for xtask itself must not leak into the builds: it would make Cargo rebuild.
pub(crate) fn forget_cargo(command: &mut Command) {
    for (key, _) in env::vars_os() {
        let key = key.to_string_lossy().into_owned();
        if key.starts_with("CARGO_PKG_") || key.starts_with("CARGO_MANIFEST_") || key == "CARGO" {
            command.env_remove(&key);
        }
    }
}

pub(crate) fn npm(args: &[&str]) -> Command {
    let mut command = program("npm", args);
    command.current_dir(root().join("ui"));
    command
}

/// Runs to the end; anything but success is a failure.
pub(crate) fn run(what: &str, command: &mut Command) -> Done {
    let status = command
        .status()
        .map_err(|source| Failure::Start { program: command.get_program().to_string_lossy().into_owned(), source })?;
    if status.success() { Ok(()) } else { Err(Failure::Step { what: what.to_owned(), status: status.to_string() }) }
}

/// Whether a program is there and says yes.
pub(crate) fn succeeds(name: &str, args: &[&str]) -> bool {
    program(name, args).output().is_ok_and(|o| o.status.success())
}

/// Whether a program is on the path.
pub(crate) fn exists(name: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|dir| dir.join(name).is_file()))
        || Path::new("/usr/sbin").join(name).is_file()
}

pub(crate) fn write(path: &Path, text: &str) -> Done {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(|source| Failure::Io { what: dir.display().to_string(), source })?;
    }
    fs::write(path, text).map_err(|source| Failure::Io { what: path.display().to_string(), source })
}
