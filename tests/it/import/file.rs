//! Files: what is well-formed CSV and what is not, in any encoding, however hostile.

use std::io::Write;

use proptest::prelude::*;
use trellis::intake::{Dialect, Survey};

use super::desk::{Desk, NAMES, people};

/// An error with what caused it.
fn told(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", told(source)),
        None => error.to_string(),
    }
}

fn survey(bytes: &[u8]) -> Result<Survey, String> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("the bytes are written");
    Survey::of(file.path(), Dialect::default()).map_err(|error| told(&error))
}

/// Every row's fields, with its line.
fn rows(bytes: &[u8], dialect: Dialect) -> Result<Vec<(u64, Vec<String>)>, String> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("the bytes are written");
    let survey = Survey::of(file.path(), dialect).map_err(|error| told(&error))?;
    let mut rows = survey.rows().map_err(|error| told(&error))?;
    let mut read = Vec::new();
    loop {
        let batch = rows.next(7, 1 << 20).map_err(|error| told(&error))?;
        if batch.is_empty() {
            assert_eq!(read.len() as u64, survey.rows, "the survey counts what is read");
            return Ok(read);
        }
        read.extend(batch.iter().map(|row| (row.line, row.fields().map(str::to_owned).collect())));
    }
}

#[test]
fn lines_are_those_of_the_file() {
    for text in [
        "A,B\r\n1,2\r\n\r\n\"x\r\ny\",3\r\n4,\r\n",
        "A,B\n1,2\n\n\"x\ny\",3\n4,\n",
        "A,B\n1,2\n\n\"x\ny\",3\n4,",
    ] {
        let lines: Vec<u64> =
            rows(text.as_bytes(), Dialect::default()).expect("rows").iter().map(|row| row.0).collect();
        assert_eq!(lines, [2, 4, 6], "{text:?}");
    }
    let old_mac = rows(b"A,B\r1,2\r3,4\r", Dialect::default()).expect("rows");
    assert_eq!(old_mac.iter().map(|row| row.0).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn a_file_that_is_no_csv_says_why_and_where() {
    let long = |count: usize| "x".repeat(count);
    for (bytes, told) in [
        (b"".to_vec(), "the file is empty; its first line must name the columns"),
        (b"\n\n\n".to_vec(), "the file is empty; its first line must name the columns"),
        (b"A,B\n1,2\n3,\"x\n4,5\n".to_vec(), "line 3: the quote that opens here is never closed"),
        (
            b"A,B\n1,\"x\"y\n".to_vec(),
            "line 2: text stands after a closing quote; write a quote inside a quoted field twice",
        ),
        (b"A,A\n".to_vec(), "line 1: the header names two columns A"),
        (b"\nA,,C\n".to_vec(), "line 2: column 2 of the header has no name"),
        (b"A,\"B\nC\"\n".to_vec(), "line 1: the name of column 2 has control characters in it"),
        (
            b"PK\x03\x04rest".to_vec(),
            "this is not a CSV file: it is an Excel or ZIP file; save the sheet as CSV first",
        ),
        (
            format!("A,B\n1,\"{}", long(70_000)).into_bytes(),
            "line 2: the field that begins here is longer than 64 KiB; is a quote not closed?",
        ),
        (
            format!("A,B\n1,{}\n", long(70_000)).into_bytes(),
            "line 2: the field that begins here is longer than 64 KiB; is a quote not closed?",
        ),
        (
            format!("A,B\n{}", format!("{},", long(60_000)).repeat(20)).into_bytes(),
            "line 2: a record is longer than 1024 KiB; is a quote not closed?",
        ),
        (
            format!("A,B\n{}", ",".repeat(2_000)).into_bytes(),
            "line 2: a record has more than 1000 fields; is the delimiter right?",
        ),
        (
            [format!("A,B\n{}", "1,2\n".repeat(20_000)).into_bytes(), b"\xff,3\n".to_vec()].concat(),
            "line 20002: these bytes are not UTF-8; name the encoding in the mapping, such as `encoding: windows-1252`",
        ),
    ] {
        assert_eq!(
            survey(&bytes).err().as_deref(),
            Some(told),
            "{:?}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(40)])
        );
    }
    let folder = tempfile::tempdir().expect("a folder");
    let irregular = Survey::of(folder.path(), Dialect::default()).map_err(|error| told(&error));
    assert_eq!(irregular.err().as_deref(), Some("this is not a plain file"));
}

#[test]
fn delimiter_and_encoding_are_found_out() {
    for (text, delimiter) in
        [("A;B\n1,5;2\n", b';'), ("A\tB\n1,2\t3\n", b'\t'), ("A,B\n1;2,3\n", b','), ("A\n1\n", b',')]
    {
        assert_eq!(survey(text.as_bytes()).expect("a survey").delimiter, delimiter, "{text:?}");
    }
    let text = "Vorname;Ort\nJürgen;Köln\nZoë;Bükk\nRené;Besançon\n";
    let (western, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    let utf_16: Vec<u8> =
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let with_mark = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    for (name, bytes) in [("windows-1252", western.to_vec()), ("UTF-16LE", utf_16), ("UTF-8", with_mark)] {
        let survey = survey(&bytes).expect("a survey");
        assert_eq!(
            (survey.encoding.name(), survey.header.as_slice()),
            (name, ["Vorname".to_owned(), "Ort".to_owned()].as_slice())
        );
        assert_eq!(rows(&bytes, Dialect::default()).expect("rows")[2].1, ["René", "Besançon"], "{name}");
    }
}

#[tokio::test]
async fn a_broken_file_keeps_the_good_ones_out_too() {
    let desk = Desk::hospital().await;
    let second = people(NAMES).replace("files:\n", "").replace("people.csv", "more.csv");
    let mapping = desk.file("map.yaml", format!("{}{second}", people(NAMES)));
    let good = desk.file("people.csv", "ID,FIRST,LAST,BORN\n1,Ana,A,1961-03-14\n");
    let broken = desk.file("more.csv", "ID,FIRST,LAST,BORN\n2,Bo,B,1961-03-14\n3,\"Cy,C,1961-03-14\n");
    let text = desk.import(&mapping, &[&good, &broken]).await.refused();
    assert!(text.contains("more.csv: line 3: the quote that opens here is never closed\n"), "{text}");
    assert_eq!(desk.count("patients").await, 0);
}

#[tokio::test]
async fn a_report_gives_a_spreadsheet_nothing_to_calculate() {
    let desk = Desk::hospital().await;
    let columns = format!("{NAMES}      \"=1+1\": sex\n");
    let mapping = desk.file("map.yaml", people(&columns));
    let file = desk.file("people.csv", "ID,FIRST,LAST,BORN,=1+1\n1,Ana,A,1961-03-14,x\n");
    let mut command = desk.command(&mapping, &[&file]);
    command.report = Some(desk.path("report.csv"));
    desk.run(&command).await.some_rejected();
    assert!(desk.read("report.csv").contains("people.csv,2,'=1+1,rejected,"), "{}", desk.read("report.csv"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let read = rows(&bytes, Dialect::default());
        prop_assert!(read.is_ok() || read.is_err_and(|told| !told.is_empty()));
    }

    #[test]
    fn any_text_of_csv_letters_is_read_or_refused(text in "[a,;\"\r\n\t é]{0,60}") {
        let read = rows(format!("A,B\n{text}").as_bytes(), Dialect::default());
        prop_assert!(read.is_ok() || read.is_err_and(|told| told.starts_with("line ")));
    }

    #[test]
    fn what_the_csv_crate_writes_is_read_back(
        table in proptest::collection::vec(proptest::collection::vec("[ -~é\n\"]{0,8}", 3), 0..30),
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["A", "B", "C"]).expect("a header");
        for row in &table {
            writer.write_record(row).expect("a row");
        }
        let bytes = writer.into_inner().expect("bytes");
        let dialect = Dialect { delimiter: Some(b','), encoding: Some(encoding_rs::UTF_8) };
        let read: Vec<Vec<String>> = rows(&bytes, dialect).expect("rows").into_iter().map(|row| row.1).collect();
        prop_assert_eq!(read, table);
    }
}
