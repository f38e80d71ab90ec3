//! Files of the desk: nobody but this user reads them.
//!
//! Invariant: a folder is 0700 and a file 0600 from the moment it exists (where the platform has such modes; elsewhere
//! the user's profile folder protects them).

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Makes a private folder, or makes one private that is there.
///
/// # Errors
/// When the system refuses.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        builder.mode(0o700).create(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
    }
    #[cfg(not(unix))]
    builder.create(path)
}

/// Writes a new private file; refuses to write over one.
///
/// # Errors
/// When the file exists or the system refuses.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Writes a private file in place of the one that may be there: after a crash it is the old one or the new one.
///
/// # Errors
/// When the system refuses.
pub fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    remove(&fresh)?;
    write_private(&fresh, bytes)?;
    fs::rename(&fresh, path)
}

/// Removes a file; one that is not there is no error.
///
/// # Errors
/// When the system refuses.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Makes a private folder with nothing in it: what a crash has left goes. Only plain files are removed.
///
/// # Errors
/// When the system refuses.
pub fn empty_private_folder(path: &Path) -> io::Result<()> {
    private_folder(path)?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A private file that is removed when this is dropped.
#[derive(Debug)]
pub struct ShortLived {
    path: PathBuf,
}

impl ShortLived {
    /// Writes the file.
    ///
    /// # Errors
    /// As [`write_private`].
    pub fn write(path: PathBuf, bytes: &[u8]) -> io::Result<Self> {
        let file = Self { path };
        write_private(&file.path, bytes)?;
        Ok(file)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for ShortLived {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(kind = ?error.kind(), "a file of the spool could not be removed");
        }
    }
}

/// Held by the one program that may open the desk's database. Freed by the system even after a crash.
#[derive(Debug)]
pub struct OneAtATime {
    _file: File,
}

impl OneAtATime {
    /// Takes the lock; `None` when another program has it.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options.open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
