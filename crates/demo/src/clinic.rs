//! The demo clinic: its requisites, hours, chairs, doctors and staff.

use std::collections::BTreeSet;

use chrono::NaiveTime;
use contract::ui::{FoundArgs, Nothing};
use desk::{Desk, PractitionerDraft, StaffDraft};
use domain::{
    ChairId,
    clinic::{Chair, Requisites},
    hours::{DayHours, OpeningHours},
    personal::{ClinicPersonal, Newer, PersonName},
    staff::Role,
};

use crate::{MANAGER, RECEPTIONIST, StageError};

/// Krasnoyarsk: the demo's town. A real clinic is always asked.
pub(crate) const ZONE: &str = "Asia/Krasnoyarsk";

/// One for each doctor.
const CHAIRS: usize = 3;

pub(crate) fn name(family: &str, given: &str, patronymic: &str) -> PersonName {
    PersonName { family: family.to_owned(), given: given.to_owned(), patronymic: patronymic.to_owned() }
}

/// Founds the clinic and leaves its manager signed in.
pub(crate) async fn found(desk: &Desk, gateway: &str, code: &str) -> Result<(), StageError> {
    let (login, secret) = MANAGER;
    let args = FoundArgs {
        gateway: gateway.to_owned(),
        code: code.to_owned(),
        desk_name: "Ресепшн 1".to_owned(),
        clinic_name: "Смайл Прогресс".to_owned(),
        zone: ZONE.to_owned(),
        manager_name: name("Соколова", "Ольга", "Викторовна"),
        manager_login: login.to_owned(),
        manager_secret: secret.to_owned(),
    };
    desk.found_clinic(args).await?;
    crate::sign_in(desk, MANAGER).await?;
    settings(desk).await?;
    people(desk).await?;
    // the demo begins where the first set-up has ended
    let mut settings = desk.window_settings(Nothing {}).await?;
    settings.desk.setup = None;
    desk.window_settings_put(settings).await?;
    Ok(())
}

async fn settings(desk: &Desk) -> Result<(), StageError> {
    let Some((mut clinic, _)) = desk.clinic().await? else { return Err(StageError::Incomplete) };
    clinic.hours = hours();
    while clinic.chairs.len() < CHAIRS {
        let bytes = seal::token::make_id_bytes().map_err(|_| StageError::Incomplete)?;
        let name = format!("Кресло {}", clinic.chairs.len() + 1);
        clinic.chairs.push(Chair { id: ChairId::from_random(bytes), name });
    }
    clinic.requisites = Requisites {
        full_name: "ООО «Стоматологическая клиника „Смайл Прогресс“»".to_owned(),
        short_name: "«Смайл Прогресс»".to_owned(),
        inn: "2400000000".to_owned(),
        ogrn: "1262400000000".to_owned(),
        address: "660000, г. Красноярск, ул. Примерная, д. 7".to_owned(),
        phone: "+7 391 200-00-00".to_owned(),
        privacy_email: "smilepro24@mail.ru".to_owned(),
        licence: "Лицензия № Л041-00000-24/00000000 от 14.05.2021".to_owned(),
        processors: vec![
            "ООО «Хостинг-Пример», 660000, г. Красноярск, ул. Серверная, д. 1 (хранение на сервере сайта)".to_owned(),
        ],
        // the staged clinic has no site
        policy_page: String::new(),
    };
    let personal = ClinicPersonal {
        responsible: "Соколова Ольга Викторовна".to_owned(),
        signatory: "Соколова О. В.".to_owned(),
        newer: Newer::default(),
    };
    desk.put_clinic(clinic, personal).await?;
    Ok(())
}

fn hours() -> OpeningHours {
    let day = |from: u32, to: u32| {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        Some(DayHours { opens: at(from), closes: at(to) })
    };
    let weekday = || day(8, 20);
    OpeningHours {
        week: [weekday(), weekday(), weekday(), weekday(), weekday(), day(9, 18), day(10, 16)],
        closed_on: BTreeSet::new(),
    }
}

async fn people(desk: &Desk) -> Result<(), StageError> {
    let (login, secret) = RECEPTIONIST;
    desk.put_staff(StaffDraft {
        id: None,
        name: name("Белова", "Анна", "Сергеевна"),
        role: Role::Receptionist,
        login: login.to_owned(),
        secret: Some(secret.to_owned()),
        active: true,
    })
    .await?;
    let chairs = desk.clinic().await?.map(|(clinic, _)| clinic.chairs).unwrap_or_default();
    let doctors = [
        (name("Лебедев", "Игорь", "Павлович"), "терапевт"),
        (name("Ким", "Наталья", "Андреевна"), "ортодонт"),
        (name("Орлов", "Пётр", "Семёнович"), "хирург-имплантолог"),
    ];
    for (order, (name, speciality)) in (0u32..).zip(doctors) {
        let chair = chairs.get(order as usize % chairs.len().max(1)).map(|c| c.id.clone());
        let draft = PractitionerDraft { id: None, name, speciality: speciality.to_owned(), chair, order, active: true };
        desk.put_practitioner(draft).await?;
    }
    Ok(())
}
