//! The layout engine: Typst as a library, with embedded fonts and nothing else to read.
//!
//! Invariants: the engine sees the source of the paper and the two styles; no disk, no
//! packages, no network. The date it sees is the date of printing. What it memoises of papers
//! lasts for [`PAPERS_REMEMBERED`] papers or until it is told to forget: it holds people's data.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{Datelike, NaiveDate};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, comemo};
use typst_layout::PagedDocument;

use crate::PaperError;
use crate::typst_source::Sources;

/// For how many papers the layout of a wording is kept, so that the next of its kind costs only what differs. A packet
/// of a visit is a handful of kinds.
const PAPERS_REMEMBERED: usize = 24;

/// PT Sans.
pub(crate) const SANS: &[u8] = include_bytes!("../fonts/PTS55F.ttf");
const FONTS: [&[u8]; 6] = [
    include_bytes!("../fonts/PTF55F.ttf"),
    include_bytes!("../fonts/PTF56F.ttf"),
    include_bytes!("../fonts/PTF75F.ttf"),
    include_bytes!("../fonts/PTF76F.ttf"),
    SANS,
    include_bytes!("../fonts/PTS75F.ttf"),
];
const STYLES: [(&str, &str); 2] =
    [("/house_style.typ", include_str!("house_style.typ")), ("/card_style.typ", include_str!("card_style.typ"))];

/// What is loaded once and serves every paper.
pub(crate) struct Engine {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    styles: Vec<Source>,
    paper_id: FileId,
    /// The blocks as they were read last: most of the next paper of a kind are the same.
    blocks: Mutex<HashMap<FileId, Source>>,
}

impl Engine {
    pub(crate) fn new() -> Result<Self, PaperError> {
        let mut fonts = Vec::with_capacity(FONTS.len());
        for data in FONTS {
            fonts.push(Font::new(Bytes::new(data), 0).ok_or(PaperError::BrokenFont)?);
        }
        let mut styles = Vec::with_capacity(STYLES.len());
        for (path, text) in STYLES {
            styles.push(Source::new(file_id(path)?, text.to_owned()));
        }
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            styles,
            paper_id: file_id("/paper.typ")?,
            blocks: Mutex::default(),
        })
    }

    pub(crate) fn lay_out(&self, sources: Sources, today: NaiveDate) -> Result<PagedDocument, PaperError> {
        let mut paper = vec![Source::new(self.paper_id, sources.main)];
        for (path, text) in sources.blocks {
            paper.push(self.block(file_id(&path)?, text));
        }
        let job = Job { engine: self, paper, today };
        typst::compile::<PagedDocument>(&job).output.map_err(|errors| refused(&errors))
    }

    fn block(&self, id: FileId, text: String) -> Source {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = blocks.get(&id)
            && known.text() == text
        {
            return known.clone();
        }
        let block = Source::new(id, text);
        blocks.insert(id, block.clone());
        block
    }

    /// Says that a paper is done, and forgets those long done.
    pub(crate) fn paper_done() {
        comemo::evict(PAPERS_REMEMBERED);
    }

    /// Forgets all papers.
    pub(crate) fn forget(&self) {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner).clear();
        comemo::evict(0);
    }
}

fn file_id(path: &str) -> Result<FileId, PaperError> {
    let path = VirtualPath::new(path).map_err(|_| PaperError::Layout { diagnostics: vec!["bad path".to_owned()] })?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn refused(errors: &[SourceDiagnostic]) -> PaperError {
    PaperError::Layout { diagnostics: errors.iter().map(|e| e.message.to_string()).collect() }
}

/// One compilation.
struct Job<'a> {
    engine: &'a Engine,
    paper: Vec<Source>,
    today: NaiveDate,
}

impl World for Job<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.engine.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.engine.book
    }

    fn main(&self) -> FileId {
        self.engine.paper_id
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.paper
            .iter()
            .chain(&self.engine.styles)
            .find(|source| source.id() == id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.engine.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        let month = u8::try_from(self.today.month()).ok()?;
        let day = u8::try_from(self.today.day()).ok()?;
        Datetime::from_ymd(self.today.year(), month, day)
    }
}
