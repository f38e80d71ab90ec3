//! One start of the application, from its arguments to its exit code.

use std::{
    ffi::OsString,
    io::{self, Write},
    panic,
    process::ExitCode,
    sync::Arc,
};

use tauri::{App, AppHandle, Manager};
use tracing_subscriber::EnvFilter;

use crate::{
    commands,
    launch::{HELP, Launch, no_window_here},
    opening,
    seat::{Seat, Usher},
    tray::{self, Closing},
    windows,
};

/// Exit codes: what a script that starts the application may want to tell apart.
mod exit {
    pub(super) const FAILED: i32 = 1;
    pub(super) const NO_WINDOW: i32 = 2;
    pub(super) const USAGE: i32 = 64;
}

const NO_WINDOW: &str = "\
Окно не открылось: дисплей не отвечает. Ту же смену без окна покажет:  cargo xtask run --headless
The window could not be made. The same shift without a window:  cargo xtask run --headless";

/// Starts the application with the arguments that follow its name; answers when it is closed.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let code = match Launch::read(arguments) {
        Launch::Version => say(concat!("reception ", env!("CARGO_PKG_VERSION"), "\n")),
        Launch::Help => say(HELP),
        Launch::Unknown => complain(HELP, exit::USAGE),
        Launch::Desk => show(false),
        Launch::Demo => show(true),
    };
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}

fn show(demo: bool) -> i32 {
    desk::platform::dumps::switch_off();
    if let Some(reason) = no_window_here() {
        return complain(reason, exit::NO_WINDOW);
    }
    trace_to_stderr();
    // a display that is named but does not answer makes the toolkit panic: it is said in words then, too
    match panic::catch_unwind(|| build(demo)) {
        Ok(Ok(app)) => app.run_return(|_, _| {}),
        Ok(Err(error)) => {
            tracing::error!(%error, "the window could not be made");
            complain(NO_WINDOW, exit::NO_WINDOW)
        }
        Err(_) => complain(NO_WINDOW, exit::NO_WINDOW),
    }
}

fn build(demo: bool) -> tauri::Result<App> {
    let (usher, seat) = Seat::empty();
    tauri::Builder::default()
        // the first plugin: a second start hands over to the first one before it does anything
        .plugin(tauri_plugin_single_instance::init(|app, _, _| windows::show(app)))
        .plugin(tauri_plugin_window_state::Builder::default().with_state_flags(windows::REMEMBERED).build())
        .plugin(tauri_plugin_autostart::Builder::new().app_name("reception").build())
        .manage(seat)
        .manage(Arc::<Closing>::default())
        .invoke_handler(commands::handler())
        .setup(move |app| {
            windows::open(app)?;
            tray::place(app.handle());
            tauri::async_runtime::spawn(open_desk(app.handle().clone(), demo, usher));
            Ok(())
        })
        .build(tauri::generate_context!())
}

/// Opens the desk beside the window, which stands already; leaves when there can be none.
async fn open_desk(app: AppHandle, demo: bool, usher: Usher) {
    match opening::open(app.clone(), demo, usher).await {
        Ok(kept) => {
            app.manage(kept);
        }
        Err(error) => app.exit(complain(&error.to_string(), exit::FAILED)),
    }
}

/// Traces go to the standard error, quiet unless `RUST_LOG` asks; they hold ids and names of commands only.
fn trace_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let made = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init();
    if made.is_err() {
        tracing::debug!("traces were set up before");
    }
}

/// What was asked for, on the standard output. A closed pipe is not an error worth a word.
fn say(text: &str) -> i32 {
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => 0,
        Err(_) => exit::FAILED,
    }
}

/// Words for whoever started the application, on the standard error.
fn complain(text: &str, code: i32) -> i32 {
    match writeln!(io::stderr(), "{}", text.trim_end()) {
        Ok(()) => code,
        Err(_) => exit::FAILED,
    }
}
