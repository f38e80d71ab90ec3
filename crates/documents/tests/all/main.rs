//! What the desk's papers say, and that their files are what a clinic's archive and printer take.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod consent_pd;
mod own_files;
mod pdf_file;
mod support;
mod wordings;
