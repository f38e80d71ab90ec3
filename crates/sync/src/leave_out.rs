//! What a push holds when the oldest actions are left out.

/// Up to `limit` of `all`, without the first `skip` and without whatever touches the same as something that stays behind:
/// what was built on an action does not overtake it. `touches`: the entities of an action.
pub fn leave_out<A, E: PartialEq>(all: Vec<A>, skip: usize, limit: usize, touches: impl Fn(&A) -> Vec<E>) -> Vec<A> {
    let mut behind: Vec<E> = Vec::new();
    let goes = |(at, action): (usize, A)| {
        let entities = touches(&action);
        let stays = at < skip || entities.iter().any(|entity| behind.contains(entity));
        if stays {
            behind.extend(entities);
        }
        (!stays).then_some(action)
    };
    all.into_iter().enumerate().filter_map(goes).take(limit).collect()
}
