//! The floor that the desk's window is measured against: the same framework, one window, an empty page, nothing else.

use tauri::{WebviewUrl, WebviewWindowBuilder};

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            let blank = "about:blank".parse().map_err(tauri::Error::InvalidUrl)?;
            WebviewWindowBuilder::new(app, "empty", WebviewUrl::External(blank)).inner_size(1280.0, 740.0).build()?;
            Ok(())
        })
        .run(empty())
}

/// The application's context without its window and its pages.
fn empty() -> tauri::Context {
    let mut context: tauri::Context = tauri::generate_context!();
    context.config_mut().app.windows.clear();
    context
}
