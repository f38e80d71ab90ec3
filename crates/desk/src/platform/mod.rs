//! The only place with a clock, randomness, files and the keychain; everything else gets them as arguments.

pub mod clock;
pub mod dumps;
pub mod files;
pub mod keychain;
pub mod print;
pub(crate) mod random;

use std::{
    env,
    path::{Path, PathBuf},
};

/// Names the folder of the desk's data; a test or a demo sets it.
pub const HOME_VARIABLE: &str = "RECEPTION_HOME";
const FOLDER: &str = "ru.smileprogress.reception";

/// Where the desk keeps its data: `RECEPTION_HOME`, else the platform's folder for an application's local data.
/// None where the platform names none.
#[must_use]
pub fn home() -> Option<PathBuf> {
    match env::var_os(HOME_VARIABLE).filter(|value| !value.is_empty()) {
        Some(path) => Some(PathBuf::from(path)),
        None => dirs::data_local_dir().map(|dir| dir.join(FOLDER)),
    }
}

/// The keychain's account of a desk: one in another folder than the usual has other keys, so it has another account.
/// `chosen` is a folder that was named on a command line; without it [`home`] counts.
#[must_use]
pub fn keychain_account(chosen: Option<&Path>) -> String {
    let named = chosen.map(Path::to_path_buf).or_else(|| env::var_os(HOME_VARIABLE).map(PathBuf::from));
    match named.filter(|path| !path.as_os_str().is_empty()) {
        Some(path) => format!("desk in {}", path.display()),
        None => "desk".to_owned(),
    }
}

/// Where people look for a file that they saved: documents, else downloads, else the home folder.
#[must_use]
pub fn documents_folder() -> Option<PathBuf> {
    let existing = |dir: Option<PathBuf>| dir.filter(|dir| dir.is_dir());
    existing(dirs::document_dir()).or_else(|| existing(dirs::download_dir())).or_else(|| existing(dirs::home_dir()))
}
