//! `cargo xtask tidy`: the structure of docs/ARCHITECTURE.md as a check.
//!
//! Which crate may depend on which, which crate alone names a heavy dependency, under which licences others' code may
//! come, how long a file may be, and what the window may import. Each rule prints the place and the reason.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{Metadata, MetadataCommand, Package, Source};

use crate::shell::{Done, Failure, root};

/// Longest source file, longest test file, longest Svelte component, in lines.
const FILE: usize = 500;
const TEST_FILE: usize = 800;
const COMPONENT: usize = 300;

/// Who may depend on whom, inside the workspace. Dependencies of tests are free.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("contract", &["domain"]),
    ("seal", &["contract", "domain"]),
    ("connectors", &["contract", "domain"]),
    ("documents", &[]),
    ("sync", &["contract", "domain"]),
    ("store", &["contract", "domain"]),
    ("sim", &["contract", "domain", "sync"]),
    ("desk", &["connectors", "contract", "documents", "domain", "seal", "store", "sync"]),
    ("gateway", &["connectors", "contract", "domain", "seal"]),
    ("ctl", &["contract", "desk", "documents", "domain"]),
    ("demo", &["connectors", "contract", "desk", "domain", "gateway", "seal"]),
    ("reception", &["contract", "demo", "desk", "gateway"]),
    ("stories", &["connectors", "contract", "demo", "desk", "domain", "gateway", "seal", "sim", "store", "sync"]),
    ("e2e", &["contract", "demo", "desk", "domain", "seal", "store"]),
    ("xtask", &[]),
];

/// A dependency that only these crates may name.
const ONLY: &[(&str, &[&str], &str)] = &[
    ("tauri", &["reception"], "the shell is thin; everything else runs without a window"),
    ("sqlx", &["store", "gateway"], "SQL lives in the desk's store and the gateway's db"),
    (
        "reqwest",
        &["desk", "gateway", "demo", "stories", "e2e"],
        "one transport at the desk, and the gateway's poll, which asks shops and journals; the rest are visitors in demo and tests",
    ),
    ("keyring-core", &["desk"], "the keychain is asked in desk::platform alone"),
    ("printpdf", &["documents"], "papers are made in one place"),
    ("typst", &["documents"], "papers are made in one place"),
    ("hpke", &["seal"], "sealing is done in one place"),
    ("argon2", &["desk"], "passwords are checked in one place"),
];

/// What others' code may be used under, in a program that the clinic is given whole.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// What is reached for in the platform modules only, and handed in everywhere else: then a test can move it.
const AMBIENT: &[(&str, &str)] = &[
    ("Utc::now(", "the clock is handed in"),
    ("Local::now(", "the clock is handed in"),
    ("SystemTime::now(", "the clock is handed in"),
    ("Instant::now(", "the clock is handed in"),
    ("thread::sleep(", "whoever waits is told until when"),
    ("getrandom::", "randomness comes from one place"),
    ("rand::", "randomness comes from one place"),
    ("fs::write(", "files are touched in one place"),
    ("fs::remove_", "files are touched in one place"),
    ("env::var", "settings are read at the start of a program"),
];

/// The places that may: the platform modules, the one source of randomness, the store around its own file, and programs
/// of which the ambient world is the business.
const AT_THE_EDGE: &[&str] = &[
    "crates/desk/src/platform/",
    "crates/gateway/src/platform",
    "crates/gateway/src/main.rs",
    "crates/gateway/src/cli",
    "crates/seal/src/random.rs",
    "crates/store/src/open.rs",
    "crates/store/src/key.rs",
    "crates/ctl/",
    "crates/demo/",
    "crates/sim/src/main.rs",
];

pub(crate) fn check() -> Done {
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .other_options(["--locked".to_owned()])
        .exec()
        .map_err(|error| Failure::Say(format!("cargo metadata: {error}")))?;
    let mut complaints = dependencies(&metadata);
    complaints.extend(licences(&metadata));
    complaints.extend(files(&root())?);
    complaints.extend(required());
    if complaints.is_empty() {
        return Ok(());
    }
    Err(Failure::Say(format!("tidy:\n  {}", complaints.join("\n  "))))
}

fn dependencies(metadata: &Metadata) -> Vec<String> {
    let ours: BTreeMap<String, &Package> =
        metadata.workspace_packages().into_iter().map(|p| (p.name.to_string(), p)).collect();
    let mut complaints = Vec::new();
    for (name, package) in &ours {
        let Some((_, allowed)) = DIRECTIONS.iter().find(|(n, _)| n == name) else {
            complaints.push(format!("{name}: a crate without a place in xtask/src/tidy.rs"));
            continue;
        };
        for dependency in &package.dependencies {
            let to_test = dependency.kind == cargo_metadata::DependencyKind::Development;
            if ours.contains_key(&dependency.name) && !to_test && !allowed.contains(&dependency.name.as_str()) {
                complaints.push(format!("{name} -> {}: this direction is closed", dependency.name));
            }
            for (heavy, who, why) in ONLY {
                if dependency.name == *heavy && !to_test && !who.contains(&name.as_str()) {
                    complaints.push(format!("{name} names {heavy}: {why}"));
                }
            }
        }
    }
    complaints
}

/// Every package of others: from where, and under what.
fn licences(metadata: &Metadata) -> Vec<String> {
    let others = metadata.packages.iter().filter_map(|package| Some((package, package.source.as_ref()?)));
    let complaint = |(package, source): (&Package, &Source)| {
        let licence = package.license.as_deref().unwrap_or("without a licence");
        if !source.is_crates_io() {
            return Some(format!("{}: it does not come from the registry", package.name));
        }
        (!may_be_used(licence))
            .then(|| format!("{}: {licence}: not among the licences of xtask/src/tidy.rs", package.name))
    };
    others.filter_map(complaint).collect()
}

/// Of what is joined by AND each has to be allowed, of what is joined by OR one.
fn may_be_used(expression: &str) -> bool {
    let allowed = |one: &str| LICENCES.contains(&one.trim());
    let part = |part: &str| part.trim_matches(['(', ')', ' ']).split(" OR ").any(allowed);
    expression.replace('/', " OR ").split(" AND ").all(part)
}

fn files(root: &Path) -> Result<Vec<String>, Failure> {
    let mut complaints = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["crates", "src-tauri", "xtask", "tests", "ui/src"].iter().map(|d| root.join(d)).collect();
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).map_err(|source| Failure::Io { what: folder.display().to_string(), source })?;
        for path in entries.flatten().map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let Some(extension) = path.extension().and_then(|e| e.to_str()) {
                complaints.extend(file(root, &path, extension));
            }
        }
    }
    complaints.sort();
    Ok(complaints)
}

fn file(root: &Path, path: &Path, extension: &str) -> Vec<String> {
    let shown = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    let Ok(text) = fs::read_to_string(path) else { return Vec::new() };
    let generated = text.starts_with("// Generated");
    let is_test = shown.contains("/tests/") || shown.starts_with("tests/") || shown.ends_with(".test.ts");
    let limit = match extension {
        "rs" | "ts" if is_test => TEST_FILE,
        "rs" | "ts" => FILE,
        "svelte" => COMPONENT,
        _ => return Vec::new(),
    };
    let mut complaints = Vec::new();
    let lines = text.lines().count();
    if lines > limit && !generated {
        complaints.push(format!("{shown}: {lines} lines, the limit is {limit}"));
    }
    if extension == "rs"
        && !is_test
        && !text.trim_start().starts_with("//!")
        && !shown.ends_with("build.rs")
        && !text.starts_with("#!")
    {
        complaints.push(format!("{shown}: a module opens with its why (`//!`)"));
    }
    if extension == "rs" && shown.starts_with("crates/") && shown.contains("/src/") && !at_the_edge(&shown) {
        let product = text.split("#[cfg(test)]").next().unwrap_or_default();
        let reaches = |(word, why): &(&str, &str)| product.contains(word).then(|| format!("{shown}: `{word}`: {why}"));
        complaints.extend(AMBIENT.iter().filter_map(reaches));
    }
    if shown.starts_with("ui/src") {
        if text.contains("@tauri-apps/") && !shown.starts_with("ui/src/platform/") {
            complaints.push(format!("{shown}: only ui/src/platform imports @tauri-apps"));
        }
        if text.contains("{@html") || text.contains("innerHTML") {
            complaints.push(format!("{shown}: visitors' text reaches the window; no raw HTML"));
        }
    }
    complaints
}

fn at_the_edge(shown: &str) -> bool {
    shown.ends_with("tests.rs") || AT_THE_EDGE.iter().any(|edge| shown.starts_with(edge))
}

/// What a reader looks for first.
fn required() -> Vec<String> {
    [
        "README.md",
        "LICENSE",
        "SECURITY.md",
        "docs/ARCHITECTURE.md",
        "tauri.conf.json",
        "migrations/desk",
        "migrations/gateway/sqlite",
        "migrations/gateway/postgres",
        "icons",
    ]
    .iter()
    .filter(|name| !root().join(name).exists())
    .map(|name| format!("{name} is missing"))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::may_be_used;

    #[test]
    fn one_of_a_choice_is_enough_and_each_of_a_sum_is_needed() {
        for fits in
            ["MIT", "MIT/Apache-2.0", "GPL-2.0-only OR MIT", "(MIT OR Apache-2.0) AND Unicode-3.0", "Apache-2.0 / MIT"]
        {
            assert!(may_be_used(fits), "{fits}");
        }
        for wrong in ["GPL-3.0-only", "MIT AND GPL-3.0-only", "without a licence", ""] {
            assert!(!may_be_used(wrong), "{wrong}");
        }
    }
}
