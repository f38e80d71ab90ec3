//! Keys as WebDriver spells them.

pub const ENTER: &str = "\u{E007}";
pub const ESCAPE: &str = "\u{E00C}";
/// Selects the text of a field. `clear()` of WebDriver fires no input event in WebKitGTK.
pub const CTRL_A: &str = "\u{E009}a\u{E000}";
/// Takes the selection away.
pub(crate) const BACKSPACE: &str = "\u{E003}";
