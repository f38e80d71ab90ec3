//! A real IMAP server: Dovecot of the system, run by ourselves in a temporary folder.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

use connectors::Connector;
use domain::{EntityRef, personal::RequestPersonal};
use gateway::{PollReport, SourceUrl, Upstream};
use tempfile::TempDir;

use crate::world::World;

/// The user that mail belongs to where the tests run as root.
const NOBODY: u32 = 65_534;

struct Server {
    dir: TempDir,
    port: u16,
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // its children end with it
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let root = fs::metadata(dir.path()).map(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0).unwrap();
        let me = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
        let group = String::from_utf8(Command::new("id").arg("-gn").output().unwrap().stdout).unwrap();
        let users = if root {
            format!("mail_uid = {NOBODY}\nmail_gid = {NOBODY}\n")
        } else {
            let (me, group) = (me.trim(), group.trim());
            format!(
                "default_internal_user = {me}\ndefault_internal_group = {group}\ndefault_login_user = {me}\nmail_uid = {me}\nmail_gid = {group}\n"
            )
        };
        let at = dir.path().display();
        let config = format!(
            "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {at}/run\nlog_path = {at}/log\nssl = no\n\
             disable_plaintext_auth = no\nmail_location = maildir:{at}/mail\nfirst_valid_uid = 1\n{users}\
             passdb {{\n driver = static\n args = password=letters\n}}\nuserdb {{\n driver = static\n args = home={at}/mail\n}}\n\
             service imap-login {{\n chroot =\n inet_listener imap {{\n port = {port}\n }}\n inet_listener imaps {{\n port = 0\n }}\n}}\n\
             service anvil {{\n chroot =\n}}\nservice stats {{\n chroot =\n}}\n"
        );
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for folder in ["mail", "mail/new", "mail/cur", "mail/tmp"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
            if root {
                chown(dir.path().join(folder), Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        fs::write(dir.path().join("dovecot.conf"), config).unwrap();
        let child = Command::new("/usr/sbin/dovecot")
            .arg("-F")
            .arg("-c")
            .arg(dir.path().join("dovecot.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Dovecot is installed (`cargo xtask test` does it: dovecot-imapd)");
        let server = Self { dir, port, child };
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                Instant::now() < deadline,
                "{}",
                fs::read_to_string(server.dir.path().join("log")).unwrap_or_default()
            );
            std::thread::yield_now();
        }
        server
    }

    fn mail(&self, folder: &str) -> PathBuf {
        self.dir.path().join("mail").join(folder)
    }

    /// As a mail server delivers: a file in `new`.
    fn deliver(&self, name: &str, letter: &str) {
        let path = self.mail("tmp").join(name);
        fs::write(&path, letter.replace('\n', "\r\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        fs::rename(path, self.mail("new").join(name)).unwrap();
    }

    fn letters(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for folder in ["new", "cur"] {
            for entry in fs::read_dir(self.mail(folder)).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                all.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
        all.sort();
        all
    }

    async fn source(&self, world: &World, password: &str, from: Option<&str>) -> SourceUrl {
        let source = world.source(Connector::Mailbox).await;
        let upstream = Upstream::Mailbox {
            host: "127.0.0.1".into(),
            port: self.port,
            tls: false,
            user: "clinic".into(),
            password: password.into(),
            folder: "INBOX".into(),
            from: from.map(Into::into),
        };
        world.gateway.set_upstream(&source.id, upstream).await.unwrap();
        source
    }
}

async fn poll(world: &World, source: &SourceUrl) -> PollReport {
    world.gateway.poll_source(&source.id).await.unwrap().expect("can be asked")
}

async fn names(world: &World) -> Vec<String> {
    let changes = world.changes().await;
    let requests = changes.iter().filter(|change| matches!(change.id, EntityRef::Request(_)));
    requests.map(|c| world.open::<RequestPersonal>(&c.id, "main", &c.parts["main"]).name_raw).collect()
}

fn letter(id: &str, from: &str, name: &str) -> String {
    format!(
        "From: {from}\nTo: info@clinic.example\nMessage-ID: <{id}@site.example>\nDate: Mon, 23 Nov 2026 22:00:00 +0700\n\
         Subject: =?utf-8?B?0JfQsNGP0LLQutCwINGBINGB0LDQudGC0LA=?=\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\
         Имя: {name}\nТелефон: 8 (900) 000-12-34\nСообщение: перезвоните\n"
    )
}

fn forget_numbers(mail: &Path) {
    for entry in fs::read_dir(mail).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("dovecot") {
            fs::remove_file(path).unwrap();
        }
    }
}

#[tokio::test]
async fn letters_of_a_site_become_requests_and_stay_as_they_are() {
    let server = Server::start();
    let world = World::founded().await;
    server.deliver("1", &letter("old", "site@clinic.example", "Старая"));
    let source = server.source(&world, "letters", None).await;
    assert_eq!(
        poll(&world, &source).await,
        PollReport { news: 0, trouble: None },
        "begins with what comes from now on"
    );
    server.deliver("2", &letter("a", "site@clinic.example", "Анна"));
    server.deliver("3", &letter("b", "site@clinic.example", "Мария"));
    assert_eq!(poll(&world, &source).await, PollReport { news: 2, trouble: None });
    assert_eq!(poll(&world, &source).await, PollReport { news: 0, trouble: None });
    // the same letter comes by another way
    server.deliver("4", &letter("a", "site@clinic.example", "Анна"));
    assert_eq!(poll(&world, &source).await, PollReport { news: 0, trouble: None });
    assert_eq!(names(&world).await, ["Анна", "Мария"]);
    let letters = server.letters();
    assert_eq!(letters.len(), 4);
    for (name, text) in &letters {
        let flags = name.split_once(":2,").map_or("", |(_, flags)| flags);
        assert_eq!(flags, "", "nobody sees that it was read");
        assert!(text.contains("Message-ID"));
    }
    // the mailbox was rebuilt: its numbers begin anew, under another validity, which is a time in seconds
    let second = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let before = second();
    while second() <= before + 1 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    forget_numbers(&server.dir.path().join("mail"));
    server.deliver("5", &letter("c", "site@clinic.example", "Виктор"));
    poll(&world, &source).await;
    let mut all = names(&world).await;
    all.sort();
    // what lay there before the source was made is of the last week, so it comes too
    assert_eq!(all, ["Анна", "Виктор", "Мария", "Старая"]);
}

#[tokio::test]
async fn only_letters_of_the_site_are_read_where_it_is_named() {
    let server = Server::start();
    let world = World::founded().await;
    let source = server.source(&world, "letters", Some("site@clinic.example")).await;
    poll(&world, &source).await;
    server.deliver("1", &letter("a", "friend@elsewhere.example", "Друг"));
    server.deliver("2", &letter("b", "Site <site@clinic.example>", "Анна"));
    assert_eq!(poll(&world, &source).await.news, 1);
    assert_eq!(names(&world).await, ["Анна"]);
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_opened_is_told_by_its_sort() {
    let server = Server::start();
    let world = World::founded().await;
    let source = server.source(&world, "wrong", None).await;
    assert_eq!(poll(&world, &source).await.trouble, Some("access_refused"));
    let gone = server.source(&world, "letters", None).await;
    drop(server);
    assert_eq!(poll(&world, &gone).await.trouble, Some("unreachable"));
}
