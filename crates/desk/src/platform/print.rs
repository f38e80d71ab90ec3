//! The way to a printer. The shell brings the system's one; the desk only hands it a private file.

use std::path::Path;

use contract::ui::PrinterView;

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
    /// Neutral: other users see it in the queue.
    pub title: &'a str,
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

    /// Hands the file over and answers with the name of the printer that took it.
    ///
    /// # Errors
    /// When there is no such printer or the system refuses the job.
    fn print(&self, job: &PrintJob<'_>) -> Result<String, PrintError>;
}
