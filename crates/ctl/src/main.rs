//! `receptionctl`: the desk's use cases for administrators and scripts.
//!
//! Invariants: it opens the same desk as the application, so not both at once; what shows people needs a sign-in, goes
//! through the same gate and into the same audit chain; secrets come by the environment, by standard input or by a
//! prompt, never as an argument.

mod commands;
mod doctor;
mod documents;
mod opening;
mod setup;
mod words;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Администрирование рабочего места «Ресепшн».
#[derive(Debug, Parser)]
#[command(name = "receptionctl", version, about, long_about = None)]
struct Line {
    /// Папка рабочего места; без неё та же, что у приложения
    #[arg(long, env = "RECEPTION_HOME", global = true)]
    home: Option<PathBuf>,
    /// Учётная запись в хранилище ключей; без неё та же, что у приложения в этой папке
    #[arg(long, global = true, hide = true)]
    account: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Подключить рабочее место: основать клинику (с --clinic) или войти по приглашению
    Setup(setup::SetupArgs),
    /// Код для ещё одного рабочего места (руководитель)
    Invite {
        #[command(flatten)]
        who: Who,
    },
    /// Обменяться данными с сервером и дождаться конца
    Sync,
    /// Найти человека, заявку или сертификат
    Search {
        query: String,
        #[arg(long, default_value_t = 20)]
        limit: u32,
        #[command(flatten)]
        who: Who,
    },
    /// Документы
    #[command(subcommand)]
    Documents(documents::Documents),
    /// Журнал действий
    #[command(subcommand)]
    Audit(Audit),
    /// Проверить рабочее место: что не так и что делать
    Doctor,
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Проверить цепочку журнала (руководитель)
    Verify {
        #[command(flatten)]
        who: Who,
    },
}

/// Кто работает. Пароль или PIN: из RECEPTION_SECRET, из стандартного ввода или по запросу.
#[derive(Debug, Args)]
struct Who {
    /// Логин сотрудника
    #[arg(long)]
    login: String,
}

/// What the terminal gets in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Good,
    /// It worked, and what it found is not good.
    Bad,
}

fn main() -> ExitCode {
    let line = Line::parse();
    desk::platform::dumps::switch_off();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error")))
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("Не удалось начать работу: {error}")),
    };
    match runtime.block_on(run(line)) {
        Ok(Ending::Good) => ExitCode::SUCCESS,
        Ok(Ending::Bad) => ExitCode::from(1),
        Err(failure) => failed(&failure.to_string()),
    }
}

#[allow(clippy::print_stderr, reason = "the terminal is this program's window")]
fn failed(words: &str) -> ExitCode {
    eprintln!("{words}");
    ExitCode::from(2)
}

async fn run(line: Line) -> Result<Ending, words::Failure> {
    // what is about wordings alone needs no desk
    if let Command::Documents(command) = &line.command
        && let Some(ending) = documents::without_desk(command)
    {
        return ending;
    }
    let desk = opening::open(line.home, line.account).await?;
    let ending = match line.command {
        Command::Setup(args) => setup::setup(&desk, args).await,
        Command::Invite { who } => commands::invite(&desk, &who).await,
        Command::Sync => commands::sync(&desk).await,
        Command::Search { query, limit, who } => commands::search(&desk, &who, query, limit).await,
        Command::Documents(command) => documents::at_desk(&desk, command).await,
        Command::Audit(Audit::Verify { who }) => commands::audit_verify(&desk, &who).await,
        Command::Doctor => Ok(doctor::doctor(&desk).await),
    };
    desk.close().await;
    ending
}
