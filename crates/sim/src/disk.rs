//! A disk that may lose its process: state changes only inside of transactions, and a process dies between two of them
//! or right after one, never within.

/// The process died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Died;

/// What survives a crash.
#[derive(Debug, Clone)]
pub(crate) struct Disk<S> {
    kept: S,
    /// Commits until the process dies; none: it lives.
    commits_left: Option<u8>,
}

impl<S> Disk<S> {
    pub(crate) fn holding(kept: S) -> Self {
        Self { kept, commits_left: None }
    }

    /// What is on the disk.
    pub(crate) fn kept(&self) -> &S {
        &self.kept
    }

    /// The process will die after so many commits.
    pub(crate) fn dies_after(&mut self, commits: Option<u8>) {
        self.commits_left = commits;
    }

    /// One transaction.
    pub(crate) fn commit<R>(&mut self, change: impl FnOnce(&mut S) -> R) -> Result<R, Died> {
        if self.commits_left == Some(0) {
            return Err(Died);
        }
        let done = change(&mut self.kept);
        match &mut self.commits_left {
            Some(left) => {
                *left -= 1;
                if *left == 0 { Err(Died) } else { Ok(done) }
            }
            None => Ok(done),
        }
    }

    /// The whole disk is replaced: a restore, a new desk.
    pub(crate) fn replace(&mut self, kept: S) {
        self.kept = kept;
        self.commits_left = None;
    }
}
