//! What the window may do, asked of the real configuration, the real manifest and the real handlers, without a display.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use contract::commands::COMMANDS;
use desk::{Desk, Profile, Surroundings};
use reception_lib::{Seat, SystemPrinter, commands, stays_inside};
use serde_json::{Value, json};
use tauri::{
    App, Url, WebviewWindow, WebviewWindowBuilder,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder},
    webview::InvokeRequest,
};

const OWN_PAGE: &str = if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" };

/// What a window may ask of Tauri itself. The list only shrinks.
const CORE_PERMISSIONS: &[&str] =
    &["core:event:allow-listen", "core:event:allow-unlisten", "core:webview:allow-set-webview-zoom"];

fn app(seat: Seat) -> App<MockRuntime> {
    mock_builder()
        .manage(seat)
        .invoke_handler(commands::handler())
        .build(tauri::generate_context!(test = true))
        .expect("the application is built")
}

/// Nobody will ever sit here: commands that are let through answer with an error at once.
fn closed_seat() -> Seat {
    let (_, seat) = Seat::empty();
    seat
}

fn window(app: &App<MockRuntime>, label: &str) -> WebviewWindow<MockRuntime> {
    WebviewWindowBuilder::new(app, label, Default::default()).build().expect("a window")
}

fn call(window: &WebviewWindow<MockRuntime>, page: &str, command: &str, body: Value) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: page.parse().unwrap(),
        body: InvokeBody::Json(body),
        headers: Default::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(window, request).map(|body| body.deserialize().unwrap())
}

fn is_kept_out(answer: &Result<Value, Value>) -> bool {
    let refused = answer.as_ref().err().and_then(Value::as_str).unwrap_or_default();
    refused.contains("not allowed") || refused.contains("not found")
}

fn at_root(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn configuration() -> Value {
    serde_json::from_str(&at_root("tauri.conf.json")).unwrap()
}

#[test]
fn the_main_window_may_call_every_command_and_no_other_window_any() {
    let app = app(closed_seat());
    let (main, preview) = (window(&app, "main"), window(&app, "preview"));
    for command in COMMANDS {
        let answer = call(&main, OWN_PAGE, command, json!({ "args": {} }));
        assert!(!is_kept_out(&answer), "main, {command}: {answer:?}");
        let answer = call(&preview, OWN_PAGE, command, json!({ "args": {} }));
        assert!(is_kept_out(&answer), "preview, {command}: {answer:?}");
    }
}

#[test]
fn a_foreign_page_in_the_main_window_may_call_nothing() {
    let app = app(closed_seat());
    let main = window(&app, "main");
    for command in COMMANDS {
        let answer = call(&main, "https://example.org", command, json!({ "args": {} }));
        assert!(is_kept_out(&answer), "{command}: {answer:?}");
    }
}

#[test]
fn the_main_window_may_ask_nothing_of_the_system() {
    let app = app(closed_seat());
    let main = window(&app, "main");
    for command in [
        "plugin:window|set_title",
        "plugin:webview|create_webview_window",
        "plugin:event|emit",
        "plugin:path|resolve_directory",
        "plugin:window-state|save_window_state",
        "plugin:fs|read_file",
        "plugin:shell|execute",
        "plugin:opener|open_url",
        "reset_everything",
    ] {
        let answer = call(&main, OWN_PAGE, command, json!({}));
        assert!(is_kept_out(&answer), "{command}: {answer:?}");
    }
}

#[test]
fn a_desk_that_is_not_connected_says_so_to_the_window() {
    let home = tempfile::tempdir().unwrap();
    let profile = Profile {
        home: home.path().to_owned(),
        keychain_account: "shell-test".to_owned(),
        demo: None,
        app_version: "0".to_owned(),
    };
    let surroundings = Surroundings::of_system(Arc::new(SystemPrinter));
    let (usher, seat) = Seat::empty();
    usher.seat(tauri::async_runtime::block_on(Desk::start(profile, surroundings)));
    let app = app(seat);
    let main = window(&app, "main");

    let view = call(&main, OWN_PAGE, "app_view", json!({ "args": {} })).unwrap();
    // a session without a keychain has no place for the keys: the window is told which it is
    let (phase, trouble) = (&view["phase"], &view["trouble"]["code"]);
    assert!(phase == "not_connected" || (phase == "trouble" && trouble == "keychain_missing"), "{view}");
    assert_eq!(view["staff"], Value::Null);

    let refused = call(&main, OWN_PAGE, "search", json!({ "args": { "query": "иванова", "limit": 10 } })).unwrap_err();
    assert_eq!(refused["code"], "not_signed_in");
}

#[test]
fn an_argument_that_does_not_fit_is_refused_before_it_is_read() {
    let app = app(closed_seat());
    let main = window(&app, "main");
    let call = |args: Value| call(&main, OWN_PAGE, "search", json!({ "args": args }));

    let longest = commands::MAX_ARGUMENT - json!({ "args": { "query": "", "limit": 1 } }).to_string().len();
    assert_eq!(
        call(json!({ "query": "a".repeat(longest), "limit": 1 })).unwrap_err()["code"],
        "internal",
        "it reached the desk"
    );
    assert_eq!(call(json!({ "query": "a".repeat(longest + 1), "limit": 1 })).unwrap_err()["code"], "bad_input");
    let unknown = call(json!({ "query": "a", "limit": 1, "offset": 1 })).unwrap_err();
    assert!(unknown.as_str().unwrap().contains("unknown field"), "{unknown}");
}

#[test]
fn capabilities_hold_exactly_the_commands_and_the_named_core_permissions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri/capabilities");
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "one window, one capability: {files:?}");

    let capability: Value = serde_json::from_str(&fs::read_to_string(&files[0]).unwrap()).unwrap();
    assert_eq!(capability["windows"], json!(["main"]));
    for opening in ["remote", "webviews", "local"] {
        assert_eq!(capability[opening], Value::Null, "{opening}");
    }
    let granted: BTreeSet<&str> =
        capability["permissions"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let commands: Vec<String> = COMMANDS.iter().map(|name| format!("allow-{}", name.replace('_', "-"))).collect();
    let expected: BTreeSet<&str> =
        CORE_PERMISSIONS.iter().copied().chain(commands.iter().map(String::as_str)).collect();
    assert_eq!(granted, expected);
    assert_eq!(
        configuration()["app"]["security"]["capabilities"],
        json!(["main"]),
        "an explicit list disables the rest"
    );
}

#[test]
fn the_content_policy_lets_nothing_in_from_outside_and_nothing_inline() {
    let configuration = configuration();
    let security = &configuration["app"]["security"];
    let policy = security["csp"].as_object().unwrap();
    let expected = json!({
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' blob: data:",
        "font-src": "'self'",
        "connect-src": "'self' ipc: http://ipc.localhost",
        "worker-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-src": "'none'",
        "form-action": "'none'",
    });
    assert_eq!(policy, expected.as_object().unwrap());
    let text = configuration.to_string();
    for word in ["unsafe-", "dangerous", "wasm-unsafe", "assetProtocol", "remote"] {
        assert!(!text.contains(word), "{word}");
    }
    assert_eq!(security["freezePrototype"], true);
    assert_eq!(configuration["app"]["withGlobalTauri"], false);
}

#[test]
fn the_one_window_has_a_title_without_personal_data_and_is_made_by_the_shell() {
    let configuration = configuration();
    let windows = configuration["app"]["windows"].as_array().unwrap();
    assert_eq!(windows.len(), 1);
    assert_eq!(windows[0]["title"], "Ресепшн");
    // made by the shell, which adds what no configuration can say: no way out of the window
    assert_eq!(windows[0]["create"], false);
}

#[test]
fn a_release_has_no_developer_tools() {
    let manifest = at_root("Cargo.toml");
    assert!(!manifest.contains("devtools"));
    assert!(!at_root("tauri.conf.json").contains("devtools"));
}

#[test]
fn navigation_stays_inside() {
    let inside = |address: &str, server: Option<&str>| {
        stays_inside(&address.parse().unwrap(), server.map(|server| server.parse::<Url>().unwrap()).as_ref())
    };
    assert!(inside(&format!("{OWN_PAGE}/index.html"), None));
    for outside in [
        "https://example.org/",
        "http://localhost:1420/",
        "https://tauri.localhost.example.org/",
        "tauri://example.org/",
        "file:///etc/passwd",
        "data:text/html,<p>",
        "blob:tauri://localhost/0",
        "javascript:0",
        "about:blank",
    ] {
        assert!(!inside(outside, None), "{outside}");
    }
    assert!(inside("http://localhost:1420/src/main.ts", Some("http://localhost:1420")));
    assert!(!inside("http://localhost:1421/", Some("http://localhost:1420")));
}
