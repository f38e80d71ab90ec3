//! Prepared papers of a session: in memory, a bounded number, gone with the session.

use std::{collections::VecDeque, sync::Arc};

use documents::{FormKind, Paper};
use domain::{PaperId, PersonId, paper::Weight, person::PrintPurpose};

/// Prepared papers that are kept.
const HOLDS: usize = 8;

/// A paper that was prepared.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) id: PaperId,
    pub(crate) form: FormKind,
    pub(crate) person: Option<PersonId>,
    pub(crate) paper: Arc<Paper>,
    pub(crate) purpose: PrintPurpose,
    /// The sheet is on the person's record already, and is printed again.
    pub(crate) repeated: bool,
    /// The gravest that was found.
    pub(crate) weight: Weight,
}

/// Prepared papers of this session, the oldest first.
#[derive(Default)]
pub(crate) struct Drawer(VecDeque<Prepared>);

impl std::fmt::Debug for Drawer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Drawer({})", self.0.len())
    }
}

impl Drawer {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn put(&mut self, paper: Prepared) {
        if self.0.len() >= HOLDS {
            self.0.pop_front();
        }
        self.0.push_back(paper);
    }

    pub(crate) fn find(&self, id: &PaperId) -> Option<Prepared> {
        self.0.iter().rev().find(|paper| paper.id == *id).cloned()
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
                form: FormKind::ConsentPd,
                person: None,
                paper: Arc::clone(&paper),
                purpose: PrintPurpose::Desk,
                repeated: false,
                weight: Weight::Note,
            });
        }
        assert!(drawer.find(&id(0)).is_none(), "the oldest went");
        assert!(drawer.find(&id(1)).is_some());
        drawer.clear();
        assert!(drawer.find(&id(1)).is_none());
    }
}
