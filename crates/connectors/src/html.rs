//! A letter's HTML as lines: rows of a table become `label<TAB>value`, blocks become lines of their own.

use html5gum::{Token, Tokenizer};

/// A line end inside a value, so that a row stays one line.
pub(crate) const LINE_IN_VALUE: char = '\u{2028}';
/// Tables inside of tables beyond this are read as plain text.
const DEEPEST: usize = 30;

/// A table that is being read.
#[derive(Default)]
struct Table {
    row: Vec<String>,
    cell: Option<String>,
}

#[derive(Default)]
struct Page {
    out: String,
    tables: Vec<Table>,
    /// Inside of what nobody sees.
    hidden: Option<Vec<u8>>,
}

pub(crate) fn lines(html: &str) -> String {
    let mut page = Page::default();
    for token in Tokenizer::new(html).flatten() {
        match token {
            Token::StartTag(tag) => page.opens(&tag.name),
            Token::EndTag(tag) => page.closes(&tag.name),
            Token::String(text) => page.text(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    while !page.tables.is_empty() {
        page.end_table();
    }
    page.out
}

impl Page {
    fn opens(&mut self, name: &[u8]) {
        match name {
            b"style" | b"script" | b"title" | b"head" if self.hidden.is_none() => self.hidden = Some(name.to_vec()),
            b"table" if self.tables.len() < DEEPEST => self.tables.push(Table::default()),
            b"tr" => self.end_row(),
            b"td" | b"th" => {
                self.end_cell();
                if let Some(table) = self.tables.last_mut() {
                    table.cell = Some(String::new());
                }
            }
            _ if is_block(name) => self.line_end(),
            _ => {}
        }
    }

    fn closes(&mut self, name: &[u8]) {
        if self.hidden.as_deref() == Some(name) {
            self.hidden = None;
        }
        match name {
            b"table" => self.end_table(),
            b"tr" => self.end_row(),
            b"td" | b"th" => self.end_cell(),
            _ if is_block(name) => self.line_end(),
            _ => {}
        }
    }

    /// Where text goes now: the innermost open cell.
    fn sink(&mut self) -> &mut String {
        let open = self.tables.iter_mut().rev().find_map(|table| table.cell.as_mut());
        open.unwrap_or(&mut self.out)
    }

    fn text(&mut self, text: &str) {
        if self.hidden.is_some() {
            return;
        }
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let sink = self.sink();
        if text.starts_with(char::is_whitespace) && !sink.ends_with(['\n', ' ']) {
            sink.push(' ');
        }
        sink.push_str(&words);
        if !words.is_empty() && text.ends_with(char::is_whitespace) {
            sink.push(' ');
        }
    }

    fn line_end(&mut self) {
        let sink = self.sink();
        if !sink.is_empty() && !sink.ends_with('\n') {
            sink.push('\n');
        }
    }

    fn end_cell(&mut self) {
        if let Some(table) = self.tables.last_mut() {
            table.row.extend(table.cell.take().map(|cell| cell.trim().to_owned()));
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        let Some(row) = self.tables.last_mut().map(|table| std::mem::take(&mut table.row)) else { return };
        let cells: Vec<String> = row.into_iter().filter(|cell| !cell.is_empty()).collect();
        let line = match cells.split_first() {
            Some((label, [value])) if !label.contains('\n') && !value.contains('\t') => {
                format!("{label}\t{}", value.replace('\n', &LINE_IN_VALUE.to_string()))
            }
            Some(_) => cells.join("\n"),
            None => return,
        };
        self.line_end();
        let sink = self.sink();
        sink.push_str(&line);
        sink.push('\n');
    }

    fn end_table(&mut self) {
        self.end_row();
        self.tables.pop();
    }
}

fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"br" | b"p" | b"div" | b"li" | b"ul" | b"ol" | b"h1" | b"h2" | b"h3" | b"h4" | b"hr" | b"dt" | b"dd" | b"body"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_blocks_become_lines() {
        let html = "<html><head><style>td{}</style></head><body><table><tr><td><table>\
            <tr><th>Имя</th><td><b>Анна</b> &amp; Олег</td></tr><tr><td>Вопрос<td>раз<br>два</table>\
            </td></tr></table><p>Телефон: <i>+7</i></p><!-- ip --><script>x</script>конец";
        assert_eq!(lines(html), "Имя\tАнна & Олег\nВопрос\tраз\u{2028}два\nТелефон: +7\nконец");
        assert_eq!(lines("<td>a<tr>b</table></table>c"), "abc");
        assert_eq!(lines(""), "");
    }
}
