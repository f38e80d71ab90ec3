//! A crash leaves no copy of this process's memory behind: it holds keys and open records.

/// Switches core dumps off for this process and whatever it starts. `systemd-coredump` heeds the limit as well.
///
/// The stricter `PR_SET_DUMPABLE` is left alone: desktop portals look into `/proc` of whoever asks them for a file.
/// Windows writes no dumps of a program that did not ask for them.
pub fn switch_off() {
    #[cfg(unix)]
    if rlimit::setrlimit(rlimit::Resource::CORE, 0, 0).is_err() {
        tracing::warn!("core dumps cannot be switched off");
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_crash_leaves_no_copy_of_the_memory() {
        switch_off();
        assert_eq!(rlimit::getrlimit(rlimit::Resource::CORE).ok(), Some((0, 0)));
    }
}
