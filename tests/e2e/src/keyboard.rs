//! Keys as WebDriver spells them.

pub const ESCAPE: &str = "\u{E00C}";
pub const ENTER: &str = "\u{E007}";
pub const TAB: &str = "\u{E004}";
/// The queue.
pub const F3: &str = "\u{E033}";
/// Selects the text of a field. `clear()` of WebDriver fires no input event in WebKitGTK.
pub(crate) const CTRL_A: &str = "\u{E009}a\u{E009}";
/// Takes the selection away.
pub(crate) const BACKSPACE: &str = "\u{E003}";
/// Search.
pub const CTRL_K: &str = "\u{E009}k\u{E009}";
/// Lock.
pub const CTRL_L: &str = "\u{E009}l\u{E009}";
