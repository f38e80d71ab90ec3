//! The way to a printer. The shell brings the system's one; the desk only hands it a private file.

use std::path::Path;

use contract::ui::{JobState, PrinterView};

/// Trays by the names that printers share (IPP `media-source`).
pub const TRAYS: [&str; 6] = ["tray-1", "tray-2", "tray-3", "tray-4", "by-pass-tray", "manual"];

/// A file for a printer.
#[derive(Debug, Clone, Copy)]
pub struct PrintJob<'a> {
    /// A file that only this user can read. It is removed as soon as [`Printer::print`] returns.
    pub file: &'a Path,
    /// None: the system's default printer.
    pub printer: Option<&'a str>,
    pub copies: u32,
    /// On both sides, turned by the long edge. A printer that cannot prints one side.
    pub duplex: bool,
    /// One of [`TRAYS`]; none: as the printer is set. A printer without it takes what it has.
    pub tray: Option<&'a str>,
    /// Neutral: other users see it in the queue.
    pub title: &'a str,
}

/// What became of a job that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    pub printer: String,
    /// The system's number of the job; none: it keeps none.
    pub job: Option<u64>,
}

impl Handed {
    /// Taken by a printer without a queue.
    #[must_use]
    pub fn to(printer: &str) -> Self {
        Self { printer: printer.to_owned(), job: None }
    }
}

/// Why a job did not get to a printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    #[error("no such printer, or none at all")]
    NoPrinter,
    #[error("the system did not take the job")]
    Failed,
}

/// The system's printers. Called from a thread that may wait.
pub trait Printer: Send + Sync + std::fmt::Debug {
    /// The printers that the system knows.
    ///
    /// # Errors
    /// When the system cannot be asked.
    fn printers(&self) -> Result<Vec<PrinterView>, PrintError>;

    /// Hands the file over and answers with the printer that took it.
    ///
    /// # Errors
    /// When there is no such printer or the system refuses the job.
    fn print(&self, job: &PrintJob<'_>) -> Result<Handed, PrintError>;

    /// Where a job stands that was handed over. A way without a queue does not tell.
    ///
    /// # Errors
    /// When the system cannot be asked.
    fn job(&self, _printer: &str, _job: u64) -> Result<JobState, PrintError> {
        Ok(JobState::Unknown)
    }
}
