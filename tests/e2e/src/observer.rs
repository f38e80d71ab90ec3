//! Another desk, reduced to its right to ask: let in with a one-time code, it reads the gateway's feed as it is on the
//! wire and opens the sealed parts with the clinic's key.

use std::collections::BTreeMap;

use contract::v1::{Change, ChangesPage, EnrollRequest, EnrollResponse, Sealed};
use domain::{EntityRef, State};
use seal::{ClinicSecretKey, Envelope, SealContext, enrolment::EnrolmentCode};
use serde_json::Value;

/// A desk that only looks.
pub struct Observer {
    gateway: String,
    client: reqwest::Client,
    token: String,
    key: ClinicSecretKey,
}

/// An entity as the gateway holds it, opened.
#[derive(Clone)]
pub struct Seen {
    pub id: EntityRef,
    pub version: u64,
    pub state: State,
    pub parts: BTreeMap<String, Value>,
}

impl std::fmt::Debug for Observer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Observer(…)")
    }
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seen").field("id", &self.id).field("version", &self.version).finish_non_exhaustive()
    }
}

impl Observer {
    /// Enrols with a one-time code of the clinic.
    pub(crate) async fn enrol(gateway: &str, code: &str) -> Self {
        let code = EnrolmentCode::parse(code).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = EnrollRequest {
            auth: code.auth_half().as_str().to_owned(),
            name: "Наблюдатель".to_owned(),
            app_version: "0".to_owned(),
            clinic_public_key: None,
            replaces: None,
        };
        let answer = client.post(format!("{gateway}/v1/desks/enroll")).json(&request).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let answer: EnrollResponse = answer.json().await.unwrap();
        let envelope = Envelope::try_from(answer.envelope.unwrap()).unwrap();
        let key = code.unwrap(&envelope).unwrap();
        Self { gateway: gateway.to_owned(), client, token: answer.token, key }
    }

    /// Everything that the gateway has, from the beginning of its feed. Each entity must come once.
    pub async fn everything(&self) -> Vec<Seen> {
        let mut seen: BTreeMap<EntityRef, Seen> = BTreeMap::new();
        let mut cursor: Option<String> = None;
        loop {
            let page = self.page(cursor.as_deref()).await;
            for change in page.changes {
                let twice = seen.insert(change.id.clone(), self.opened(change));
                assert!(twice.is_none(), "the feed gives an entity twice: {twice:?}");
            }
            if !page.has_more {
                return seen.into_values().collect();
            }
            cursor = Some(page.cursor);
        }
    }

    async fn page(&self, since: Option<&str>) -> ChangesPage {
        let mut request = self.client.get(format!("{}/v1/changes", self.gateway)).bearer_auth(&self.token);
        if let Some(since) = since {
            request = request.query(&[("since", since)]);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    fn opened(&self, change: Change) -> Seen {
        let parts = change.parts.iter().map(|(name, sealed)| (name.clone(), self.open(&change.id, name, sealed)));
        let parts = parts.collect();
        Seen { id: change.id, version: change.version, state: change.state.unwrap(), parts }
    }

    fn open(&self, entity: &EntityRef, part: &str, sealed: &Sealed) -> Value {
        let place = SealContext { entity: entity.as_str(), part, seal_id: &sealed.seal_id };
        seal::open_json(&self.key, &place, sealed).unwrap()
    }
}
