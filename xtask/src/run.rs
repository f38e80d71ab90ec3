//! `cargo xtask run`: the demo clinic in the real window, or the same shift told in a terminal. `cargo xtask session`: a
//! command of one's own in the session of the tests. `cargo xtask screens`: pictures of the window's screens.

use std::env;

use crate::{
    session::{Session, Wants},
    setup,
    shell::{Done, Failure, cargo, npm, program, run, target},
    test,
};

const NO_DISPLAY: &str = "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set).\n\
    The same shift without a window:  cargo xtask run --headless";

pub(crate) fn window() -> Done {
    if !setup::has_display() {
        return Err(Failure::Say(NO_DISPLAY.to_owned()));
    }
    setup::to_run()?;
    test::bundle()?;
    run("build", &mut cargo(&["build", "--locked", "--bin", "reception"]))?;
    let app = target().join("debug/reception");
    if env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some() {
        return run("reception", &mut program(&app.to_string_lossy(), &["--demo"]));
    }
    println!("There is no desktop session: a private one with its own keychain is started for the demo.");
    let session = Session::open(Wants::default())?;
    run("reception", &mut session.command(&app, &["--demo"]))
}

pub(crate) fn headless() -> Done {
    setup::to_run()?;
    run("build", &mut cargo(&["build", "--locked", "--package", "demo", "--bin", "reception-shift"]))?;
    let out = target().join("demo");
    let session = Session::open(Wants::default())?;
    run("the shift", &mut session.command(&target().join("debug/reception-shift"), &["--out", &out.to_string_lossy()]))
}

/// The tests' session around any command: what a single story needs, without the whole of the tests.
pub(crate) fn session(command: &[String]) -> Done {
    setup::to_test()?;
    let Some((first, rest)) = command.split_first() else { return Ok(()) };
    let session = Session::open(Wants { display: true, printer: true, postgres: true, ..Wants::default() })?;
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    run(first, &mut session.command(first.as_ref(), &rest))
}

/// Pictures of the window's screens.
pub(crate) fn screens(names: &[String]) -> Done {
    setup::to_test()?;
    setup::window_packages()?;
    in_browser("ui/screens.mjs", names)
}

/// A script about the window's screens on its made-up clinic, drawn by the engine that the window has.
pub(crate) fn in_browser(script: &str, names: &[String]) -> Done {
    let session = Session::open(Wants { display: true, ..Wants::default() })?;
    let mut args = vec![script];
    args.extend(names.iter().map(String::as_str));
    run(script, &mut session.command("node".as_ref(), &args))
}

/// The page of components and tokens, served until it is stopped.
pub(crate) fn gallery() -> Done {
    setup::window_packages()?;
    println!("http://localhost:1420/?gallery");
    run("the gallery", &mut npm(&["run", "--silent", "dev"]))
}
