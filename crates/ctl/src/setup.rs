//! Connecting this workstation.

use clap::Args;
use contract::ui::{AppView, ConnectArgs, FoundArgs};
use desk::Desk;
use domain::personal::PersonName;

use crate::{Ending, commands::say, opening::secret, words::Failure};

#[derive(Debug, Args)]
pub(crate) struct SetupArgs {
    /// Адрес сервера, `https://…`
    #[arg(long)]
    gateway: String,
    /// Одноразовый код: с сервера (основать клинику) или от руководителя (войти)
    #[arg(long)]
    code: String,
    /// Название этого рабочего места
    #[arg(long, default_value = "Ресепшн 1")]
    desk_name: String,
    /// Основать клинику с этим названием
    #[arg(long, requires_all = ["zone", "manager_login", "manager_name"])]
    clinic: Option<String>,
    /// Часовой пояс клиники, например `Asia/Krasnoyarsk`
    #[arg(long)]
    zone: Option<String>,
    /// Логин первого руководителя; пароль как у остальных команд
    #[arg(long)]
    manager_login: Option<String>,
    /// Фамилия, имя и отчество первого руководителя
    #[arg(long)]
    manager_name: Option<String>,
}

pub(crate) async fn setup(desk: &Desk, args: SetupArgs) -> Result<Ending, Failure> {
    let view = match args.clinic {
        Some(clinic_name) => {
            let founding = FoundArgs {
                gateway: args.gateway,
                code: args.code,
                desk_name: args.desk_name,
                clinic_name,
                zone: args.zone.unwrap_or_default(),
                manager_name: name(&args.manager_name.unwrap_or_default()),
                manager_login: args.manager_login.unwrap_or_default(),
                manager_secret: secret("Пароль руководителя: ")?,
            };
            desk.found_clinic(founding).await?
        }
        None => {
            let joining = ConnectArgs { gateway: args.gateway, code: args.code, desk_name: args.desk_name };
            desk.connect(joining).await?
        }
    };
    connected(&view);
    Ok(Ending::Good)
}

fn connected(view: &AppView) {
    match &view.clinic_name {
        Some(name) => say(&format!("Рабочее место подключено: {name}.")),
        None => say("Рабочее место подключено. Данные клиники придут при первом обмене: receptionctl sync."),
    }
}

/// «Фамилия Имя Отчество»: what comes after the second word belongs to the patronymic.
fn name(text: &str) -> PersonName {
    let mut words = text.split_whitespace().map(str::to_owned);
    PersonName {
        family: words.next().unwrap_or_default(),
        given: words.next().unwrap_or_default(),
        patronymic: words.collect::<Vec<_>>().join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_in_the_usual_order() {
        let read = name(" Мамедова  Лейла Гусейн кызы ");
        assert_eq!([read.family, read.given, read.patronymic], ["Мамедова", "Лейла", "Гусейн кызы"]);
        assert_eq!(name("Ли").full(), "Ли");
    }
}
