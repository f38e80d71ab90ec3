//! `docs/connect-a-site.md`, done as it is written: every command of the page, part by part, against a started gateway.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use contract::v1::{ChangesPage, EnrollResponse};
use domain::personal::RequestPersonal;
use seal::{ClinicSecretKey, SealContext, enrolment::EnrolmentCode};

use crate::{
    program::{PROGRAM, Serving, ask, said},
    world::enroll_request,
};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/connect-a-site.md");
/// Between the outputs of two blocks.
const MARK: &str = "--- the next block ---";

/// Those whom the page asks are not asked by a test: nobody is at these addresses.
const ELSEWHERE: [(&str, &str); 3] = [
    ("https://shop.clinic.example", "http://127.0.0.1:9"),
    ("https://api.yclients.com", "http://127.0.0.1:9"),
    ("imap.yandex.ru", "127.0.0.1"),
];

/// Commands, and what they are said to print.
struct Block {
    commands: String,
    prints: Option<String>,
}

/// The parts of the page that have commands, by their headings.
fn parts(page: &str) -> Vec<(&str, Vec<Block>)> {
    let mut parts: Vec<(&str, Vec<Block>)> = Vec::new();
    let mut open: Option<(&str, usize, String)> = None;
    for line in page.lines() {
        let (indent, text) = (line.len() - line.trim_start().len(), line.trim_start());
        match (&mut open, text.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language, indent, String::new())),
            (None, None) => parts.extend(text.strip_prefix("## ").map(|heading| (heading, Vec::new()))),
            (Some((_, indent, block)), None) => {
                block.push_str(line.get(*indent..).unwrap_or_default());
                block.push('\n');
            }
            (Some(_), Some(_)) => {
                let (language, _, block) = open.take().unwrap();
                let blocks = &mut parts.last_mut().expect("a block stands in a part").1;
                match language {
                    "sh" => blocks.push(Block { commands: block, prints: None }),
                    "text" => blocks.last_mut().expect("output follows commands").prints = Some(block),
                    other => panic!("a block of {other:?}"),
                }
            }
        }
    }
    parts
}

/// Whether the text is of the pattern, in which `…` is anything.
fn fits(pattern: &str, text: &str) -> bool {
    let mut rest = text.trim();
    let pieces: Vec<_> = pattern.trim().split('…').collect();
    for (n, piece) in pieces.iter().enumerate() {
        let at = match n {
            0 => rest.starts_with(piece).then_some(0),
            last if last + 1 == pieces.len() => rest.ends_with(piece).then(|| rest.len() - piece.len()),
            _ => rest.find(piece),
        };
        let Some(at) = at else { return false };
        rest = &rest[at + piece.len()..];
    }
    pieces.len() > 1 || rest.is_empty()
}

struct Clinic {
    serving: Serving,
    key: ClinicSecretKey,
    token: String,
}

impl Clinic {
    fn found() -> Self {
        let serving = Serving::start("");
        let code: EnrolmentCode = said(&serving.command(&["init"])).0.trim().parse().unwrap();
        let key = ClinicSecretKey::make().unwrap();
        let body = serde_json::to_string(&enroll_request(&code, Some(&key))).unwrap();
        let desk: EnrollResponse = ask(&serving.address, "POST", "/v1/desks/enroll", None, &body);
        Self { serving, key, token: desk.token }
    }

    /// Does the commands of a part in one shell.
    fn carry_out(&self, heading: &str, blocks: &[Block]) {
        let folder = tempfile::tempdir().unwrap();
        let script: String = blocks.iter().map(|block| format!("{}echo; echo '{MARK}'\n", block.commands)).collect();
        let script = ELSEWHERE.iter().fold(script, |script, (there, nowhere)| script.replace(there, nowhere));
        let beside = Path::new(PROGRAM).parent().unwrap().display().to_string();
        let path = format!("{beside}:{}", std::env::var("PATH").unwrap());
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &script])
            .current_dir(folder.path())
            .env("PATH", path)
            .env("RECEPTION_GATEWAY_DATABASE", self.serving.dir.path().join("gateway.db"))
            .env("RECEPTION_GATEWAY_PUBLIC_URL", format!("http://{}", self.serving.address))
            .env("no_proxy", "127.0.0.1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let (out, err) = said(&output);
        assert!(output.status.success(), "{heading}: {out}\n{err}");
        for (block, printed) in blocks.iter().zip(out.split(MARK)) {
            let printed = printed.trim();
            match &block.prints {
                Some(pattern) => assert!(fits(pattern, printed), "{heading}: {pattern:?} is not {printed:?}"),
                None => assert_eq!(printed, "", "{heading}: prints nothing"),
            }
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{heading}: secrets are left in a file");
    }

    /// The requests that a desk sees, the oldest first.
    fn requests(&self) -> Vec<RequestPersonal> {
        let page: ChangesPage = ask(&self.serving.address, "GET", "/v1/changes", Some(&self.token), "");
        assert!(!page.has_more);
        let requests = page.changes.iter().filter(|change| change.id.as_str().starts_with("req_"));
        let open = |change: &contract::v1::Change| {
            let main = &change.parts["main"];
            let place = SealContext { entity: change.id.as_str(), part: "main", seal_id: &main.seal_id };
            seal::open_json(&self.key, &place, main).unwrap()
        };
        requests.map(open).collect()
    }
}

#[test]
fn every_step_of_the_page_does_what_it_says() {
    let clinic = Clinic::found();
    let page = std::fs::read_to_string(PAGE).unwrap();
    let mut kinds: Vec<String> = Vec::new();
    for (heading, blocks) in parts(&page) {
        let before = clinic.requests().len();
        clinic.carry_out(heading, &blocks);
        let requests = clinic.requests();
        let new = requests.get(before..).unwrap_or_default();
        assert!(!new.is_empty(), "{heading}: a request is at the desk");
        let tested = blocks.iter().any(|block| block.commands.contains("source test"));
        let number = |request: &RequestPersonal| Some(request.phone.as_ref()?.phone.as_ref()?.e164().to_owned());
        let seen = new.iter().any(|request| {
            request.name_raw == "Анна Проверочная" && number(request).as_deref() == Some("+79161234567")
        });
        assert!(tested || seen, "{heading}: the name and the phone are not seen");
        let added = blocks.iter().flat_map(|block| block.commands.split("source add ").skip(1));
        kinds.extend(added.filter_map(|rest| rest.split(' ').next().map(str::to_owned)));
    }
    for connector in connectors::Connector::ALL {
        assert!(kinds.iter().any(|kind| kind == connector.as_str()), "no steps for {}", connector.as_str());
    }
    assert_eq!(said(&clinic.serving.command(&["source", "list"])).0.lines().count(), kinds.len());
}
