//! An outsider with a desk's rights: asks the gateway's API itself what it knows, past all of the desk's code.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test harness fails loudly")]

use contract::v1::{Change, ChangesPage, EnrollRequest, EnrollResponse};
use desk::Desk;
use domain::{State, request::Request};
use seal::{ClinicSecretKey, SealContext, enrolment::EnrolmentCode};

/// A desk of its own at the gateway.
pub struct Witness {
    url: String,
    token: String,
    key: ClinicSecretKey,
}

impl Witness {
    /// Enrols with a code that the signed-in manager makes.
    pub async fn invited_by(desk: &Desk, url: &str) -> Self {
        let code = EnrolmentCode::parse(&desk.invite().await.expect("a code")).unwrap();
        let request = EnrollRequest {
            auth: code.auth_half().as_str().to_owned(),
            name: "Свидетель".into(),
            app_version: "0".into(),
            clinic_public_key: None,
            replaces: None,
        };
        let answer = crate::http().post(format!("{url}/v1/desks/enroll")).json(&request).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        let enrolled: EnrollResponse = answer.json().await.unwrap();
        let envelope = enrolled.envelope.expect("an envelope").parse().unwrap();
        Self { url: url.to_owned(), token: enrolled.token, key: code.unwrap(&envelope).unwrap() }
    }

    /// The whole feed, page by page.
    pub async fn everything(&self) -> Vec<Change> {
        let mut all = Vec::new();
        let mut url = format!("{}/v1/changes", self.url);
        loop {
            let answer = crate::http().get(&url).bearer_auth(&self.token).send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.status());
            let page: ChangesPage = answer.json().await.unwrap();
            all.extend(page.changes);
            if !page.has_more {
                return all;
            }
            url = format!("{}/v1/changes?since={}", self.url, page.cursor);
        }
    }

    pub async fn requests(&self) -> Vec<Request> {
        self.everything()
            .await
            .into_iter()
            .filter_map(|c| match c.state {
                Some(State::Request(request)) => Some(request),
                _ => None,
            })
            .collect()
    }

    /// Opens a sealed part of a change.
    pub fn open<T: serde::de::DeserializeOwned>(&self, change: &Change, part: &str) -> Option<T> {
        let sealed = change.parts.get(part)?;
        let context = SealContext { entity: change.id.as_str(), part, seal_id: &sealed.seal_id };
        seal::open_json(&self.key, &context, sealed).ok()
    }
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").finish_non_exhaustive()
    }
}
