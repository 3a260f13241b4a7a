//! One CSV file: its header and its rows, each with its physical line.
//!
//! Rows are read again for every kind that the file feeds; a file is never held as parsed rows, so that the
//! memory of an import is that of its files and its plan.

use std::collections::HashMap;

use csv::{ByteRecord, StringRecord};

use crate::limits::{COLUMNS_MAX, FIELD_BYTES_MAX, FILE_BYTES_MAX, ROWS_MAX};
use crate::problem::{Report, Reported};
use crate::value::Notation;

/// A file whose header is read.
pub(crate) struct Table<'a> {
    pub(crate) name: &'a str,
    pub(crate) notation: &'a Notation,
    bytes: &'a [u8],
    header: Vec<String>,
    columns: HashMap<String, usize>,
}

/// A row with as many fields as the header, in UTF-8, none too long.
pub(crate) struct Record<'a> {
    pub(crate) table: &'a Table<'a>,
    pub(crate) line: u64,
    fields: StringRecord,
}

impl<'a> Table<'a> {
    /// Reads the header; what stands in the way is reported.
    pub(crate) fn open(
        name: &'a str,
        bytes: &'a [u8],
        notation: &'a Notation,
        report: &mut Report,
    ) -> Result<Self, Reported> {
        if bytes.len() > FILE_BYTES_MAX {
            let reason = format!("has {} bytes; at most {FILE_BYTES_MAX} are read: split it", bytes.len());
            return Err(report.add(name, 0, "", "", reason));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(report.add(name, 0, "", "", "is empty; its first line must name the columns"));
        }
        if let Some(line) = unclosed_quote(bytes, notation.delimiter) {
            return Err(report.add(name, line, "", "", "opens a quote here that is never closed"));
        }
        let mut table = Self { name, notation, bytes, header: Vec::new(), columns: HashMap::new() };
        table.read_header(report)?;
        Ok(table)
    }

    fn read_header(&mut self, report: &mut Report) -> Result<(), Reported> {
        let mut raw = ByteRecord::new();
        let line = match self.reader().read_byte_record(&mut raw) {
            Ok(_) => self.line_of(&raw),
            Err(error) => return Err(report.add(self.name, 1, "", "", format!("cannot be read: {error}"))),
        };
        if raw.len() > COLUMNS_MAX {
            let reason = format!("has {} columns; at most {COLUMNS_MAX} are read", raw.len());
            return Err(report.add(self.name, line, "", "", reason));
        }
        for (at, field) in raw.iter().enumerate() {
            let Ok(name) = std::str::from_utf8(field) else {
                let reason = format!("the header of column {} is not UTF-8; save the file as UTF-8", at + 1);
                return Err(report.add(self.name, line, "", &String::from_utf8_lossy(field), reason));
            };
            self.header.push(name.trim().to_owned());
            self.columns.entry(name.trim().to_owned()).or_insert(at);
        }
        Ok(())
    }

    /// Whether a column that the mapping asks for is there, once; `asked` says by what.
    pub(crate) fn demand(&self, column: &str, asked: &str, report: &mut Report) -> Result<(), Reported> {
        match self.header.iter().filter(|name| *name == column).count() {
            1 => Ok(()),
            0 => {
                let reason =
                    format!("{asked} asks for this column; the header has: {}", self.header.join(", "));
                Err(report.add(self.name, 1, column, "", reason))
            }
            n => {
                let reason = format!("{asked} asks for this column, and {n} columns have that name");
                Err(report.add(self.name, 1, column, "", reason))
            }
        }
    }

    /// Gives every sound row to `each`; rows that cannot be read are reported.
    pub(crate) fn for_each(&self, report: &mut Report, mut each: impl FnMut(&Record<'_>, &mut Report)) {
        let mut reader = self.reader();
        let mut raw = ByteRecord::new();
        let mut rows = 0_u64;
        let mut header_passed = false;
        loop {
            match reader.read_byte_record(&mut raw) {
                Ok(false) => return,
                Ok(true) if !header_passed => header_passed = true,
                Ok(true) => {
                    rows += 1;
                    let line = self.line_of(&raw);
                    if rows > ROWS_MAX {
                        report.add(
                            self.name,
                            line,
                            "",
                            "",
                            format!("is past row {ROWS_MAX}; split the file"),
                        );
                        return;
                    }
                    if let Ok(record) = self.record(&mut raw, line, report) {
                        each(&record, report);
                    }
                }
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    report.add(self.name, line, "", "", format!("cannot be read: {error}"));
                    return;
                }
            }
        }
    }

    fn record<'t>(
        &'t self,
        raw: &mut ByteRecord,
        line: u64,
        report: &mut Report,
    ) -> Result<Record<'t>, Reported>
    where
        'a: 't,
    {
        if raw.len() != self.header.len() {
            let reason = format!(
                "has {} fields where the header has {}; a field with the delimiter `{}` in it needs quotes",
                raw.len(),
                self.header.len(),
                char::from(self.notation.delimiter).escape_default()
            );
            return Err(report.add(self.name, line, "", "", reason));
        }
        for (column, field) in self.header.iter().zip(raw.iter()) {
            if field.len() > FIELD_BYTES_MAX {
                let reason = format!("has {} bytes; a field has at most {FIELD_BYTES_MAX}", field.len());
                return Err(report.add(self.name, line, column, &String::from_utf8_lossy(field), reason));
            }
            if std::str::from_utf8(field).is_err() {
                let reason = "is not UTF-8; save the file as UTF-8";
                return Err(report.add(self.name, line, column, &String::from_utf8_lossy(field), reason));
            }
        }
        match StringRecord::from_byte_record(std::mem::take(raw)) {
            Ok(fields) => Ok(Record { table: self, line, fields }),
            Err(_) => Err(report.add(self.name, line, "", "", "is not UTF-8; save the file as UTF-8")),
        }
    }

    fn reader(&self) -> csv::Reader<&'a [u8]> {
        csv::ReaderBuilder::new()
            .delimiter(self.notation.delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(self.bytes)
    }

    /// The line where a row's text begins. The reader's position still has the line break and the blank
    /// lines before it.
    fn line_of(&self, raw: &ByteRecord) -> u64 {
        let Some(position) = raw.position() else { return 0 };
        let at = usize::try_from(position.byte()).unwrap_or(usize::MAX);
        let breaks =
            self.bytes.get(at..).unwrap_or_default().iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        position.line() + breaks.filter(|byte| **byte == b'\n').fold(0, |n, _| n + 1)
    }
}

impl Record<'_> {
    /// A field of a column that was demanded; white space and texts that stand for nothing are gone.
    pub(crate) fn field(&self, column: &str) -> &str {
        let at = self.table.columns.get(column);
        self.table.notation.field(at.and_then(|at| self.fields.get(*at)).unwrap_or_default())
    }
}

/// The line of a quote that the end of the file leaves open: everything after it would be one field.
fn unclosed_quote(bytes: &[u8], delimiter: u8) -> Option<u64> {
    let (mut line, mut opened, mut field_starts) = (1_u64, None, true);
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        line += u64::from(byte == b'\n');
        match (opened, byte) {
            (Some(_), b'"') if rest.next_if_eq(&b'"').is_none() => opened = None,
            (None, b'"') if field_starts => opened = Some(line),
            _ => {}
        }
        field_starts = opened.is_none() && (byte == delimiter || byte == b'\n' || byte == b'\r');
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Vec<(u64, String)>, String) {
        let notation = Notation::default();
        let mut report = Report::default();
        let mut rows = Vec::new();
        if let Ok(table) = Table::open("t.csv", bytes, &notation, &mut report) {
            table.for_each(&mut report, |record, _| rows.push((record.line, record.field("B").to_owned())));
        }
        let text = report.verdict(()).err().map(|problems| problems.to_string()).unwrap_or_default();
        (rows, text)
    }

    fn rows(of: &[(u64, &str)]) -> Vec<(u64, String)> {
        of.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
    }

    #[test]
    fn lines_are_physical_whatever_ends_them() {
        let expected = rows(&[(2, "x"), (4, "y\nz"), (6, "w")]);
        for text in ["A,B\n1,x\n\n2,\"y\nz\"\n3,w\n", "A,B\n1, x\n\n2,\"y\nz\"\n3,w"] {
            assert_eq!(read(text.as_bytes()), (expected.clone(), String::new()));
            let (crlf, problems) = read(text.replace('\n', "\r\n").as_bytes());
            let lines: Vec<u64> = crlf.iter().map(|(line, _)| *line).collect();
            assert_eq!((lines, problems), (vec![2, 4, 6], String::new()));
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_column() {
        let (found, problems) = read(b"\xef\xbb\xbfB,A\r\nx,1\r\n");
        assert_eq!((found, problems), (rows(&[(2, "x")]), String::new()));
    }

    #[test]
    fn quotes_hold_delimiters_quotes_and_line_breaks() {
        let (found, problems) = read(b"A,B\n1,\"x, \"\"y\"\"\"\n2,5\" pipe\n");
        assert_eq!((found, problems), (rows(&[(2, "x, \"y\""), (3, "5\" pipe")]), String::new()));
    }

    #[test]
    fn bad_rows_are_reported_and_good_ones_still_read() {
        let (found, problems) = read(b"A,B\r\n1\r\n2,x\r\n3,y,z\r\n4,\xff\r\n");
        assert_eq!(found, rows(&[(3, "x")]));
        assert_eq!(
            problems,
            "t.csv:2: has 1 fields where the header has 2; a field with the delimiter `,` in it needs quotes\n\
             t.csv:4: has 3 fields where the header has 2; a field with the delimiter `,` in it needs quotes\n\
             t.csv:5: B: `\u{fffd}`: is not UTF-8; save the file as UTF-8"
        );
    }

    #[test]
    fn a_file_that_is_no_table_says_why() {
        for (bytes, problem) in [
            (&b""[..], "t.csv: is empty; its first line must name the columns"),
            (b"\xef\xbb\xbf\r\n \n", "t.csv: is empty; its first line must name the columns"),
            (b"A,B\n1,x\n2,\"y\n3,z\n", "t.csv:3: opens a quote here that is never closed"),
            (b"A,\xe9\n", "t.csv:1: `\u{fffd}`: the header of column 2 is not UTF-8; save the file as UTF-8"),
        ] {
            assert_eq!(read(bytes), (Vec::new(), problem.to_owned()));
        }
    }

    #[test]
    fn bounds_are_named_when_they_are_passed() {
        let wide = vec!["c"; COLUMNS_MAX + 1].join(",");
        assert_eq!(read(wide.as_bytes()).1, "t.csv:1: has 1001 columns; at most 1000 are read");
        let long = format!("A,B\n1,{}\n2,x\n", "y".repeat(FIELD_BYTES_MAX + 1));
        let (found, problems) = read(long.as_bytes());
        assert_eq!(found, rows(&[(3, "x")]));
        assert!(problems.ends_with("…`: has 65537 bytes; a field has at most 65536"), "{problems}");
    }

    #[test]
    fn a_column_that_is_missing_or_twice_there_is_named() {
        let notation = Notation::default();
        let mut report = Report::default();
        let table = Table::open("t.csv", b" A ,B,B\n", &notation, &mut report).ok().unwrap();
        assert_eq!(table.demand("A", "`ref`", &mut report), Ok(()));
        assert_eq!(table.demand("a", "`ref`", &mut report), Err(Reported));
        assert_eq!(table.demand("B", "`name`", &mut report), Err(Reported));
        assert_eq!(
            report.into_problems().to_string(),
            "t.csv:1: B: `name` asks for this column, and 2 columns have that name\n\
             t.csv:1: a: `ref` asks for this column; the header has: A, B, B"
        );
    }
}
