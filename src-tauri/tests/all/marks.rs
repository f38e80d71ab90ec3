//! What the system says of the desk outside of its window: how many, once, and only to whoever does not look.

use std::collections::BTreeSet;

use reception_lib::{Closing, Known, dotted, mark, tray_words, words};
use tauri::image::Image;

fn queue<const N: usize>(ids: [u32; N]) -> BTreeSet<u32> {
    ids.into()
}

#[test]
fn a_request_is_told_of_once_and_what_was_there_at_sign_in_never() {
    let mut known = Known::default();
    assert_eq!(known.news(&queue([1, 2])), 0, "they stand in the queue that is looked at first");
    assert_eq!(known.news(&queue([1, 2, 3, 4])), 2);
    assert_eq!(known.news(&queue([1, 2, 3, 4])), 0);
    // somebody took one and gave it back
    assert_eq!(known.news(&queue([1, 2, 3])), 0);
    assert_eq!(known.news(&queue([1, 2, 3, 4])), 0, "a request that was given back is not new");
    assert_eq!(known.news(&queue([5])), 1);
    known.forget();
    assert_eq!(known.news(&queue([5, 6, 7])), 0, "after a lock the queue is looked at first again");
}

#[test]
fn a_notification_says_a_number_in_good_russian_and_nothing_else() {
    let said = |fresh| words(fresh, true, false, false).unwrap();
    assert_eq!(said(1), "1 новая заявка");
    assert_eq!(said(2), "2 новые заявки");
    assert_eq!(said(5), "5 новых заявок");
    assert_eq!(said(11), "11 новых заявок");
    assert_eq!(said(21), "21 новая заявка");
    assert_eq!(said(112), "112 новых заявок");
    assert_eq!(said(123), "123 новые заявки");
}

#[test]
fn nothing_is_said_where_it_is_not_wanted() {
    assert_eq!(words(0, true, false, false), None, "nothing is new");
    assert_eq!(words(3, false, false, false), None, "this desk does not tell");
    assert_eq!(words(3, true, true, false), None, "it is a quiet hour");
    assert_eq!(words(3, true, false, true), None, "somebody looks at the window");
}

#[test]
fn a_window_is_hidden_only_where_a_tray_brings_it_back() {
    let closing = Closing::default();
    assert!(!closing.hides());
    closing.to_tray(true);
    assert!(!closing.hides(), "there is no tray: the window would be lost");
    closing.tray_stands();
    assert!(closing.hides());
    closing.to_tray(false);
    assert!(!closing.hides(), "it was not chosen");
}

#[test]
fn the_mark_is_a_dot_with_clear_corners() {
    let mark = mark();
    let (width, height) = (mark.width() as usize, mark.height() as usize);
    assert_eq!(mark.rgba().len(), width * height * 4);
    let alpha = |x: usize, y: usize| mark.rgba()[(y * width + x) * 4 + 3];
    assert_eq!((alpha(0, 0), alpha(width - 1, height - 1), alpha(width / 2, height / 2)), (0, 0, 255));
}

#[test]
fn the_tray_says_a_number_and_the_icon_stays_under_its_dot() {
    assert_eq!((tray_words(0), tray_words(12)), ("Ресепшн".to_owned(), "Ресепшн: просрочено 12".to_owned()));
    let plain = Image::new_owned([0x0f, 0x5e, 0x5a, 0xff].repeat(32 * 32), 32, 32);
    let dotted = dotted(&plain);
    let at = |image: &Image<'_>, x: usize, y: usize| image.rgba()[(y * 32 + x) * 4..][..4].to_vec();
    assert_eq!(at(&dotted, 23, 8), [0xb3, 0x26, 0x1e, 0xff]);
    assert_eq!(at(&dotted, 23, 16), [0xff; 4], "the ring");
    for (x, y) in [(0, 0), (8, 20), (31, 31)] {
        assert_eq!(at(&dotted, x, y), at(&plain, x, y), "{x}, {y}");
    }
}
