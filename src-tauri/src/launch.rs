//! What the application was started with: arguments, the environment, the machine under it.

use std::ffi::OsString;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Launch {
    /// Open this computer's desk.
    Desk,
    /// Raise a demo clinic with its own gateway and open a desk in it.
    Demo,
    /// Say the version and leave.
    Version,
    /// Say how to start.
    Help,
    /// Something else stood in the arguments.
    Unknown,
}

impl Launch {
    /// Reads the arguments that follow the program's name.
    pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Self {
        let mut launch = Self::Desk;
        for argument in arguments {
            launch = match argument.to_str() {
                Some("--demo") => Self::Demo,
                Some("--version" | "-V") => return Self::Version,
                Some("--help" | "-h") => return Self::Help,
                _ => return Self::Unknown,
            };
        }
        launch
    }
}

pub(crate) const HELP: &str = "\
reception            рабочее место ресепшена / the reception desk
reception --demo     то же на демонстрационной клинике / the same on a demo clinic
reception --version  версия / version

RECEPTION_HOME       папка базы вместо обычной / folder of the database instead of the usual one
RUST_LOG             подробность журнала (warn) / verbosity of the log (warn)
";

const NO_DISPLAY: &str = "\
Нет дисплея: переменные DISPLAY и WAYLAND_DISPLAY пусты, окно показать негде.
Ту же смену без окна покажет:  cargo xtask run --headless

There is no display: DISPLAY and WAYLAND_DISPLAY are empty, so no window can be shown.
The same shift without a window:  cargo xtask run --headless";

const NO_WEBVIEW: &str = "\
Не найден компонент Windows «WebView2», без него окно не открыть.
Установите его: https://go.microsoft.com/fwlink/p/?LinkId=2124703 и запустите «Ресепшн» снова.

The Windows component WebView2 is missing; install it from the address above and start again.";

/// Why no window can be shown on this machine, in words for the one who started it.
pub(crate) fn no_window_here() -> Option<&'static str> {
    let has = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !has("DISPLAY") && !has("WAYLAND_DISPLAY") {
        return Some(NO_DISPLAY);
    }
    if cfg!(windows) && tauri::webview_version().is_err() {
        return Some(NO_WEBVIEW);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Launch;

    fn read(arguments: &[&str]) -> Launch {
        Launch::read(arguments.iter().map(Into::into))
    }

    #[test]
    fn arguments_say_what_to_do() {
        assert_eq!(read(&[]), Launch::Desk);
        assert_eq!(read(&["--demo"]), Launch::Demo);
        assert_eq!(read(&["--demo", "--version"]), Launch::Version);
        assert_eq!(read(&["--help"]), Launch::Help);
    }

    #[test]
    fn an_unknown_argument_is_not_taken_for_a_real_desk() {
        assert_eq!(read(&["--dmeo"]), Launch::Unknown);
        assert_eq!(read(&["--demo", "x"]), Launch::Unknown);
    }
}
