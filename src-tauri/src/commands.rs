//! The window's commands, made from the contract's one list: each goes to the desk's method of the same name.
//!
//! Invariants: every command takes one argument named `args`; what comes in is bounded in size and parsed by the
//! contract's types, which refuse unknown fields; what goes out is a view or a [`UiError`], never a text of an inner
//! error. Traces name the command and the code of its failure alone.

use std::io;

use contract::{for_each_command, ui::*};
use desk::LARGEST_FILE;
use tauri::{
    Runtime, State,
    ipc::{self, InvokeBody},
};

use crate::seat::Seat;

macro_rules! commands {
    ($($name:ident ($args:ty) -> $view:ty;)*) => {
        $(
            #[tauri::command]
            async fn $name(seat: State<'_, Seat>, args: $args) -> Result<$view, UiError> {
                let desk = seat.desk().await?;
                desk.$name(args).await.inspect_err(|error| trace_refusal(stringify!($name), error))
            }
        )*

        fn listed<R: Runtime>() -> impl Fn(ipc::Invoke<R>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($name,)* paper_pdf, file_take]
        }
    };
}
for_each_command!(commands);

/// Most bytes of a command's argument. The longest honest one is a note of a few thousand characters.
pub const MAX_ARGUMENT: usize = 64 * 1024;

/// Answers the window.
pub fn handler<R: Runtime>() -> impl Fn(ipc::Invoke<R>) -> bool + Send + Sync + 'static {
    let listed = listed();
    move |invoke| {
        if fits(invoke.message.command(), invoke.message.payload()) {
            return listed(invoke);
        }
        tracing::warn!(command = invoke.message.command(), "an argument too long for any command");
        invoke.resolver.reject(UiError::new(Code::BadInput));
        true
    }
}

fn fits(command: &str, body: &InvokeBody) -> bool {
    match body {
        InvokeBody::Json(value) => serde_json::to_writer(Room(MAX_ARGUMENT), value).is_ok(),
        InvokeBody::Raw(bytes) if command == "file_take" => bytes.len() <= LARGEST_FILE,
        InvokeBody::Raw(bytes) => bytes.len() <= MAX_ARGUMENT,
    }
}

/// Takes so many bytes and no more, and keeps none.
struct Room(usize);

impl io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::WriteZero)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bytes of a prepared paper, as bytes: a PDF as a list of numbers would be four times as long.
#[tauri::command]
async fn paper_pdf(seat: State<'_, Seat>, args: PaperArgs) -> Result<ipc::Response, UiError> {
    let desk = seat.desk().await?;
    let pdf = desk.paper_pdf(args).await.inspect_err(|error| trace_refusal("paper_pdf", error))?;
    Ok(ipc::Response::new(pdf))
}

/// A file that the window has read, as bytes for the same reason.
#[tauri::command]
async fn file_take(seat: State<'_, Seat>, request: ipc::Request<'_>) -> Result<FileTaken, UiError> {
    let InvokeBody::Raw(bytes) = request.body() else { return Err(UiError::new(Code::BadInput)) };
    let bytes = bytes.clone();
    let desk = seat.desk().await?;
    desk.file_take(bytes).await.inspect_err(|error| trace_refusal("file_take", error))
}

fn trace_refusal(command: &'static str, error: &UiError) {
    tracing::debug!(command, code = ?error.code, "refused");
}
