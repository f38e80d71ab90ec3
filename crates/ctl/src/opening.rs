//! Opening the desk that the application opens, and signing in.

use std::{
    io::{BufRead, IsTerminal},
    path::PathBuf,
    sync::Arc,
};

use contract::ui::{Nothing, Phase, PrinterView, SignInArgs};
use desk::{Desk, Handed, PrintError, PrintJob, Printer, Profile, Surroundings, platform};

use crate::{Who, words::Failure};

/// The variable that brings the password or PIN.
pub(crate) const SECRET_VARIABLE: &str = "RECEPTION_SECRET";

/// Lists printers; this program does not print.
#[derive(Debug)]
struct ListedPrinters;

impl Printer for ListedPrinters {
    fn printers(&self) -> Result<Vec<PrinterView>, PrintError> {
        let all = printers::get_printers();
        Ok(all.into_iter().map(|printer| PrinterView { name: printer.name, is_default: printer.is_default }).collect())
    }

    fn print(&self, _job: &PrintJob<'_>) -> Result<Handed, PrintError> {
        Err(PrintError::NoPrinter)
    }
}

pub(crate) async fn open(home: Option<PathBuf>, account: Option<String>) -> Result<Desk, Failure> {
    let keychain_account = account.unwrap_or_else(|| platform::keychain_account(home.as_deref()));
    let home = home.or_else(platform::home).ok_or(Failure::NoHome)?;
    let profile = Profile { home, keychain_account, demo: None, app_version: env!("CARGO_PKG_VERSION").to_owned() };
    Ok(Desk::start(profile, Surroundings::of_system(Arc::new(ListedPrinters))).await)
}

/// Signs in as the given member of the staff.
pub(crate) async fn sign_in(desk: &Desk, who: &Who) -> Result<(), Failure> {
    let view = desk.app_view(Nothing {}).await?;
    if let Some(trouble) = view.trouble {
        return Err(trouble.into());
    }
    if view.phase == Phase::NotConnected {
        return Err(Failure::NotConnected);
    }
    let secret = secret("Пароль или PIN: ")?;
    desk.sign_in(SignInArgs { login: who.login.clone(), secret }).await?;
    Ok(())
}

/// The password or PIN: from the environment, from standard input, or asked for.
pub(crate) fn secret(prompt: &str) -> Result<String, Failure> {
    if let Ok(secret) = std::env::var(SECRET_VARIABLE)
        && !secret.is_empty()
    {
        return Ok(secret);
    }
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt).map_err(Failure::Terminal);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(Failure::Terminal)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
