//! The one window: what it looks like stands in `tauri.conf.json`, what it may not do stands here.
//!
//! Invariants: the window shows the application's own pages only; it opens no other window and takes no download; its
//! title is a constant.

use std::sync::Arc;

use tauri::{App, AppHandle, Manager, Url, WebviewWindowBuilder, WindowEvent, webview::NewWindowResponse};
use tauri_plugin_window_state::StateFlags;

use crate::tray::Closing;

/// The label of the one window; capabilities name it.
pub(crate) const MAIN: &str = "main";
/// Of the last time; not whether it was shown: a window that was closed to the tray is not lost by it.
pub(crate) const REMEMBERED: StateFlags = StateFlags::all().difference(StateFlags::VISIBLE);

/// Builds the window from its description in the configuration.
pub(crate) fn open(app: &App) -> tauri::Result<()> {
    let described = app.config().app.windows.iter().find(|window| window.label == MAIN);
    let described = described.ok_or(tauri::Error::WindowNotFound)?;
    let dev_server = if tauri::is_dev() { app.config().build.dev_url.clone() } else { None };
    let window = WebviewWindowBuilder::from_config(app, described)?
        .on_navigation(move |url| stays_inside(url, dev_server.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()?;
    window.on_window_event(closing(app.handle().clone()));
    #[cfg(target_os = "linux")]
    if !has_graphics_card() {
        window.with_webview(paint_plainly)?;
    }
    Ok(())
}

/// Where there is no graphics card its work is emulated, and a key takes three times as long to be painted.
#[cfg(target_os = "linux")]
fn has_graphics_card() -> bool {
    std::fs::read_dir("/dev/dri").is_ok_and(|mut devices| {
        devices.any(|device| device.is_ok_and(|device| device.file_name().to_string_lossy().starts_with("renderD")))
    })
}

#[cfg(target_os = "linux")]
fn paint_plainly(view: tauri::webview::PlatformWebview) {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt as _, WebViewExt as _};

    if let Some(settings) = view.inner().settings() {
        settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
    }
}

/// Closing hides the window where the tray is to keep the desk at work.
fn closing(app: AppHandle) -> impl Fn(&WindowEvent) + Send + 'static {
    move |event| {
        let WindowEvent::CloseRequested { api, .. } = event else { return };
        let Some(window) = app.get_webview_window(MAIN) else { return };
        if app.state::<Arc<Closing>>().hides() && window.hide().is_ok() {
            api.prevent_close();
        }
    }
}

/// Whether an address is one of the application's own pages. `dev_server` is where they come from in development.
#[must_use]
pub fn stays_inside(url: &Url, dev_server: Option<&Url>) -> bool {
    let own = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    own || dev_server.is_some_and(|server| server.origin() == url.origin())
}

/// Brings the window to the front: somebody started the application a second time.
pub(crate) fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    for step in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = step {
            tracing::warn!(%error, "the window did not come to the front");
        }
    }
}
