//! What stands between a desk and its gateway: it hands everything on, notes what it saw, and does what the story wants.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use contract::v1::DESK_VERSION;
use serde_json::Value;
use tokio::net::TcpListener;
use tower::ServiceExt;

use super::Pocket;

/// What happens to a request.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// It is handed on, and the answer back.
    Pass,
    /// It is handed on; the answer gets lost.
    AnswerLost,
    /// It is answered here.
    Answered(u16, Vec<(&'static str, String)>, Value),
    /// It is handed on, and the answer is rewritten as a gateway of another version would give it.
    Rewritten(fn(&mut Value)),
}

/// A request that was seen.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) call: String,
    pub(crate) version: Option<String>,
    pub(crate) token: Option<String>,
    /// The token stood in the keychain at that moment.
    pub(crate) kept: bool,
    pub(crate) status: u16,
}

type Decides = Box<dyn FnMut(&str) -> Fate + Send>;

struct Inner {
    router: Mutex<Router>,
    keychain: Arc<Pocket>,
    seen: Mutex<Vec<Asked>>,
    decides: Mutex<Option<Decides>>,
}

#[derive(Clone)]
pub(crate) struct Relay {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

impl Relay {
    pub(crate) async fn to(router: Router, keychain: Arc<Pocket>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inner =
            Arc::new(Inner { router: Mutex::new(router), keychain, seen: Mutex::default(), decides: Mutex::default() });
        let app = Router::new().fallback(relay).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, inner }
    }

    /// Another gateway answers from now on.
    pub(crate) fn switch_to(&self, router: Router) {
        *self.inner.router.lock().unwrap() = router;
    }

    /// What happens to each call, `POST /v1/actions`.
    pub(crate) fn decide(&self, decides: impl FnMut(&str) -> Fate + Send + 'static) {
        *self.inner.decides.lock().unwrap() = Some(Box::new(decides));
    }

    pub(crate) fn pass_everything(&self) {
        *self.inner.decides.lock().unwrap() = None;
    }

    pub(crate) fn seen(&self) -> Vec<Asked> {
        self.inner.seen.lock().unwrap().clone()
    }

    /// Forgets what was seen.
    pub(crate) fn look_away(&self) {
        self.inner.seen.lock().unwrap().clear();
    }

    pub(crate) fn saw(&self, call: &str) -> usize {
        self.seen().iter().filter(|asked| asked.call == call).count()
    }
}

async fn relay(State(inner): State<Arc<Inner>>, mut request: Request) -> Response {
    let call = format!("{} {}", request.method(), request.uri().path());
    let text = |headers: &HeaderMap, name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let version = text(request.headers(), DESK_VERSION);
    let token = text(request.headers(), "authorization").map(|value| value.trim_start_matches("Bearer ").to_owned());
    let kept = token.as_ref().is_some_and(|token| {
        inner.keychain.entries.lock().unwrap().values().any(|entry| entry.contains(token.as_str()))
    });
    let fate = inner.decides.lock().unwrap().as_mut().map_or(Fate::Pass, |decides| decides(&call));
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    let router = inner.router.lock().unwrap().clone();
    let response = match fate {
        Fate::Answered(status, headers, body) => answer(status, headers, &body),
        Fate::Pass => router.oneshot(request).await.unwrap(),
        Fate::AnswerLost => {
            let answer = router.oneshot(request).await.unwrap();
            assert!(answer.status().is_success());
            StatusCode::BAD_GATEWAY.into_response()
        }
        Fate::Rewritten(rewrite) => rewritten(router.oneshot(request).await.unwrap(), rewrite).await,
    };
    let status = response.status().as_u16();
    inner.seen.lock().unwrap().push(Asked { call, version, token, kept, status });
    response
}

fn answer(status: u16, headers: Vec<(&'static str, String)>, body: &Value) -> Response {
    let mut response = Response::builder().status(status).header("content-type", "application/problem+json");
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body.to_string())).unwrap()
}

async fn rewritten(response: Response, rewrite: fn(&mut Value)) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    let bytes = match serde_json::from_slice(&bytes) {
        Ok(mut value) => {
            rewrite(&mut value);
            parts.headers.remove(header::CONTENT_LENGTH);
            Bytes::from(value.to_string())
        }
        Err(_) => bytes,
    };
    Response::from_parts(parts, Body::from(bytes))
}
