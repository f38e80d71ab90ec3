//! Keys as WebDriver spells them.

pub const ESCAPE: &str = "\u{E00C}";
pub const ENTER: &str = "\u{E007}";
pub const TAB: &str = "\u{E004}";
pub const DELETE: &str = "\u{E017}";
/// The queue.
pub const F3: &str = "\u{E033}";
/// Certificates.
pub const F5: &str = "\u{E035}";
/// Selects the text of a field. `clear()` of WebDriver fires no input event in WebKitGTK.
pub const CTRL_A: &str = "\u{E009}a\u{E009}";
/// Takes the selection away.
pub(crate) const BACKSPACE: &str = "\u{E003}";
/// Sends what stands in a form.
pub const CTRL_ENTER: &str = "\u{E009}\u{E007}\u{E009}";
/// What waits to be sent, and what was refused.
pub const CTRL_O: &str = "\u{E009}o\u{E009}";
/// Search.
pub const CTRL_K: &str = "\u{E009}k\u{E009}";
/// Lock.
pub const CTRL_L: &str = "\u{E009}l\u{E009}";
