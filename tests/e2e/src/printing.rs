//! The printer of the test session: a real spooler whose one printer lays every job into a folder.

use std::{fs, path::PathBuf};

use crate::until;

/// Where printed papers come out.
#[derive(Debug)]
pub struct TestPrinter {
    out: PathBuf,
}

impl TestPrinter {
    /// The session's printer, if it has one.
    #[must_use]
    pub fn of_session() -> Option<Self> {
        std::env::var_os("RECEPTION_TEST_PRINTER_OUT").map(|out| Self { out: PathBuf::from(out) })
    }

    /// How many papers have come out until now.
    #[must_use]
    pub fn papers(&self) -> usize {
        self.jobs().len()
    }

    /// The next paper that comes out.
    pub async fn next_after(&self, papers: usize) -> Vec<u8> {
        let paper = until("the printer lays the paper out", async || self.jobs().into_iter().nth(papers)).await;
        fs::read(paper).unwrap()
    }

    fn jobs(&self) -> Vec<PathBuf> {
        let mut jobs: Vec<(u32, PathBuf)> = fs::read_dir(&self.out)
            .unwrap()
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let number = name.strip_prefix("job-")?.strip_suffix(".pdf")?.parse().ok()?;
                Some((number, entry.path()))
            })
            .collect();
        jobs.sort();
        jobs.into_iter().map(|(_, path)| path).collect()
    }
}
