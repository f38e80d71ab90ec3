//! What a fresh Debian or Ubuntu machine with only Rust, Node and git still needs.
//!
//! Invariant: nothing is installed that is already there, and a machine where apt may not run gets one clear line to
//! hand to its administrator.

use std::{env, fs};

use crate::shell::{Done, Failure, exists, npm, program, root, run, succeeds};

/// To build and to run.
const TO_BUILD: &[&str] =
    &["build-essential", "pkg-config", "libssl-dev", "libwebkit2gtk-4.1-dev", "libcups2-dev", "libdbus-1-dev"];
/// To run where there is no desktop: message bus and keychain.
const TO_RUN_BARE: &[&str] = &["dbus", "gnome-keyring"];
/// To test the real window, the real spooler, the papers, the gateway's other database and its API.
const TO_TEST: &[&str] = &[
    "xvfb",
    "xauth",
    "webkit2gtk-driver",
    "cups-daemon",
    "cups-client",
    "poppler-utils",
    "qpdf",
    "fonts-dejavu-core",
    "postgresql",
    "dovecot-imapd",
    "curl",
    "openssl",
    "python3-venv",
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
];
/// Where Debian's PostgreSQL looks before it makes a cluster of the machine's own.
const NO_CLUSTER: &str = "/etc/postgresql-common/createcluster.conf";

pub(crate) fn everything() -> Done {
    to_run()?;
    to_test()?;
    window_packages()
}

pub(crate) fn to_test() -> Done {
    packages(TO_TEST)
}

pub(crate) fn to_run() -> Done {
    packages(TO_BUILD)?;
    packages(TO_RUN_BARE)
}

/// The window's npm packages, as the lock file says; repeated only when it changed.
pub(crate) fn window_packages() -> Done {
    if !exists("npm") {
        return Err(Failure::Say("Node.js 20 or newer with npm is needed to build the window.".to_owned()));
    }
    let ui = root().join("ui");
    let (lock, stamp) = (ui.join("package-lock.json"), ui.join("node_modules/.installed-lock"));
    let wanted = fs::read(&lock).map_err(|source| Failure::Io { what: lock.display().to_string(), source })?;
    if fs::read(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    run("npm ci", &mut npm(&["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, wanted).map_err(|source| Failure::Io { what: stamp.display().to_string(), source })
}

fn packages(wanted: &[&str]) -> Done {
    if !exists("dpkg-query") {
        println!("This is not Debian or Ubuntu: {} are expected to be there.", wanted.join(", "));
        return Ok(());
    }
    let missing: Vec<&str> = wanted.iter().copied().filter(|name| !is_installed(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing_postgres = missing.contains(&"postgresql");
    println!("Installing system packages: {}", missing.join(" "));
    let by_hand = format!("sudo apt-get install --no-install-recommends {}", missing.join(" "));
    let prefix: &[&str] = if succeeds("sh", &["-c", "test $(id -u) = 0"]) {
        &[]
    } else if exists("sudo") {
        &["sudo"]
    } else {
        return Err(Failure::Say(format!(
            "These packages are missing and this user may not install them:\n  {by_hand}"
        )));
    };
    let step = |args: &[&str]| {
        let all: Vec<&str> =
            prefix.iter().chain(["env", "DEBIAN_FRONTEND=noninteractive"].iter()).chain(args).copied().collect();
        let (first, rest) = all.split_first().map_or(("env", &[][..]), |(f, r)| (*f, r));
        run("apt-get", &mut program(first, rest))
    };
    let install: Vec<&str> =
        ["apt-get", "install", "-y", "-q", "--no-install-recommends"].iter().copied().chain(missing).collect();
    // the tests run a cluster of their own: the machine gets programs, not another service
    let quietly = format!(
        "test -e {NO_CLUSTER} || {{ mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > {NO_CLUSTER}; }}"
    );
    if missing_postgres {
        step(&["sh", "-c", &quietly])?;
    }
    step(&["apt-get", "update", "-q"])
        .and_then(|()| step(&install))
        .map_err(|_| Failure::Say(format!("The packages could not be installed. By hand:\n  {by_hand}")))
}

fn is_installed(package: &str) -> bool {
    program("dpkg-query", &["-W", "-f=${Status}", package])
        .output()
        .is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains("install ok installed"))
}

/// Whether there is a screen to show a window on.
pub(crate) fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|key| env::var_os(key).is_some_and(|v| !v.is_empty()))
}
