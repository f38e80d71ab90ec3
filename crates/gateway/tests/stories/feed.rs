//! The state feed and its pokes.

use std::collections::BTreeMap;

use axum::body::Body;
use connectors::Connector;
use contract::v1::{Outcome, ProblemCode};
use domain::{Command, State};
use futures_util::StreamExt;
use gateway::Gateway;
use tower::ServiceExt;

use crate::world::{World, ask, get};

#[tokio::test]
async fn each_entity_comes_once_at_its_latest_number() {
    let world = World::staffed().await;
    let source = world.source(Connector::Form).await;
    let request = world.callback(&source, "Анна").await;
    let entity = request.into();
    assert!(matches!(world.do_it(world.plain(&entity, 1, Command::RequestClaim)).await, Outcome::Applied { .. }));
    assert!(matches!(world.do_it(world.plain(&entity, 2, Command::RequestRelease)).await, Outcome::Applied { .. }));

    let changes = world.changes().await;
    let mut seen = BTreeMap::new();
    for change in &changes {
        *seen.entry(change.id.clone()).or_insert(0) += 1;
    }
    assert!(seen.values().all(|times| *times == 1));
    assert!(changes.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    let last = changes.last().unwrap();
    assert_eq!((&last.id, last.version), (&entity, 3));
}

#[tokio::test]
async fn a_cursor_leads_on_page_by_page() {
    let world = World::founded().await;
    let source = world.source(Connector::Form).await;
    for n in 0..7 {
        world.callback(&source, &format!("Имя {n}")).await;
    }
    let (mut cursor, mut seen, mut pages) = (None, Vec::new(), 0);
    loop {
        let page = world.page(cursor.as_deref(), 3).await;
        seen.extend(page.changes.iter().map(|change| change.seq));
        pages += 1;
        let more = page.has_more;
        cursor = Some(page.cursor);
        if !more {
            break;
        }
    }
    assert_eq!((seen, pages), ((1..=7).collect(), 3));
    let idle = world.page(cursor.as_deref(), 3).await;
    assert!(idle.changes.is_empty() && !idle.has_more);
    assert_eq!(Some(&idle.cursor), cursor.as_ref(), "an idle cursor stays");
}

/// Readers page while writers write: whoever follows cursors to the end has everything, at its final version.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_who_reads_while_others_write_misses_anything() {
    let world = World::staffed().await;
    let source = world.source(Connector::Form).await;
    let mut requests = Vec::new();
    for n in 0..10 {
        requests.push(world.callback(&source, &format!("Имя {n}")).await);
    }
    let world = &world;
    let write = async {
        let work = requests.chunks(5).map(|requests| async move {
            for round in 0..10 {
                for request in requests {
                    let command = if round % 2 == 0 { Command::RequestClaim } else { Command::RequestRelease };
                    let outcome = world.do_it(world.plain(&request.clone().into(), 0, command)).await;
                    assert!(matches!(outcome, Outcome::Applied { .. }));
                }
            }
        });
        futures_util::future::join_all(work).await;
    };
    let (done, mut until) = tokio::sync::watch::channel(false);
    let read = async {
        let (mut cursor, mut known) = (None, BTreeMap::new());
        loop {
            // asked before the page: the last page is read after the last write
            let last = *until.borrow_and_update();
            let page = world.page(cursor.as_deref(), 3).await;
            for change in page.changes {
                known.insert(change.id, change.version);
            }
            cursor = Some(page.cursor);
            if last && !page.has_more {
                return known;
            }
        }
    };
    let (known, ()) = tokio::join!(read, async {
        write.await;
        done.send_replace(true);
    });
    let truth: BTreeMap<_, _> = world.changes().await.into_iter().map(|change| (change.id, change.version)).collect();
    assert_eq!(known, truth);
    assert!(requests.iter().all(|request| truth[&request.clone().into()] == 11));
}

#[tokio::test]
async fn a_cursor_of_another_epoch_or_of_nobody_leads_to_the_beginning() {
    let world = World::founded().await;
    let source = world.source(Connector::Form).await;
    world.callback(&source, "Анна").await;
    let cursor = world.page(None, 10).await.cursor;
    let code = async |since: &str| {
        ask(&world.router, get(&format!("/v1/changes?since={since}"), Some(&world.desk.token))).await.code()
    };
    let mut forged = cursor.clone();
    let at = forged.len() - 3;
    let other = if forged[at..].starts_with('A') { "B" } else { "A" };
    forged.replace_range(at..=at, other);
    for wrong in ["", "1", "c1.AAAA", &forged] {
        assert_eq!(code(wrong).await, ProblemCode::ResyncRequired, "{wrong}");
    }
    let beside = Gateway::open_beside(world.place.config()).await.unwrap();
    beside.begin_epoch().await.unwrap();
    assert_eq!(code(&cursor).await, ProblemCode::ResyncRequired);
    assert_eq!(world.page(None, 10).await.changes.len(), 1);
}

#[tokio::test]
async fn the_feed_carries_states_that_the_domain_knows() {
    let world = World::staffed().await;
    let person = world.person().await;
    let states = world.changes().await;
    assert!(
        states
            .iter()
            .any(|change| change.id == person.clone().into() && matches!(change.state, Some(State::Person(_))))
    );
    assert!(states.iter().all(|change| change.state.as_ref().is_some_and(|state| state.kind() == change.id.kind())));
}

#[tokio::test]
async fn a_page_is_compressed_for_who_asks() {
    let world = World::staffed().await;
    let mut request = get("/v1/changes", Some(&world.desk.token));
    request.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
    let reply = ask(&world.router, request).await;
    assert_eq!((reply.header("content-encoding"), &reply.body[..2]), ("gzip", &[0x1f, 0x8b][..]));
}

/// Requests with long texts come in more pages than their number asks for.
#[tokio::test]
async fn long_texts_make_shorter_pages() {
    let world = World::founded().await;
    let source = world.source(Connector::Form).await;
    for n in 0..45 {
        let body = format!("{{\"name\":\"{n}\",\"a\":\"{0}\",\"comment\":\"{0}\"}}", "я".repeat(9_000));
        assert_eq!(world.submit(&source, "application/json", body).await.status, 200);
    }
    let first = world.page(None, 1_000).await;
    assert!(first.has_more && first.changes.len() < 45, "{}", first.changes.len());
    let second = world.page(Some(&first.cursor), 1_000).await;
    assert_eq!((first.changes.len() + second.changes.len(), second.has_more), (45, false));
}

/// The next event of a stream of pokes.
async fn next_event(stream: &mut axum::body::BodyDataStream) -> Option<String> {
    stream.next().await.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn a_listening_desk_is_poked_and_told_nothing_else() {
    let world = World::staffed().await;
    let source = world.source(Connector::Form).await;
    let at = world.changes().await.last().unwrap().seq;
    let response = world.router.clone().oneshot(get("/v1/events", Some(&world.desk.token))).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = Body::into_data_stream(response.into_body());
    let poke = |seq: u64| Some(format!("event: state\ndata: {{\"seq\":{seq}}}\n\n"));
    assert_eq!(next_event(&mut stream).await, poke(at), "where the gateway stands");

    let request = world.callback(&source, "Анна").await;
    assert_eq!(next_event(&mut stream).await, poke(at + 1));
    world.do_it(world.plain(&request.into(), 1, Command::RequestClaim)).await;
    assert_eq!(next_event(&mut stream).await, poke(at + 2));

    world.gateway.close().await.unwrap();
    assert_eq!(next_event(&mut stream).await, None, "a closing gateway lets its listeners go");
}
