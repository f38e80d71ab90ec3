//! `reception`: the application of the reception desk.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    reception_lib::run(std::env::args_os().skip(1))
}
