//! Search: any part of a name, a phone however typed, a certificate's code.

use crate::common::*;
use domain::{EntityRef, fold, phone};
use store::{SearchQuery, Store};

fn query(text: &str) -> SearchQuery {
    SearchQuery { folded: fold::fold(text), digits: phone::search_digits(text), code: fold::fold_code(text) }
}

async fn found(store: &Store, text: &str) -> Vec<EntityRef> {
    store.search(&query(text), 20).await.unwrap().into_iter().map(|hit| hit.id).collect()
}

async fn stocked() -> (Place, Store) {
    let (place, store) = clinic_store().await;
    let mut linked = request(14, 4, "Ким Лев", "+7 913 111-22-33");
    if let Some(domain::State::Request(request)) = &mut linked.state {
        request.person = Some(person_id(1));
        request.status = domain::request::RequestStatus::Converted;
    }
    let page = vec![
        person(10, 1, "Семёнова", "Ольга", "Ивановна", "8 (913) 555-67-89"),
        person(11, 2, "Иванов", "Пётр", "Семёнович", "+7 902 940-11-22"),
        person(12, 3, "Салтыков-Щедрин", "Ян", "", "+49 151 23450000"),
        request(13, 1, "ОЛЬГА семенова", "89135556789"),
        linked,
        certificate(15, 1, "ABCD-EFGH-2345-678", "Иванов Пётр"),
    ];
    store.apply_page(&page, "stocked", now(), true).await.unwrap();
    (place, store)
}

#[tokio::test]
async fn a_name_is_found_by_any_part_and_either_letter() {
    let (_place, store) = stocked().await;
    let semenova: EntityRef = person_id(1).into();
    for text in ["семён", "Семен", "МЕНОВА", "ольга сем", "нова ольг", "семенова ольга ивановна"]
    {
        let found = found(&store, text).await;
        assert_eq!(found.first(), Some(&semenova), "{text}: {found:?}");
    }
    assert_eq!(found(&store, "щедрин").await, [person_id(3).into()]);
    assert!(found(&store, "петров").await.is_empty());
    assert!(found(&store, "ольга петр").await.is_empty(), "all words are wanted");
}

#[tokio::test]
async fn two_letters_find_what_begins_with_them() {
    let (_place, store) = stocked().await;
    assert_eq!(found(&store, "Са").await, [person_id(3).into()]);
    assert!(found(&store, "ив").await.contains(&person_id(2).into()));
    assert!(found(&store, "щщ").await.is_empty());
    assert!(found(&store, "").await.is_empty());
}

#[tokio::test]
async fn what_begins_with_the_word_comes_first_and_people_before_requests() {
    let (_place, store) = stocked().await;
    let hits = found(&store, "иванов").await;
    assert_eq!(hits[0], person_id(2).into(), "the surname, not the patronymic");
    assert!(hits.contains(&person_id(1).into()), "{hits:?}");
    let hits = found(&store, "семенова ольга").await;
    assert_eq!(hits[0], person_id(1).into());
}

#[tokio::test]
async fn a_phone_is_found_by_its_middle_and_in_any_format() {
    let (_place, store) = stocked().await;
    let both = [EntityRef::from(person_id(1)), request_id(1).into()];
    for text in ["89135556789", "+7 913 555-67-89", "913 555", "5556789", "55-67", "6789"] {
        let hits = found(&store, text).await;
        assert_eq!(hits, both, "{text}");
    }
    assert_eq!(found(&store, "23450000").await, [person_id(3).into()]);
    let by_number = store.people_by_phone("+79135556789").await.unwrap();
    assert_eq!(by_number.len(), 1);
    assert_eq!(by_number[0].personal.name.family, "Семёнова");
    assert_eq!(store.requests_by_phone("+79135556789").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_certificate_is_found_by_its_whole_code_only() {
    let (_place, store) = stocked().await;
    for code in ["ABCD-EFGH-2345-678", "abcdefgh2345678", "АВСD EFGH 2345 678"] {
        assert_eq!(found(&store, code).await, [certificate_id(1).into()], "{code}");
    }
    assert!(found(&store, "ABCD-EFGH").await.is_empty());
    assert!(store.certificate_by_code(&fold::fold_code("ABCD-EFGH-2345-679")).await.unwrap().is_none());
    assert!(store.certificate_by_code("").await.unwrap().is_none());
}

#[tokio::test]
async fn a_request_that_is_done_and_linked_is_its_persons_affair() {
    let (_place, store) = stocked().await;
    assert!(found(&store, "Ким Лев").await.is_empty());
    assert_eq!(store.requests_of_person(&person_id(1)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_edit_moves_the_entry_and_an_erasure_removes_it() {
    let (_place, store) = stocked().await;
    let mut married = person(20, 1, "Петрова", "Ольга", "Ивановна", "8 (913) 555-67-89");
    married.version = 2;
    store.apply_page(&[married], "c", now(), true).await.unwrap();
    assert_eq!(found(&store, "петрова").await, [person_id(1).into()]);
    assert_eq!(found(&store, "семенова").await, [request_id(1).into()]);
    store.apply_page(&[erased(21, person_id(1), 3)], "d", now(), true).await.unwrap();
    assert!(found(&store, "петрова").await.is_empty());
    assert!(store.people_by_phone("+79135556789").await.unwrap().is_empty());
    assert!(store.person(&person_id(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_query_is_text_and_never_an_operator() {
    let (_place, store) = stocked().await;
    for text in ["\"", "a\" OR \"b", "NEAR(иванов)", "text:иванов", "иванов*", "-иванов^", "' OR 1=1 --", "\0иванов"]
    {
        store.search(&query(text), 20).await.unwrap();
    }
}
