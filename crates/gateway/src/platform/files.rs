//! Files that must survive: a journal to which lines are added for good, and a file that appears whole or not at all; and
//! a folder that must not.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{make_private_folder, open_private};

/// Makes the file if it is not there, for its owner only.
pub(crate) fn make_sure(path: &Path) -> io::Result<()> {
    if let Some(folder) = folder(path).filter(|folder| !folder.exists()) {
        make_private_folder(folder)?;
    }
    match open_private(path) {
        Ok(file) => {
            file.sync_all()?;
            sync_folder(path)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Adds a line and waits until it is on the disk. What a crash has left of a line without its end is cut away first.
pub(crate) fn append_line(path: &Path, line: &str) -> io::Result<()> {
    make_sure(path)?;
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    // other processes of this machine add to it too
    file.lock()?;
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    file.set_len(whole as u64)?;
    file.seek(SeekFrom::End(0))?;
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_all()
}

/// The lines that are whole; `None`: there is no such file.
pub(crate) fn whole_lines(path: &Path) -> io::Result<Option<Vec<String>>> {
    let mut text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    text.truncate(text.rfind('\n').map_or(0, |at| at + 1));
    Ok(Some(text.lines().map(str::to_owned).collect()))
}

/// A file under way to its place; dropped before [`Fresh::finish`], it leaves nothing.
pub(crate) struct Fresh {
    file: Option<BufWriter<File>>,
    partial: PathBuf,
    target: PathBuf,
}

impl Fresh {
    /// For its owner only; an error of the kind `AlreadyExists` when the place is taken.
    pub(crate) fn create(target: &Path) -> io::Result<Self> {
        if target.exists() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let mut partial = target.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        match fs::remove_file(&partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = Some(BufWriter::new(open_private(&partial)?));
        Ok(Self { file, partial, target: target.to_owned() })
    }

    /// Where it is for now.
    pub(crate) fn partial(&self) -> &Path {
        &self.partial
    }

    /// Writes down what was written, before it is read again.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        match &mut self.file {
            Some(file) => {
                file.flush()?;
                file.get_ref().sync_all()
            }
            None => Ok(()),
        }
    }

    /// Puts it to its place.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.settle()?;
        self.file = None;
        fs::rename(&self.partial, &self.target)?;
        sync_folder(&self.target)
    }
}

impl Write for Fresh {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            let _ = fs::remove_file(&self.partial);
        }
    }
}

/// Opens for reading.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

fn folder(path: &Path) -> Option<&Path> {
    path.parent().filter(|folder| !folder.as_os_str().is_empty())
}

/// A new name is on the disk once its folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path).unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// A private folder that goes with whatever was in it.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn make(path: PathBuf) -> io::Result<Self> {
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        make_private_folder(&path)?;
        Ok(Self(path))
    }

    /// Where a file of this name lies in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "a folder that is needed no more is still there");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_a_crash_has_cut_is_not_there_and_does_not_spoil_the_next_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/journal");
        assert_eq!(whole_lines(&path).unwrap(), None);
        append_line(&path, "one").unwrap();
        fs::write(&path, "one\ntw").unwrap();
        assert_eq!(whole_lines(&path).unwrap().unwrap(), ["one"]);
        append_line(&path, "three").unwrap();
        assert_eq!(whole_lines(&path).unwrap().unwrap(), ["one", "three"]);
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all_and_over_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("copy");
        let mut given_up = Fresh::create(&path).unwrap();
        given_up.write_all(b"half").unwrap();
        drop(given_up);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        let mut fresh = Fresh::create(&path).unwrap();
        fresh.write_all(b"whole").unwrap();
        fresh.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(Fresh::create(&path).err().unwrap().kind(), io::ErrorKind::AlreadyExists);
    }
}
