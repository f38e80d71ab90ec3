//! Writes the shell's manifest: which commands exist, and which window may call them.
//!
//! The list of commands is the contract's. With it in the manifest a window may call only what its capability grants;
//! without it every window could call every command.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a build script speaks to Cargo by printing")]

use std::{fs, path::Path, process::ExitCode};

use tauri_build::{AppManifest, Attributes};

const BUILT_WINDOW: &str = "ui/dist/index.html";

fn main() -> ExitCode {
    for watched in ["src-tauri/capabilities", "tauri.conf.json", "icons"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    if let Err(reason) = watch_built_window() {
        return fail(&reason);
    }
    let attributes = Attributes::new()
        .app_manifest(AppManifest::new().commands(contract::commands::COMMANDS))
        .capabilities_path_pattern("./src-tauri/capabilities/**/*");
    match tauri_build::try_build(attributes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("{error:#}")),
    }
}

/// The built window is embedded into the binary. `tauri dev` serves it instead and needs no `ui/dist`.
fn watch_built_window() -> Result<(), String> {
    if Path::new(BUILT_WINDOW).is_file() {
        println!("cargo:rerun-if-changed=ui/dist");
        return Ok(());
    }
    // a path that does not exist makes Cargo run this script again each time, until the window is built
    println!("cargo:rerun-if-changed={BUILT_WINDOW}");
    if tauri_build::is_dev() {
        // the code generator looks for the folder even when it embeds nothing
        return fs::create_dir_all("ui/dist").map_err(|error| format!("ui/dist cannot be made: {error}"));
    }
    Err("the window is not built: ui/dist/index.html is missing.\n\
         `cargo xtask run` and `cargo xtask test` build it; by hand:\n\
         npm --prefix ui ci && npm --prefix ui run build"
        .to_owned())
}

fn fail(reason: &str) -> ExitCode {
    for line in reason.lines() {
        println!("cargo:warning={line}");
    }
    eprintln!("{reason}");
    ExitCode::FAILURE
}
