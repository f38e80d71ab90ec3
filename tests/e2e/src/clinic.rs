//! The clinic of the story, set up from another desk by the same use cases as at a real one.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use chrono::NaiveTime;
use contract::ui::{FoundArgs, Link, Nothing, PersonPutArgs, PrinterView, SignInArgs};
use desk::{Desk, Handed, PractitionerDraft, PrintError, PrintJob, Printer, Profile, StaffDraft, Surroundings};
use domain::{
    clinic::Requisites,
    hours::{DayHours, OpeningHours},
    person::PersonSource,
    personal::{ClinicPersonal, Newer, PersonName},
    staff::Role,
};

use crate::until;

pub const MANAGER: (&str, &str) = ("rukovoditel", "korabl-sosna-48");
pub const RECEPTIONIST: (&str, &str) = ("regina", "480913");
/// Family name of the doctor whom the stories book.
pub const DOCTOR: &str = "Барклаев";

/// The desk that founded the clinic; it has no printer.
#[derive(Debug)]
pub(crate) struct Founder {
    desk: Desk,
}

#[derive(Debug)]
struct NoPrinter;

impl Printer for NoPrinter {
    fn printers(&self) -> Result<Vec<PrinterView>, PrintError> {
        Ok(Vec::new())
    }

    fn print(&self, _job: &PrintJob<'_>) -> Result<Handed, PrintError> {
        Err(PrintError::NoPrinter)
    }
}

impl Founder {
    /// Founds the clinic and sets it up; ends when the gateway has confirmed everything.
    pub(crate) async fn found(home: &Path, account: &str, gateway: &str, code: &str) -> Self {
        let profile = Profile {
            home: home.to_owned(),
            keychain_account: account.to_owned(),
            demo: None,
            app_version: "0".to_owned(),
        };
        let desk = Desk::start(profile, Surroundings::of_system(Arc::new(NoPrinter))).await;
        desk.found_clinic(founding(gateway, code)).await.unwrap();
        let (login, secret) = MANAGER;
        desk.sign_in(SignInArgs { login: login.to_owned(), secret: secret.to_owned() }).await.unwrap();
        let founder = Self { desk };
        founder.set_up().await;
        founder.settled().await;
        founder
    }

    /// A one-time code for another desk.
    pub(crate) async fn invite(&self) -> String {
        self.desk.invite().await.unwrap()
    }

    /// A new card, confirmed by the gateway.
    pub(crate) async fn register(&self, family: &str, given: &str) {
        let card = PersonPutArgs {
            id: None,
            etag: None,
            name: name(family, given, ""),
            phones: Vec::new(),
            email: None,
            birth_date: None,
            note: None,
            source: PersonSource::DeskWalkin,
            request: None,
        };
        self.desk.person_put(card).await.unwrap();
        self.settled().await;
    }

    async fn settled(&self) {
        until("the gateway confirms the clinic", async || {
            let view = self.desk.sync_now(Nothing {}).await.unwrap();
            (view.link == Link::Online && view.unsent == 0).then_some(())
        })
        .await;
    }

    async fn set_up(&self) {
        let (mut clinic, _) = self.desk.clinic().await.unwrap().unwrap();
        let chair = clinic.chairs[0].id.clone();
        clinic.hours = always_open();
        clinic.requisites = requisites();
        let personal = ClinicPersonal {
            responsible: "Тополев Аристарх Гордеевич".to_owned(),
            signatory: "Тополев А. Г.".to_owned(),
            newer: Newer::default(),
        };
        self.desk.put_clinic(clinic, personal).await.unwrap();
        let (login, secret) = RECEPTIONIST;
        let receptionist = StaffDraft {
            id: None,
            name: name("Осокина", "Регина", "Тихоновна"),
            role: Role::Receptionist,
            login: login.to_owned(),
            secret: Some(secret.to_owned()),
            active: true,
        };
        self.desk.put_staff(receptionist).await.unwrap();
        let doctor = PractitionerDraft {
            id: None,
            name: name(DOCTOR, "Святослав", "Юлианович"),
            speciality: "ортодонт".to_owned(),
            chair: Some(chair),
            order: 0,
            active: true,
        };
        self.desk.put_practitioner(doctor).await.unwrap();
    }
}

fn founding(gateway: &str, code: &str) -> FoundArgs {
    let (login, secret) = MANAGER;
    FoundArgs {
        gateway: gateway.to_owned(),
        code: code.to_owned(),
        desk_name: "Кабинет управляющего".to_owned(),
        clinic_name: "Улыбка и прогресс".to_owned(),
        zone: "Asia/Krasnoyarsk".to_owned(),
        manager_name: name("Тополев", "Аристарх", "Гордеевич"),
        manager_login: login.to_owned(),
        manager_secret: secret.to_owned(),
    }
}

fn name(family: &str, given: &str, patronymic: &str) -> PersonName {
    PersonName { family: family.to_owned(), given: given.to_owned(), patronymic: patronymic.to_owned() }
}

/// Stories run at any hour of any day: from midnight to the midnight at its end.
fn always_open() -> OpeningHours {
    let day = DayHours { opens: NaiveTime::MIN, closes: NaiveTime::MIN };
    OpeningHours { week: [Some(day); 7], closed_on: BTreeSet::new() }
}

fn requisites() -> Requisites {
    Requisites {
        full_name: "ООО «Улыбка и прогресс»".to_owned(),
        short_name: "«Улыбка и прогресс»".to_owned(),
        inn: "2400000000".to_owned(),
        ogrn: "1262400000000".to_owned(),
        address: "660000, г. Красноярск, ул. Примерная, д. 7".to_owned(),
        phone: "+7 391 200-00-00".to_owned(),
        privacy_email: "privacy@clinic.example".to_owned(),
        licence: "№ Л041-00000-24/00000000 от 14.05.2021".to_owned(),
        processors: vec!["ООО «Хостинг-Пример» (хранение на сервере сайта)".to_owned()],
        policy_page: String::new(),
    }
}
