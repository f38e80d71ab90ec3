//! The way to the system's printers: CUPS on Linux and macOS, the spooler on Windows.
//!
//! The desk hands over a file that only this user can read; it goes to the system as it is. Handing bytes over instead
//! would leave a copy in the common temporary folder.
//!
//! On Windows the spooler gets the PDF as raw bytes: that prints on printers that understand PDF, which are most office
//! ones but not all. Another one answers with a page of signs or with nothing; «Сохранить PDF» is the way then.

use contract::ui::{JobState, PrinterView};
use desk::{Handed, PrintError, PrintJob, Printer};
use printers::common::base::{
    job::{PrinterJobOptions, PrinterJobState},
    printer::Printer as Queue,
};

/// The printers that the operating system knows.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemPrinter;

impl Printer for SystemPrinter {
    fn printers(&self) -> Result<Vec<PrinterView>, PrintError> {
        let mut found: Vec<PrinterView> = printers::get_printers().into_iter().map(view).collect();
        found.sort_by(|a, b| b.is_default.cmp(&a.is_default).then_with(|| a.name.cmp(&b.name)));
        Ok(found)
    }

    fn print(&self, job: &PrintJob<'_>) -> Result<Handed, PrintError> {
        let queue = choose(job.printer).ok_or(PrintError::NoPrinter)?;
        let file = job.file.to_str().ok_or(PrintError::Failed)?;
        let copies = job.copies.to_string();
        let sides = if job.duplex { "two-sided-long-edge" } else { "one-sided" };
        let source = job.tray.map(|tray| format!("{{media-source={tray}}}"));
        let mut properties =
            vec![("copies", copies.as_str()), ("document-format", document_format()), ("sides", sides)];
        properties.extend(source.as_deref().map(|source| ("media-col", source)));
        let options =
            PrinterJobOptions { name: Some(job.title), raw_properties: &properties, ..PrinterJobOptions::none() };
        match queue.print_file(file, options) {
            Ok(number) => Ok(Handed { printer: queue.system_name, job: Some(number) }),
            Err(error) => {
                // the message of the system may hold the path of the file: the kind of failure is enough
                tracing::warn!(failure = ?error.failure, "the system did not take the print job");
                Err(PrintError::Failed)
            }
        }
    }

    fn job(&self, printer: &str, job: u64) -> Result<JobState, PrintError> {
        let queue = choose(Some(printer)).ok_or(PrintError::NoPrinter)?;
        Ok(state(&queue, job))
    }
}

/// Where a job stands, as long as the system has a record of it.
fn state(queue: &Queue, number: u64) -> JobState {
    let jobs = queue.get_job_history();
    jobs.iter().find(|job| job.id == number).map_or(JobState::Unknown, |job| match job.state {
        PrinterJobState::PENDING => JobState::Queued,
        PrinterJobState::PROCESSING => JobState::Printing,
        PrinterJobState::PAUSED => JobState::Held,
        PrinterJobState::COMPLETED => JobState::Done,
        PrinterJobState::CANCELLED => JobState::Failed,
        PrinterJobState::UNKNOWN => JobState::Unknown,
    })
}

/// The spooler of Windows passes on only what it is told to be raw.
fn document_format() -> &'static str {
    if cfg!(windows) { "RAW" } else { "application/pdf" }
}

/// The named queue, or the system's default one; a single printer is the default even when nobody said so.
fn choose(name: Option<&str>) -> Option<Queue> {
    let Some(name) = name else {
        return printers::get_default_printer().or_else(only_one);
    };
    printers::get_printer_by_name(name)
}

fn only_one() -> Option<Queue> {
    let mut all = printers::get_printers();
    if all.len() == 1 { all.pop() } else { None }
}

/// The system's own name of the queue: by it the queue is found again.
fn view(queue: Queue) -> PrinterView {
    PrinterView { name: queue.system_name, is_default: queue.is_default }
}
