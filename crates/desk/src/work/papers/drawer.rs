//! Prepared papers of a session, and files that the window has handed over: in memory, a bounded number, gone with the
//! session.

use std::{
    collections::VecDeque,
    sync::{Arc, MutexGuard, PoisonError},
};

use contract::ui::FileTaken;
use data_encoding::HEXLOWER;
use documents::Paper;
use domain::{CaseId, PaperId, PersonId, paper::Weight, person::PrintPurpose};

use crate::{place::Inner, platform::random::id_bytes, session::Seat, trouble::DeskError};

/// Prepared papers that are kept.
const HOLDS: usize = 8;
/// Files that are kept.
const FILES: usize = 4;
/// The largest file: a scan of some dozen sheets.
pub const LARGEST_FILE: usize = 32 * 1024 * 1024;

/// A paper that was prepared.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) id: PaperId,
    pub(crate) form: String,
    pub(crate) title: String,
    pub(crate) person: Option<PersonId>,
    /// The case that it is printed for.
    pub(crate) case: Option<CaseId>,
    /// The person is owed it, blocked or not.
    pub(crate) owed: bool,
    pub(crate) paper: Arc<Paper>,
    pub(crate) purpose: PrintPurpose,
    /// The sheet is on the person's record already, and is printed again.
    pub(crate) repeated: bool,
    /// The gravest that was found.
    pub(crate) weight: Weight,
}

/// Papers and files of this session, the oldest first.
#[derive(Default)]
pub(crate) struct Drawer {
    papers: VecDeque<Prepared>,
    files: VecDeque<Taken>,
}

/// A file, and the marks of its pages once they were read.
struct Taken {
    name: String,
    bytes: Arc<[u8]>,
    marks: Option<Arc<[Option<String>]>>,
}

impl std::fmt::Debug for Drawer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Drawer({}, {})", self.papers.len(), self.files.len())
    }
}

impl Drawer {
    pub(crate) fn clear(&mut self) {
        self.papers.clear();
        self.files.clear();
    }

    pub(crate) fn put(&mut self, paper: Prepared) {
        if self.papers.len() >= HOLDS {
            self.papers.pop_front();
        }
        self.papers.push_back(paper);
    }

    pub(crate) fn find(&self, id: &PaperId) -> Option<Prepared> {
        self.papers.iter().rev().find(|paper| paper.id == *id).cloned()
    }

    fn take(&mut self, name: String, bytes: Vec<u8>) {
        if self.files.len() >= FILES {
            self.files.pop_front();
        }
        self.files.push_back(Taken { name, bytes: bytes.into(), marks: None });
    }

    fn file(&mut self, name: &str) -> Option<&mut Taken> {
        self.files.iter_mut().find(|known| known.name == name)
    }
}

/// Takes a file that the window has read. What it is, is found out where it is used.
pub(crate) fn file_take(seat: &Seat, bytes: Vec<u8>) -> Result<FileTaken, DeskError> {
    if bytes.is_empty() || bytes.len() > LARGEST_FILE {
        return Err(DeskError::BadInput("file.size"));
    }
    let name = HEXLOWER.encode(&id_bytes()?);
    seat.inner.drawer().take(name.clone(), bytes);
    Ok(FileTaken { file: name })
}

impl Inner {
    /// Drops what was prepared and what the press remembers of it.
    pub(crate) fn forget_papers(&self) {
        self.drawer().clear();
        if let Some(press) = self.press.get() {
            press.forget();
        }
    }

    pub(super) fn keep_paper(&self, paper: Prepared) {
        self.drawer().put(paper);
    }

    pub(super) fn prepared(&self, id: &PaperId) -> Result<Prepared, DeskError> {
        self.drawer().find(id).ok_or(DeskError::PaperUnknown)
    }

    fn drawer(&self) -> MutexGuard<'_, Drawer> {
        self.drawer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file that was taken in this session.
    pub(super) fn taken(&self, name: &str) -> Result<Arc<[u8]>, DeskError> {
        self.drawer().file(name).map(|file| Arc::clone(&file.bytes)).ok_or(DeskError::BadInput("file.gone"))
    }

    /// The marks of a file's pages, if they were read.
    pub(super) fn marks(&self, name: &str) -> Option<Arc<[Option<String>]>> {
        self.drawer().file(name)?.marks.clone()
    }

    pub(super) fn note_marks(&self, name: &str, marks: Arc<[Option<String>]>) {
        if let Some(file) = self.drawer().file(name) {
            file.marks = Some(marks);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawer_holds_so_many_papers() {
        let paper = Paper { pdf: Vec::new(), pages: 1, revision: 1, text_sha256: String::new(), warnings: Vec::new() };
        let paper = Arc::new(paper);
        let id = |n| PaperId::from_random([n; 16]);
        let mut drawer = Drawer::default();
        for n in 0..=u8::try_from(HOLDS).unwrap_or(u8::MAX) {
            drawer.put(Prepared {
                id: id(n),
                form: "consent_pd".to_owned(),
                title: String::new(),
                person: None,
                case: None,
                owed: false,
                paper: Arc::clone(&paper),
                purpose: PrintPurpose::Desk,
                repeated: false,
                weight: Weight::Note,
            });
        }
        assert!(drawer.find(&id(0)).is_none(), "the oldest went");
        assert!(drawer.find(&id(1)).is_some());
        drawer.take("файл".to_owned(), vec![1]);
        drawer.clear();
        assert!(drawer.find(&id(1)).is_none() && drawer.file("файл").is_none());
    }
}
