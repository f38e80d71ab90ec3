//! Lost keys, locked keychains, crashes between two writes: each has its own answer, and nothing is destroyed.

use std::path::PathBuf;

use crate::common::{ACCOUNT, Clinic, MANAGER, mode, settled, sign_in};
use contract::ui::*;
use desk::{Desk, platform::keychain::KeychainError};

async fn stands(desk: &Desk) -> (Phase, Option<Code>) {
    let view = desk.app_view(Nothing {}).await.unwrap();
    (view.phase, view.trouble.map(|trouble| trouble.code))
}

fn database(clinic: &Clinic) -> PathBuf {
    clinic.home().join("desk.db")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keychain_that_fails_at_any_write_loses_nothing() {
    for write in 0..3 {
        let clinic = Clinic::unfounded().await;
        let desk = clinic.desk().await;
        let code = clinic.gateway.founding_code().await.unwrap().unwrap();
        *clinic.keychain.fails_at_write.lock().unwrap() = Some(write);
        let failed = desk.found_clinic(clinic.founding(&code)).await.unwrap_err();
        assert_eq!(failed.code, Code::KeychainMissing, "write {write}");
        assert_eq!(database(&clinic).exists(), write > 1, "no database before its key is kept");
        *clinic.keychain.fails_at_write.lock().unwrap() = None;
        desk.close().await;
        drop(desk);

        let desk = clinic.desk().await;
        if write < 2 {
            // the gateway has not been asked: the same code still works
            assert_eq!(stands(&desk).await, (Phase::NotConnected, None), "write {write}");
            desk.found_clinic(clinic.founding(&code)).await.unwrap();
        } else {
            // the gateway has said yes: the answer is taken up
            assert_eq!(stands(&desk).await, (Phase::Locked, None), "write {write}");
        }
        sign_in(&desk, MANAGER).await;
        settled(&desk).await;
        assert!(desk.clinic().await.unwrap().is_some(), "write {write}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_is_never_replaced_by_a_new_one() {
    let (clinic, desk) = Clinic::founded().await;
    desk.close().await;
    drop(desk);
    let kept = clinic.keychain.entries.lock().unwrap().remove(ACCOUNT).unwrap();
    let before = std::fs::read(database(&clinic)).unwrap();
    let desk = clinic.desk().await;
    assert_eq!(stands(&desk).await, (Phase::Trouble, Some(Code::KeyLost)));
    let code = clinic.gateway.founding_code().await.unwrap();
    assert!(code.is_none());
    let join = ConnectArgs {
        gateway: clinic.url.clone(),
        code: seal::enrolment::EnrolmentCode::make().unwrap().to_string(),
        desk_name: "Ресепшн".into(),
    };
    assert_eq!(desk.connect(join).await.unwrap_err().code, Code::KeyLost);
    assert_eq!(std::fs::read(database(&clinic)).unwrap(), before);
    assert!(clinic.keychain.entries.lock().unwrap().is_empty());
    // the keychain comes back from a copy: the desk goes on
    clinic.keychain.entries.lock().unwrap().insert(ACCOUNT.to_owned(), kept);
    assert_eq!(stands(&desk).await, (Phase::Locked, None));
    sign_in(&desk, MANAGER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trouble_has_its_own_code_and_passes_when_its_cause_does() {
    let (clinic, desk) = Clinic::founded().await;
    desk.close().await;
    drop(desk);
    for (trouble, code) in [
        (KeychainError::Missing, Code::KeychainMissing),
        (KeychainError::Locked, Code::KeychainLocked),
        (KeychainError::Unreadable, Code::KeyLost),
    ] {
        *clinic.keychain.trouble.lock().unwrap() = Some(trouble);
        let desk = clinic.desk().await;
        assert_eq!(stands(&desk).await, (Phase::Trouble, Some(code)));
        let refused = desk.sign_in(SignInArgs { login: MANAGER.0.into(), secret: MANAGER.1.into() }).await;
        assert_eq!(refused.unwrap_err().code, code);
        *clinic.keychain.trouble.lock().unwrap() = None;
        assert_eq!(stands(&desk).await, (Phase::Locked, None));
        desk.close().await;
    }
    let original = std::fs::read(database(&clinic)).unwrap();
    let mut damaged = original.clone();
    damaged[100..200].fill(0);
    for (bytes, code) in [
        (b"SQLite format 3\0".iter().copied().chain([0; 8192]).collect(), Code::PlainDatabase),
        (Vec::new(), Code::DatabaseDamaged),
        (damaged, Code::DatabaseDamaged),
    ] {
        std::fs::write(database(&clinic), &bytes).unwrap();
        let desk = clinic.desk().await;
        assert_eq!(stands(&desk).await, (Phase::Trouble, Some(code)));
        assert_eq!(std::fs::read(database(&clinic)).unwrap(), bytes, "nothing is destroyed");
    }
    std::fs::write(database(&clinic), &original).unwrap();
    let entry = clinic.keychain.entries.lock().unwrap()[ACCOUNT].clone();
    let mut other: serde_json::Value = serde_json::from_str(&entry).unwrap();
    other["database"] = "ab".repeat(32).into();
    clinic.keychain.entries.lock().unwrap().insert(ACCOUNT.to_owned(), other.to_string());
    let desk = clinic.desk().await;
    assert_eq!(stands(&desk).await, (Phase::Trouble, Some(Code::WrongKey)));
    clinic.keychain.entries.lock().unwrap().insert(ACCOUNT.to_owned(), entry);
    assert_eq!(stands(&desk).await, (Phase::Locked, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_is_filled_anew_from_the_gateway() {
    let (clinic, desk) = Clinic::founded().await;
    desk.close().await;
    drop(desk);
    for entry in std::fs::read_dir(clinic.home()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("desk.db")) {
            std::fs::remove_file(path).unwrap();
        }
    }
    let desk = clinic.desk().await;
    settled(&desk).await;
    sign_in(&desk, MANAGER).await;
    assert!(desk.clinic().await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_do_not_open_one_desk() {
    let (clinic, desk) = Clinic::founded().await;
    let other = clinic.desk().await;
    assert_eq!(stands(&other).await, (Phase::Trouble, Some(Code::DatabaseBusy)));
    desk.close().await;
    assert_eq!(stands(&other).await, (Phase::Locked, None));
    #[cfg(unix)]
    {
        assert_eq!(mode(&clinic.home()), 0o700);
        assert_eq!(mode(&database(&clinic)), 0o600);
    }
}
