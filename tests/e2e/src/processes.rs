//! Processes of the story: the project's own binaries and the WebDriver. All of them end with the story.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A binary of the project, built before the stories run.
pub(crate) fn binary(name: &str) -> PathBuf {
    let folder = std::env::var_os("RECEPTION_BINARIES")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/debug"), PathBuf::from);
    let path = folder.join(name);
    path.canonicalize().unwrap_or_else(|_| panic!("{} is not built: cargo build --workspace --bins", path.display()))
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A running process; what it says goes into a file, and it is killed when the story forgets it.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Starts `command`, adding its output to `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Self {
        let out = File::options().create(true).append(true).open(log).unwrap();
        let both = out.try_clone().unwrap();
        let child = command.stdin(Stdio::null()).stdout(out).stderr(both).spawn();
        Self { child: child.unwrap_or_else(|error| panic!("{}: {error}", command.get_program().display())) }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(&mut self) {
        // an error says that it has ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Kills a process that is not our own child at once.
pub(crate) fn kill_at_once(id: u32) {
    // one that has ended already cannot be killed: that is as good
    let _ = Command::new("kill").args(["-9", &id.to_string()]).stderr(Stdio::null()).status();
}

/// The children of a process, and theirs.
pub(crate) fn descendants(id: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut left = vec![id];
    while let Some(parent) = left.pop() {
        let Ok(tasks) = fs::read_dir(format!("/proc/{parent}/task")) else { continue };
        for task in tasks.flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            let children: Vec<u32> = children.split_whitespace().filter_map(|id| id.parse().ok()).collect();
            found.extend(&children);
            left.extend(&children);
        }
    }
    found
}

/// The program that a process runs.
pub(crate) fn program_of(id: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{id}/exe")).ok()
}
