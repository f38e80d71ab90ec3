//! Server-sent events, read by hand: bytes in, events out.
//!
//! Invariant: an event that never ends does not fill the memory; it breaks the stream.

/// The longest event that is read.
const EVENT_LIMIT: usize = 64 * 1024;

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StreamEvent {
    pub(super) name: String,
    pub(super) data: String,
}

/// The event is longer than any should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

#[derive(Debug, Default)]
pub(super) struct Reader {
    line: Vec<u8>,
    name: String,
    data: String,
    has_data: bool,
    /// The last byte was a carriage return: a line feed right after it belongs to the same end of line.
    after_return: bool,
}

impl Reader {
    /// Takes the next bytes; the events that end in them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<StreamEvent>, TooLong> {
        let mut events = Vec::new();
        for &byte in bytes {
            let second_half = std::mem::replace(&mut self.after_return, byte == b'\r') && byte == b'\n';
            match byte {
                _ if second_half => {}
                b'\r' | b'\n' => events.extend(self.end_of_line()),
                _ if self.line.len() + self.data.len() >= EVENT_LIMIT => return Err(TooLong),
                _ => self.line.push(byte),
            }
        }
        Ok(events)
    }

    fn end_of_line(&mut self) -> Option<StreamEvent> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let event = StreamEvent { name: std::mem::take(&mut self.name), data: std::mem::take(&mut self.data) };
            return std::mem::take(&mut self.has_data).then_some(event);
        }
        let text = String::from_utf8_lossy(&line);
        let (field, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.data.push_str(value);
                self.has_data = true;
            }
            // a comment, or a field that nobody needs here
            _ => {}
        }
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(name: &str, data: &str) -> StreamEvent {
        StreamEvent { name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn pokes_are_read_among_heartbeats() {
        let text = ": beat\n\nevent: state\ndata: {\"seq\":7}\n\n:\r\n\r\nevent:state\r\ndata:{\r\ndata:}\r\nid: 1\r\n\r\ndata\r\r";
        let events = Reader::default().take(text.as_bytes()).unwrap();
        assert_eq!(events, [event("state", "{\"seq\":7}"), event("state", "{\n}"), event("", "")]);
    }

    #[test]
    fn an_endless_event_breaks_the_stream() {
        assert_eq!(Reader::default().take(&vec![b'x'; EVENT_LIMIT + 1]), Err(TooLong));
        let mut reader = Reader::default();
        let line = format!("data: {}\n", "y".repeat(1000));
        assert!((0..70).any(|_| reader.take(line.as_bytes()).is_err()));
    }

    proptest! {
        #[test]
        fn how_the_bytes_are_cut_does_not_matter(text in "(event: a|data: b|: c|\r\n|\n|\r){0,40}", cut in any::<prop::sample::Index>()) {
            let whole = Reader::default().take(text.as_bytes()).unwrap();
            let at = cut.index(text.len() + 1);
            let mut reader = Reader::default();
            let mut parts = reader.take(&text.as_bytes()[..at]).unwrap();
            parts.extend(reader.take(&text.as_bytes()[at..]).unwrap());
            prop_assert_eq!(whole, parts);
        }
    }
}
