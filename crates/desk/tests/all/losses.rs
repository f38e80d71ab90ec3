//! A keychain that is empty, a database that does not read, a computer that is gone: the kit, the copies and what reads
//! of the outbox bring the desk back, nothing is done twice, and nothing is deleted.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use crate::common::{ACCOUNT, Clinic, MANAGER, RECEPTIONIST, settled, sign_in, somebody};
use contract::ui::*;
use desk::Desk;

const NOWHERE: &str = "http://127.0.0.1:1";

fn database(clinic: &Clinic) -> PathBuf {
    clinic.home().join("desk.db")
}

async fn phase(desk: &Desk) -> (Phase, Option<Code>) {
    let view = desk.app_view(Nothing {}).await.unwrap();
    (view.phase, view.trouble.map(|trouble| trouble.code))
}

async fn enter_person(desk: &Desk, family: &str) {
    desk.person_put(somebody(family, "Пётр")).await.unwrap();
}

async fn found(desk: &Desk, family: &str) -> usize {
    desk.search(SearchArgs { query: family.to_owned(), limit: 20 }).await.unwrap().hits.len()
}

fn way(way: RescueWay, code: Option<&str>, file: Option<&str>) -> RescueArgs {
    RescueArgs { way, code: code.map(str::to_owned), file: file.map(str::to_owned) }
}

fn print(secret: &str) -> KitPrintArgs {
    KitPrintArgs { secret: secret.to_owned(), printer: None, copies: 1 }
}

/// What a person reads off the sheet that came out of the printer last.
fn code_on_paper(clinic: &Clinic) -> String {
    let job = clinic.printer.jobs.lock().unwrap().pop().unwrap();
    assert!(!job.file.exists() && job.mode == 0o600);
    if let Some(keep) = std::env::var_os("KEEP_PAPER") {
        fs::write(keep, &job.bytes).unwrap();
    }
    let mut reading = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut reading.stdin.take().unwrap(), &job.bytes).unwrap();
    let text = String::from_utf8(reading.wait_with_output().unwrap().stdout).unwrap();
    let code: Vec<&str> =
        text.lines().filter(|line| line.contains(" – ")).flat_map(|line| line.trim().split(" – ")).collect();
    assert_eq!(code.iter().map(|group| group.len()).collect::<Vec<_>>(), [4; 7], "{text}");
    code.join(" ")
}

async fn kit(clinic: &Clinic, desk: &Desk) -> String {
    desk.kit_print(print(MANAGER.1)).await.unwrap();
    let code = code_on_paper(clinic);
    desk.kit_check(KitCheckArgs { code: code.clone() }).await.unwrap();
    code
}

/// Everything in a folder that is a file, as bytes.
fn files_in(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_in(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found
}

async fn close(desk: Desk) {
    desk.close().await;
    drop(desk);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kit_is_on_paper_alone_and_proves_itself_before_the_old_one_ends() {
    let (clinic, desk) = Clinic::founded().await;
    assert!(desk.keys_view(Nothing {}).await.unwrap().kit.is_none());
    assert_eq!(desk.kit_print(print("not the secret")).await.unwrap_err().code, Code::WrongSecret);
    *clinic.printer.jammed.lock().unwrap() = true;
    assert_eq!(desk.kit_print(print(MANAGER.1)).await.unwrap_err().code, Code::PrintFailed);
    assert!(desk.keys_view(Nothing {}).await.unwrap().kit.is_none(), "a jam changes nothing");
    *clinic.printer.jammed.lock().unwrap() = false;

    let view = desk.kit_print(print(MANAGER.1)).await.unwrap().kit.unwrap();
    assert!(view.checked_at.is_none() && !view.older_works && view.made_by == "Верина В.");
    let first = code_on_paper(&clinic);
    assert_eq!(fs::read_dir(clinic.home().join("spool")).unwrap().count(), 0);
    settled(&desk).await;
    for (path, bytes) in files_in(clinic.dir.path()) {
        let text = String::from_utf8_lossy(&bytes).replace([' ', '-'], "");
        assert!(!text.contains(&first.replace(' ', "")), "the code is in {}", path.display());
    }

    let check = |code: &str| KitCheckArgs { code: code.to_owned() };
    let mut slip = first.clone();
    slip.replace_range(..1, if slip.starts_with('A') { "B" } else { "A" });
    assert_eq!(desk.kit_check(check(&slip)).await.unwrap_err().code, Code::CodeMistyped);
    let other = seal::recovery::RecoveryKit::make().unwrap().to_string();
    assert_eq!(desk.kit_check(check(&other)).await.unwrap_err().code, Code::OtherKit);
    // small letters, and Russian ones that look the same
    let typed = first.to_lowercase().replace('c', "с").replace('a', "а");
    let view = desk.kit_check(check(&typed)).await.unwrap().kit.unwrap();
    assert!(view.checked_at.is_some() && view.checked_by.as_deref() == Some("Верина В."));

    let view = desk.kit_print(print(MANAGER.1)).await.unwrap().kit.unwrap();
    assert!(view.checked_at.is_none() && view.older_works, "the paper in the safe works until the new one is proved");
    let second = code_on_paper(&clinic);
    desk.kit_check(check(&first)).await.unwrap();
    assert!(!desk.kit_check(check(&second)).await.unwrap().kit.unwrap().older_works);
    assert_eq!(desk.kit_check(check(&first)).await.unwrap_err().code, Code::OtherKit);

    let verbs: Vec<_> = desk.audit_tail(100).await.unwrap().into_iter().map(|row| row.entry.verb).collect();
    let times = |verb: &str| verbs.iter().filter(|known| *known == verb).count();
    assert_eq!((times("kit.print"), times("kit.check"), times("kit.check_failed")), (2, 3, 2));
    // whoever read the clinic's settings before does not bring the old kit back
    let (clinic_before, personal) = desk.clinic().await.unwrap().unwrap();
    let mut stale = clinic_before.clone();
    stale.recovery.clear();
    desk.put_clinic(stale, personal).await.unwrap();
    assert_eq!(desk.clinic().await.unwrap().unwrap().0.recovery, clinic_before.recovery);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kit_gives_the_keys_back_and_the_outbox_goes_on() {
    let (clinic, desk) = Clinic::founded().await;
    let code = kit(&clinic, &desk).await;
    settled(&desk).await;
    desk.point_at(NOWHERE).await.unwrap();
    enter_person(&desk, "Безсвязный").await;
    close(desk).await;
    let lost = clinic.keychain.entries.lock().unwrap().remove(ACCOUNT).unwrap();
    let before = fs::read(database(&clinic)).unwrap();

    let desk = clinic.desk().await;
    let view = desk.app_view(Nothing {}).await.unwrap();
    assert_eq!(view.trouble.unwrap().code, Code::KeyLost);
    let rescue = view.rescue.unwrap();
    assert!(rescue.kit_opens && !rescue.keys_here && rescue.unsent.is_none() && rescue.kit_made_at.is_some());
    assert_eq!(desk.rescue(way(RescueWay::Kit, Some("ABCD"), None)).await.unwrap_err().code, Code::CodeMistyped);
    let other = seal::recovery::RecoveryKit::make().unwrap().to_string();
    assert_eq!(desk.rescue(way(RescueWay::Kit, Some(&other), None)).await.unwrap_err().code, Code::OtherKit);
    assert_eq!(desk.rescue(way(RescueWay::Anew, None, None)).await.unwrap_err().code, Code::BadInput);
    *clinic.keychain.fails_at_write.lock().unwrap() = Some(0);
    let failed = desk.rescue(way(RescueWay::Kit, Some(&code), None)).await.unwrap_err().code;
    assert_eq!(failed, Code::KeychainMissing);
    *clinic.keychain.fails_at_write.lock().unwrap() = None;
    assert_eq!(fs::read(database(&clinic)).unwrap().len(), before.len());

    let view = desk.rescue(way(RescueWay::Kit, Some(&code), None)).await.unwrap();
    assert_eq!(view.phase, Phase::Locked);
    assert_eq!(clinic.keychain.entries.lock().unwrap()[ACCOUNT], lost, "the very same entry");
    sign_in(&desk, MANAGER).await;
    settled(&desk).await;
    assert_eq!((found(&desk, "Безсвязный").await, desk.outbox_list(Nothing {}).await.unwrap().len()), (1, 0));
    let verbs: Vec<_> = desk.audit_tail(100).await.unwrap().into_iter().map(|row| row.entry.verb).collect();
    assert!(verbs.contains(&"kit.used".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kit_of_one_desk_opens_another_and_without_it_the_desk_is_connected_anew() {
    let (clinic, desk) = Clinic::founded().await;
    let second_home = clinic.dir.path().join("second");
    let second = clinic.desk_at(&second_home, "second").await;
    let join = |code: String| ConnectArgs { gateway: clinic.url.clone(), code, desk_name: "Ресепшн 2".into() };
    second.connect(join(desk.invite().await.unwrap())).await.unwrap();
    let code = kit(&clinic, &desk).await;
    settled(&desk).await;
    settled(&second).await;
    close(second).await;
    // its card follows at its next start, or within seconds while it is open
    close(clinic.desk_at(&second_home, "second").await).await;
    clinic.keychain.entries.lock().unwrap().remove("second").unwrap();
    let second = clinic.desk_at(&second_home, "second").await;
    assert_eq!(second.rescue(way(RescueWay::Kit, Some(&code), None)).await.unwrap().phase, Phase::Locked);
    sign_in(&second, RECEPTIONIST).await;
    second.point_at(NOWHERE).await.unwrap();
    enter_person(&second, "Пропавший").await;
    close(second).await;

    clinic.keychain.entries.lock().unwrap().remove("second").unwrap();
    let before = fs::read(second_home.join("desk.db")).unwrap();
    let second = clinic.desk_at(&second_home, "second").await;
    assert_eq!(phase(&second).await, (Phase::Trouble, Some(Code::KeyLost)));
    assert_eq!(second.rescue(way(RescueWay::Reconnect, None, None)).await.unwrap().phase, Phase::NotConnected);
    second.connect(join(desk.invite().await.unwrap())).await.unwrap();
    settled(&second).await;
    sign_in(&second, RECEPTIONIST).await;
    assert_eq!(found(&second, "Пропавший").await, 0);
    let aside = files_in(&second_home).into_iter().find(|(path, _)| {
        path.file_name().unwrap().to_string_lossy().starts_with("desk.db.set-aside-")
            && path.extension().unwrap() != "keys"
            && fs::metadata(path).unwrap().len() == before.len() as u64
    });
    assert_eq!(aside.unwrap().1, before, "the old database is as it was");
}

/// Damages every page from one on, as a failing disk does.
fn damage(path: &Path, from: usize, pages: usize) {
    let mut bytes = fs::read(path).unwrap();
    for page in from..(from + pages).min(bytes.len() / 4096) {
        bytes[page * 4096 + 500..page * 4096 + 520].fill(0x7e);
    }
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kit_of_an_older_key_says_so_and_a_new_one_opens_the_desk_and_its_older_copies() {
    let (clinic, desk) = Clinic::founded().await;
    let old = kit(&clinic, &desk).await;
    let copy = desk.copy_now(Nothing {}).await.unwrap().copies.last.unwrap().file;
    let second = clinic.desk_at(&clinic.dir.path().join("second"), "second").await;
    let code = desk.invite().await.unwrap();
    second.connect(ConnectArgs { gateway: clinic.url.clone(), code, desk_name: "Ноутбук".into() }).await.unwrap();
    settled(&second).await;
    settled(&desk).await;
    let row = desk.desks_list(Nothing {}).await.unwrap().desks.into_iter().find(|row| !row.this).unwrap();
    let act = PreviewArgs { desk: Some(row.id.clone()), ..PreviewArgs::of("decommission_act", None) };
    let early = desk.paper_preview(act.clone()).await.unwrap_err();
    assert_eq!(early.field.as_deref(), Some("desk"), "an act says what was done");
    desk.desk_release(DeskReleaseArgs { id: row.id }).await.unwrap();
    let view = loop {
        settled(&desk).await;
        let view = desk.keys_view(Nothing {}).await.unwrap();
        if view.key_changed_at.is_some() {
            break view;
        }
    };
    assert!(view.kit.unwrap().out_of_force);
    assert_eq!(desk.paper_preview(act).await.unwrap().pages, 1);
    assert_eq!(desk.kit_check(KitCheckArgs { code: old.clone() }).await.unwrap_err().code, Code::OtherKit);
    let new = kit(&clinic, &desk).await;
    let view = desk.keys_view(Nothing {}).await.unwrap().kit.unwrap();
    assert!(!view.out_of_force && !view.older_works && view.checked_at.is_some());
    close(desk).await;
    let lost = clinic.keychain.entries.lock().unwrap().remove(ACCOUNT).unwrap();

    let desk = clinic.desk().await;
    assert_eq!(desk.rescue(way(RescueWay::Kit, Some(&old), None)).await.unwrap_err().code, Code::OtherKit);
    assert_eq!(desk.rescue(way(RescueWay::Kit, Some(&new), None)).await.unwrap().phase, Phase::Locked);
    assert_eq!(clinic.keychain.entries.lock().unwrap()[ACCOUNT], lost);
    settled(&desk).await;
    close(desk).await;
    // the copy is older than the change; its card has followed
    let elsewhere = clinic.desk_at(&clinic.dir.path().join("elsewhere"), "elsewhere").await;
    let from = |code: &str| way(RescueWay::Copy, Some(code), Some(&copy));
    assert_eq!(elsewhere.rescue(from(&old)).await.unwrap_err().code, Code::OtherKit);
    assert_eq!(elsewhere.rescue(from(&new)).await.unwrap().phase, Phase::Locked);
    settled(&elsewhere).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_set_aside_and_its_unsent_actions_reach_the_gateway_once() {
    for from in [0, 9] {
        let (clinic, desk) = Clinic::founded().await;
        enter_person(&desk, "Прежний").await;
        settled(&desk).await;
        desk.point_at(NOWHERE).await.unwrap();
        for family in ["Первый", "Второй", "Третий"] {
            enter_person(&desk, family).await;
        }
        close(desk).await;
        // the first page, or one in the middle
        damage(&database(&clinic), from, 1);
        let damaged = fs::read(database(&clinic)).unwrap();

        let desk = clinic.desk().await;
        let view = desk.app_view(Nothing {}).await.unwrap();
        assert_eq!(view.trouble.unwrap().code, Code::DatabaseDamaged, "page {from}");
        let rescue = view.rescue.unwrap();
        assert_eq!((rescue.keys_here, rescue.unsent, rescue.unreadable), (true, Some(3), Some(0)), "page {from}");
        desk.rescue(way(RescueWay::Anew, None, None)).await.unwrap();
        settled(&desk).await;
        sign_in(&desk, MANAGER).await;
        for family in ["Прежний", "Первый", "Второй", "Третий"] {
            assert_eq!(found(&desk, family).await, 1, "{family}");
        }
        let told = desk.keys_view(Nothing {}).await.unwrap().rescued.unwrap();
        assert_eq!((told.way, told.unsent, told.unreadable), (RescueWay::Anew, 3, Some(0)));
        let aside = clinic.home().join(told.set_aside.unwrap());
        assert_eq!(fs::read(aside).unwrap(), damaged, "nothing is deleted");
        assert!(desk.rescue_read(Nothing {}).await.unwrap().rescued.is_none());
        assert!(desk.audit_verify().await.unwrap().ok);
        close(desk).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_restored_with_the_present_keys_and_nothing_is_done_twice() {
    let (clinic, desk) = Clinic::founded().await;
    let folder = clinic.dir.path().join("stick");
    let choose = |folder: &Path| CopiesFolderArgs { folder: folder.to_string_lossy().into_owned() };
    assert_eq!(desk.copies_folder(choose(&folder)).await.unwrap_err().field.as_deref(), Some("folder"));
    fs::create_dir(&folder).unwrap();
    desk.copies_folder(choose(&folder)).await.unwrap();
    desk.point_at(NOWHERE).await.unwrap();
    enter_person(&desk, "Дважды").await;
    let copy = desk.copy_now(Nothing {}).await.unwrap().copies.last.unwrap();
    assert_eq!(copy.unsent, Some(1));
    // after the copy the same action is sent and settled, another one follows, and one waits
    desk.point_at(&clinic.url).await.unwrap();
    settled(&desk).await;
    enter_person(&desk, "Позже").await;
    settled(&desk).await;
    desk.point_at(NOWHERE).await.unwrap();
    enter_person(&desk, "Последний").await;
    fs::rename(&folder, clinic.dir.path().join("away")).unwrap();
    assert_eq!(desk.copy_now(Nothing {}).await.unwrap_err().code, Code::NoFolder);
    assert_eq!(desk.keys_view(Nothing {}).await.unwrap().copies.failed, Some(Code::NoFolder));
    fs::rename(clinic.dir.path().join("away"), &folder).unwrap();
    close(desk).await;
    damage(&database(&clinic), 0, 1);

    let desk = clinic.desk().await;
    let rescue = desk.app_view(Nothing {}).await.unwrap().rescue.unwrap();
    assert!(rescue.copies.iter().map(|known| &known.file).eq([&copy.file]));
    let no_copy = clinic.dir.path().join("gateway.db").to_string_lossy().into_owned();
    assert_eq!(desk.rescue(way(RescueWay::Copy, None, Some(&no_copy))).await.unwrap_err().code, Code::NotACopy);
    let view = desk.rescue(way(RescueWay::Copy, None, Some(&copy.file))).await.unwrap();
    assert_eq!(view.phase, Phase::Locked);
    // the staff are in the copy: work goes on before the gateway answers
    sign_in(&desk, MANAGER).await;
    settled(&desk).await;
    for family in ["Дважды", "Позже", "Последний"] {
        assert_eq!(found(&desk, family).await, 1, "{family}");
    }
    assert!(desk.outbox_list(Nothing {}).await.unwrap().is_empty());
    let told = desk.keys_view(Nothing {}).await.unwrap().rescued.unwrap();
    assert_eq!((told.way, told.unsent, told.unreadable), (RescueWay::Copy, 1, Some(0)));
    assert!(told.copy_at.is_some() && desk.audit_verify().await.unwrap().ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_computer_comes_back_from_a_copy_and_the_kit() {
    let (clinic, desk) = Clinic::founded().await;
    let first = kit(&clinic, &desk).await;
    settled(&desk).await;
    desk.point_at(NOWHERE).await.unwrap();
    enter_person(&desk, "Безсвязный").await;
    let copy = desk.copy_now(Nothing {}).await.unwrap().copies.last.unwrap().file;
    // a kit that came later opens the earlier copy, and the one before it does no more
    let second = kit(&clinic, &desk).await;
    close(desk).await;
    let stick = clinic.dir.path().join("stick");
    fs::create_dir(&stick).unwrap();
    let carried = stick.join(Path::new(&copy).file_name().unwrap());
    fs::copy(&copy, &carried).unwrap();
    fs::copy(format!("{copy}.keys"), format!("{}.keys", carried.display())).unwrap();
    let carried = carried.to_string_lossy().into_owned();
    fs::remove_dir_all(clinic.home()).unwrap();
    clinic.keychain.entries.lock().unwrap().clear();

    let desk = clinic.desk().await;
    assert_eq!(phase(&desk).await, (Phase::NotConnected, None));
    let restore = async |code: Option<&str>| desk.rescue(way(RescueWay::Copy, code, Some(&carried))).await;
    assert_eq!(restore(None).await.unwrap_err().code, Code::KeyLost);
    assert_eq!(restore(Some(&first)).await.unwrap_err().code, Code::OtherKit);
    assert_eq!(restore(Some(&second)).await.unwrap().phase, Phase::Locked);
    sign_in(&desk, MANAGER).await;
    settled(&desk).await;
    assert_eq!(found(&desk, "Безсвязный").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_in_the_middle_of_a_rescue_is_finished_at_the_next_start() {
    let (clinic, desk) = Clinic::founded().await;
    close(desk).await;
    let whole = fs::read(database(&clinic)).unwrap();
    fs::write(clinic.home().join("desk.db.ready-20261124-200500"), &whole).unwrap();
    fs::write(database(&clinic), b"what did not open").unwrap();
    // part of it was set aside already
    fs::rename(clinic.home().join("desk.db.kcv"), clinic.home().join("desk.db.set-aside-20261124-200500.kcv")).unwrap();
    let desk = clinic.desk().await;
    assert_eq!(phase(&desk).await, (Phase::Locked, None));
    sign_in(&desk, MANAGER).await;
    let aside = fs::read(clinic.home().join("desk.db.set-aside-20261124-200500")).unwrap();
    assert_eq!(aside, b"what did not open");
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_come_by_themselves_and_find_damage_that_the_start_did_not_look_for() {
    let (clinic, desk) = Clinic::founded().await;
    let newest = async |after: Option<String>| {
        tokio::time::timeout(Duration::from_secs(60), async {
            loop {
                sign_in(&desk, MANAGER).await;
                let last = desk.keys_view(Nothing {}).await.unwrap().copies.last.map(|copy| copy.file);
                if last.is_some() && last != after {
                    return last;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        })
        .await
        .expect("no copy came")
    };
    let first = newest(None).await;
    clinic.clock.forward(25 * 3600);
    let second = newest(first).await;
    assert!(second.is_some());
    // two in one second are two
    let again = desk.copy_now(Nothing {}).await.unwrap().copies.last.map(|copy| copy.file);
    assert!(again.is_some() && again != second);
    // the disk fails under the open desk: the next copy meets it, and the desk does not build on it
    damage(&database(&clinic), 2, 1_000);
    assert_eq!(desk.copy_now(Nothing {}).await.unwrap_err().code, Code::DatabaseDamaged);
    assert_eq!(phase(&desk).await, (Phase::Trouble, Some(Code::DatabaseDamaged)));
    close(desk).await;
    let desk = clinic.desk().await;
    assert_eq!(phase(&desk).await, (Phase::Trouble, Some(Code::DatabaseDamaged)), "and says so until it is dealt with");
    let view = desk.rescue(way(RescueWay::Copy, None, again.as_deref())).await.unwrap();
    assert_eq!(view.phase, Phase::Locked);
}
