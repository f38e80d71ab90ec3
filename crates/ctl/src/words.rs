//! Codes in Russian, each with what to do.

use std::io::ErrorKind;

use contract::ui::{Code, Link, SyncView, UiError};

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("Система не назвала папку для данных. Задайте её: RECEPTION_HOME=/путь")]
    NoHome,
    #[error("Рабочее место не подключено. Подключите его: receptionctl setup --gateway … --code …")]
    NotConnected,
    #[error("Это не номер карточки: он начинается с per_ и выводится командой search")]
    NotAnId,
    #[error("Нет такого вида документа. Список: receptionctl documents list")]
    NotAKind,
    #[error("Шаблон не прочитан: {}", of_file(.0))]
    Template(#[source] std::io::Error),
    #[error("Пароль не прочитан: {}", of_file(.0))]
    Terminal(#[source] std::io::Error),
    #[error("Файл не записан: {}", of_file(.0))]
    Out(#[source] std::io::Error),
    #[error("Эту бумагу печатать нельзя: {0}")]
    NotMade(String),
    #[error("{}", in_words(.0))]
    Desk(UiError),
}

impl From<UiError> for Failure {
    fn from(error: UiError) -> Self {
        Self::Desk(error)
    }
}

fn of_file(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::AlreadyExists => "такой файл уже есть, он не заменяется",
        ErrorKind::NotFound => "нет такого файла или папки",
        ErrorKind::PermissionDenied => "нет прав",
        ErrorKind::StorageFull => "на диске нет места",
        _ => "система отказала",
    }
}

fn in_words(error: &UiError) -> String {
    let mut words = advice(error.code).to_owned();
    if let Some(field) = &error.field {
        words.push_str(&format!(" Поле: {field}."));
    }
    if let Some(seconds) = error.wait_seconds {
        words.push_str(&format!(" Подождите {seconds} с."));
    }
    if let Some(refusal) = &error.refusal {
        words.push_str(&format!(" Причина: {refusal}."));
    }
    if let Some(version) = &error.needs_version {
        words.push_str(&format!(" Нужна версия {version} или новее."));
    }
    words
}

/// What is wrong, and what to do.
pub(crate) fn advice(code: Code) -> &'static str {
    match code {
        Code::NotSignedIn => "Вход не выполнен.",
        Code::WrongSecret => "Логин или пароль не подходят.",
        Code::TooManyTries => "Слишком много неверных попыток.",
        Code::Forbidden => "Роль этого не позволяет: нужен руководитель.",
        Code::KeychainMissing => {
            "нет хранилища ключей. На Linux установите и запустите gnome-keyring (или KWallet) в этом сеансе; без хранилища программа не работает"
        }
        Code::KeychainLocked => "хранилище ключей закрыто. Откройте его паролем сеанса и повторите",
        Code::KeyLost => {
            "ключа от этой базы нет в хранилище. Базу не удаляйте: верните хранилище ключей или откройте приложение: оно предложит комплект восстановления, копию или подключение заново"
        }
        Code::WrongKey => "ключ из хранилища не подходит к этой базе. Проверьте, та ли это папка (RECEPTION_HOME)",
        Code::PlainDatabase => "на месте базы лежит незашифрованный файл. Уберите его и повторите",
        Code::NewerSchema => "база создана более новой версией. Обновите приложение",
        Code::DatabaseDamaged => {
            "база повреждена. Откройте приложение: оно спасёт неотправленное и предложит копию; ничего не удаляйте"
        }
        Code::DatabaseBusy => "рабочее место открыто в другой программе. Закройте приложение и повторите",
        Code::DiskFull => "на диске нет места. Освободите его и повторите",
        Code::OtherKit => "Код от другого комплекта восстановления.",
        Code::NotACopy => "Файл не читается как копия этого рабочего места.",
        Code::NoFolder => "Папки копий нет.",
        Code::NotConnected => "рабочее место не подключено. Подключите его: receptionctl setup --gateway … --code …",
        Code::GatewayUnreachable => "сервер не отвечает. Проверьте сеть и адрес; работать можно и без связи",
        Code::GatewayRefused => "сервер не узнаёт это рабочее место. Попросите руководителя о новом приглашении",
        Code::DeskRevoked => "доступ этого рабочего места отозван. Попросите руководителя о новом приглашении",
        Code::Outdated => "программа устарела: серверу нужна версия новее. Обновите её и повторите",
        Code::CodeMistyped => "В коде опечатка.",
        Code::CodeRefused => "Код не подошёл: он одноразовый и действует недолго. Попросите новый.",
        Code::BadAddress => "адрес сервера не подходит: нужен https://… (http только на этом же компьютере)",
        Code::Refused => "Действие отклонено.",
        Code::NotFound => "Не найдено.",
        Code::BadInput => "Значение не подходит.",
        Code::PaperUnchecked => "Перед печатью есть что проверить: откройте бумагу в окне.",
        Code::PaperElsewhere => "Лист печатали на другом компьютере: его копия там.",
        Code::PaperUnknown => "Документ не подготовлен.",
        Code::NoPrinter => "Принтер не найден.",
        Code::PrintFailed => "Печать не удалась.",
        Code::PaperFailed => "Документ не получился.",
        Code::Internal => "Внутренняя ошибка. Подробности: RUST_LOG=warn receptionctl …",
    }
}

/// How the sync went.
pub(crate) fn of_sync(view: &SyncView) -> String {
    let link = match view.link {
        Link::Online => "Связь есть",
        Link::Syncing => "Обмен ещё идёт",
        Link::Offline => "Связи нет",
        Link::Refused => "Сервер не узнаёт это рабочее место",
        Link::Revoked => "Рабочее место отключено управляющим",
        Link::Outdated => "Программа устарела: сервер ждёт новую версию",
        Link::Unknown => "Обмена ещё не было",
    };
    let as_of = view
        .as_of
        .map_or_else(|| "данных ещё нет".to_owned(), |at| format!("данные на {}", at.format("%d.%m.%Y %H:%M:%S UTC")));
    let mut words = format!("{link}; {as_of}; не отправлено {}; отклонено {}", view.unsent, view.refused);
    if let Some(version) = &view.needs_version {
        words.push_str(&format!("; нужна версия {version} или новее"));
    }
    if view.lacks_key {
        words.push_str("; ключ клиники сменён, нового здесь нет: подключите место заново по коду");
    }
    if view.newer > 0 {
        words.push_str(&format!("; не показано до обновления {}", view.newer));
    }
    words
}
