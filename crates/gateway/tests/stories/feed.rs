//! The state feed and its pokes.

use std::collections::BTreeMap;

use axum::{body::Body, http::StatusCode};
use connectors::Connector;
use contract::v1::{Outcome, ProblemCode};
use domain::{Command, State};
use futures_util::StreamExt;
use gateway::Gateway;
use tower::ServiceExt;

use crate::world::{World, ask, get, start};

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
    for wrong in ["", "1", "c1.AAAA", "c2.AAAA", &forged] {
        assert_eq!(code(wrong).await, ProblemCode::ResyncRequired, "{wrong}");
    }
    let beside = Gateway::open_beside(world.place.config()).await.unwrap();
    beside.begin_epoch().await.unwrap();
    assert_eq!(code(&cursor).await, ProblemCode::ResyncRequired);
    assert_eq!(world.page(None, 10).await.changes.len(), 1);
}

#[tokio::test]
async fn a_desk_of_another_scope_pulls_from_the_beginning() {
    let world = World::staffed().await;
    let second = world.second_desk().await;
    let page = async |token: &str, since: &str| {
        ask(&world.router, get(&format!("/v1/changes?since={since}"), Some(token))).await
    };
    let cursor = world.page(None, 10).await.cursor;
    assert_eq!(page(&second.token, &cursor).await.status, 200, "the same scope");
    world.place.sql(&format!("UPDATE desk SET scope = 'branch-2' WHERE id = '{}'", second.id)).await;
    assert_eq!(page(&second.token, &cursor).await.code(), ProblemCode::ResyncRequired);
    assert_eq!(page(&world.desk.token, &cursor).await.status, 200);
}

/// Erased 90 days ago: a desk that was away since then may still hold it, one that begins anew never had it.
#[tokio::test]
async fn who_was_away_while_tombstones_were_purged_begins_anew_and_once_only() {
    let world = World::staffed().await;
    let mut people = Vec::new();
    for _ in 0..4 {
        people.push(world.person().await);
    }
    let at = |page: contract::v1::ChangesPage| page.cursor;
    let away = at(world.page(None, 1).await);
    let erased_at = start().timestamp_millis();
    for (seq, person) in [(20, &people[1]), (21, &people[2])] {
        world.place.sql(&format!("DELETE FROM part WHERE entity = '{person}'")).await;
        let erase = "UPDATE entity SET state = NULL, version = version + 1";
        world.place.sql(&format!("{erase}, seq = {seq}, erased_at = {erased_at} WHERE id = '{person}'")).await;
    }
    world.place.sql("UPDATE house SET seq = 25").await;
    let diligent = at(world.page(Some(&away), 100).await);
    let code = async |since: &str| {
        ask(&world.router, get(&format!("/v1/changes?since={since}"), Some(&world.desk.token))).await.problem().code()
    };

    world.clock.advance(chrono::Duration::days(90));
    assert_eq!(world.gateway.purge_tombstones().await.unwrap(), 0, "on the last day they are still there");
    assert_eq!(world.page(Some(&away), 100).await.changes.iter().filter(|change| change.state.is_none()).count(), 2);
    world.clock.advance(chrono::Duration::seconds(1));
    assert_eq!(world.gateway.purge_tombstones().await.unwrap(), 2);
    assert_eq!(code(&away).await, Some(ProblemCode::ResyncRequired));
    assert!(world.page(Some(&diligent), 100).await.changes.is_empty(), "it had them all");

    // page by page past the floor: no page sends it back
    let (mut cursor, mut seen) = (None, 0);
    loop {
        let page = world.page(cursor.as_deref(), 1).await;
        seen += page.changes.len();
        assert!(page.changes.iter().all(|change| change.state.is_some()));
        cursor = Some(page.cursor);
        if !page.has_more {
            break;
        }
    }
    assert_eq!(seen, 4, "a manager, the clinic and two people");
}

#[tokio::test]
async fn who_has_everything_gets_an_answer_without_a_body() {
    let world = World::staffed().await;
    let source = world.source(Connector::Form).await;
    let token = Some(world.desk.token.as_str());
    let first = ask(&world.router, get("/v1/changes", token)).await;
    let cursor = first.json::<contract::v1::ChangesPage>().cursor;
    assert_eq!(first.header("etag"), format!("W/\"{cursor};1-own\""), "where the clinic's key stands is said too");
    let has = async |tag: &str| {
        let mut request = get(&format!("/v1/changes?since={cursor}"), token);
        request.headers_mut().insert("if-none-match", tag.parse().unwrap());
        ask(&world.router, request).await
    };
    let idle = has(first.header("etag")).await;
    assert_eq!((idle.status.as_u16(), idle.body.len(), idle.header("etag")), (304, 0, first.header("etag")));
    assert_eq!(has("W/\"c2.other\"").await.status, 200, "another answer");
    world.callback(&source, "Анна").await;
    let news = has(first.header("etag")).await;
    assert_eq!(news.json::<contract::v1::ChangesPage>().changes.len(), 1);
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
async fn a_limit_that_no_page_can_have_is_refused() {
    let world = World::founded().await;
    let ask_for = async |query: &str| {
        ask(&world.router, get(&format!("/v1/changes?{query}"), Some(&world.desk.token))).await
    };
    for wrong in ["limit=0", "limit=1001", "limit=-1", "limit=", "limit=1e2", "limit=99999999999999999999", "limit=1&limit=2"] {
        let reply = ask_for(wrong).await;
        assert_eq!(reply.code(), ProblemCode::Validation, "{wrong}");
        assert!(reply.problem().detail.unwrap().starts_with("limit is a whole number from 1 to 1000"), "{wrong}");
    }
    for right in ["limit=1", "limit=1000", "", "unknown=1"] {
        assert_eq!(ask_for(right).await.status, StatusCode::OK, "{right}");
    }
}

#[tokio::test]
async fn a_page_is_compressed_for_who_asks() {
    let world = World::staffed().await;
    for (encoding, begins) in [("gzip", &[0x1f, 0x8b][..]), ("zstd", &[0x28, 0xb5, 0x2f, 0xfd][..])] {
        let mut request = get("/v1/changes", Some(&world.desk.token));
        request.headers_mut().insert("accept-encoding", encoding.parse().unwrap());
        let reply = ask(&world.router, request).await;
        assert_eq!(reply.header("content-encoding"), encoding);
        assert!(reply.body.starts_with(begins), "{encoding}");
    }
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
    let (mut cursor, mut numbers) = (None, Vec::new());
    loop {
        let since = cursor.map(|cursor| format!("?since={cursor}")).unwrap_or_default();
        let reply = ask(&world.router, get(&format!("/v1/changes{since}"), Some(&world.desk.token))).await;
        let page: contract::v1::ChangesPage = reply.json();
        assert!(reply.body.len() <= contract::v1::MAX_PAGE, "{}", reply.body.len());
        // a page is filled as far as it goes
        assert!(!page.has_more || reply.body.len() > contract::v1::MAX_PAGE * 3 / 4, "{}", reply.body.len());
        numbers.extend(page.changes.iter().map(|change| change.seq));
        cursor = Some(page.cursor);
        if !page.has_more {
            break;
        }
    }
    assert_eq!(numbers, (1..=45).collect::<Vec<u64>>());
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
