//! Prints every kind of paper, filled and blank, into a folder: `cargo run -p documents --example proof DIR [KIND]`.

use std::error::Error;
use std::path::PathBuf;

use chrono::DateTime;
use documents::{FormKind, PaperRequest, Press};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    let only: Option<FormKind> = std::env::args().nth(2).map(|code| code.parse()).transpose()?;
    std::fs::create_dir_all(&folder)?;
    let press = Press::new()?;
    for &kind in FormKind::ALL.iter().filter(|kind| only.is_none_or(|only| only == **kind)) {
        let printed_at = DateTime::parse_from_rfc3339("2026-11-24T09:12:30+07:00")?;
        let filled = PaperRequest { printed_at, ..PaperRequest::example(kind) };
        let blank = PaperRequest { data: None, ..filled.clone() };
        for (name, request) in [("filled", filled), ("blank", blank)] {
            std::fs::write(folder.join(format!("{kind}.{name}.pdf")), press.render(&request)?.pdf)?;
        }
    }
    Ok(())
}
