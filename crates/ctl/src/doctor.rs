//! `doctor`: one line for each part, with what to do where it is not well.

use contract::ui::Code;
use desk::{
    Desk, DeskError,
    doctor::{Examination, GatewayFinding, KeychainFinding, StoreFinding},
    platform::keychain::KeychainError,
    transport::TransportError,
};

use crate::{Ending, commands::say, words};

/// A clock that is off by more makes due times and terms wrong.
const DRIFT_LIMIT: i64 = 120;

/// The settings of the print system on Linux and macOS.
const CUPS: &str = "/etc/cups/cupsd.conf";

/// One line of the report.
struct Line {
    part: &'static str,
    good: bool,
    words: String,
}

pub(crate) async fn doctor(desk: &Desk) -> Ending {
    let found = desk.examine().await;
    say(&format!("Папка: {}", found.home.display()));
    let parts = [keychain(&found), store(&found), gateway(&found), clock(&found), printers(&found), papers(&found)];
    let lines: Vec<Line> = parts.into_iter().chain(spool()).collect();
    for line in &lines {
        say(&format!("{} {}: {}", if line.good { "✓" } else { "✗" }, line.part, line.words));
    }
    if lines.iter().all(|line| line.good) { Ending::Good } else { Ending::Bad }
}

fn line(part: &'static str, good: bool, words: impl Into<String>) -> Line {
    Line { part, good, words: words.into() }
}

fn keychain(found: &Examination) -> Line {
    let part = "Хранилище ключей";
    match found.keychain {
        KeychainFinding::Keys => line(part, true, "отвечает, ключи этого рабочего места на месте"),
        KeychainFinding::Empty if found.store == StoreFinding::Trouble(Code::KeyLost) => {
            line(part, false, words::advice(Code::KeyLost))
        }
        KeychainFinding::Empty => line(part, true, "отвечает; ключей ещё нет, они появятся при подключении"),
        KeychainFinding::Trouble(KeychainError::Missing) => line(part, false, words::advice(Code::KeychainMissing)),
        KeychainFinding::Trouble(KeychainError::Locked) => line(part, false, words::advice(Code::KeychainLocked)),
        KeychainFinding::Trouble(KeychainError::Unreadable) => line(part, false, words::advice(Code::KeyLost)),
    }
}

fn store(found: &Examination) -> Line {
    let part = "База данных";
    match found.store {
        StoreFinding::Open => line(part, true, "открывается своим ключом"),
        StoreFinding::NotConnected => {
            line(part, false, "рабочее место не подключено. Подключите его: receptionctl setup --gateway … --code …")
        }
        StoreFinding::Trouble(code) => line(part, false, words::advice(code)),
    }
}

fn gateway(found: &Examination) -> Line {
    let part = "Сервер";
    match &found.gateway {
        GatewayFinding::Answers { version, .. } => line(part, true, format!("отвечает, версия {version}")),
        GatewayFinding::Unknown => line(part, false, "не известен, пока рабочее место не подключено"),
        GatewayFinding::Trouble(TransportError::NoTls) => {
            line(part, false, "не удалось прочитать сертификаты системы. Установите пакет ca-certificates")
        }
        GatewayFinding::Trouble(error) => line(part, false, words::advice(DeskError::from(error.clone()).code())),
    }
}

fn clock(found: &Examination) -> Line {
    let part = "Часы";
    match found.gateway {
        GatewayFinding::Answers { drift, .. } if drift.abs() > DRIFT_LIMIT => line(
            part,
            false,
            format!("расходятся с сервером на {drift} с. Включите установку времени по сети и проверьте часовой пояс"),
        ),
        GatewayFinding::Answers { drift, .. } => line(part, true, format!("расходятся с сервером на {drift} с")),
        _ => line(part, true, "сверить не с чем: сервер не ответил"),
    }
}

fn printers(found: &Examination) -> Line {
    let part = "Принтеры";
    match &found.printers {
        Ok(names) if names.is_empty() => line(
            part,
            false,
            "не найдены. Добавьте принтер в настройках системы; документы пока можно сохранять в файл",
        ),
        Ok(names) => line(part, true, names.join(", ")),
        Err(_) => line(part, false, "система печати не отвечает. Проверьте, что служба печати (CUPS) запущена"),
    }
}

/// What was printed must not lie in the spool afterwards. Nothing is said where there is no CUPS.
fn spool() -> Option<Line> {
    let part = "Очередь печати";
    match std::fs::read_to_string(CUPS) {
        Ok(settings) if keeps_files(&settings) => {
            let words = "напечатанные файлы остаются на диске (по умолчанию сутки). Выполните: sudo cupsctl PreserveJobFiles=No";
            Some(line(part, false, words))
        }
        Ok(_) => Some(line(part, true, "напечатанные файлы не остаются на диске")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(_) => Some(line(part, true, "настройки CUPS закрыты; проверьте, что в них PreserveJobFiles No")),
    }
}

/// Whether CUPS keeps the file of a finished job: for a day, unless it is told otherwise (cupsd.conf(5)).
fn keeps_files(settings: &str) -> bool {
    let words = settings.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut told = words.filter_map(|words| match words[..] {
        [name, value] if name.eq_ignore_ascii_case("PreserveJobFiles") => Some(value.to_ascii_lowercase()),
        _ => None,
    });
    !matches!(told.next_back().as_deref(), Some("no" | "off" | "false" | "0"))
}

fn papers(found: &Examination) -> Line {
    if found.papers {
        line("Документы", true, "шрифты на месте, пробный бланк готовится")
    } else {
        line("Документы", false, "пробный бланк не готовится: переустановите приложение")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_print_system_keeps_files_unless_it_is_told_not_to() {
        assert!(keeps_files(""));
        assert!(keeps_files("PreserveJobFiles Yes\n"));
        assert!(keeps_files("# PreserveJobFiles No\n"));
        assert!(!keeps_files("LogLevel warn\n  preservejobfiles No\n"));
        assert!(!keeps_files("PreserveJobFiles 86400\nPreserveJobFiles 0\n"));
    }
}
