//! What a push holds when the oldest actions are left out.

/// Up to `limit` of `all`, without the first `skip` and without whatever touches the same as something that stays behind:
/// what was built on an action does not overtake it, and is not counted among those that are skipped. `touches`: the
/// entities of an action.
pub fn leave_out<A, E: PartialEq>(all: Vec<A>, skip: usize, limit: usize, touches: impl Fn(&A) -> Vec<E>) -> Vec<A> {
    let mut behind: Vec<E> = Vec::new();
    let mut skipped = 0;
    let goes = |action: A| {
        let entities = touches(&action);
        let built = entities.iter().any(|entity| behind.contains(entity));
        if built || skipped < skip {
            skipped += usize::from(!built);
            behind.extend(entities);
            return None;
        }
        Some(action)
    };
    all.into_iter().filter_map(goes).take(limit).collect()
}
