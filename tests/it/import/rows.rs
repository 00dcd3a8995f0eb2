//! Rows: what becomes of good, changed, repeated and bad ones.

use super::desk::{Desk, NAMES, people};

const HEADER: &str = "ID,FIRST,LAST,BORN\n";

#[tokio::test]
async fn a_changed_row_updates_its_record_and_no_other() {
    let desk = Desk::hospital().await;
    let mapping = desk.file("map.yaml", people(&format!("{NAMES}      CITY: city\n")));
    let header = "ID,FIRST,LAST,BORN,CITY\n";
    let rows = "1,Ana,Rossi,1961-03-14,Salem\n2,Otis,Grant,1933-01-05,Worcester\n";
    let file = desk.file("people.csv", format!("{header}{rows}"));
    desk.import(&mapping, &[&file]).await.all_in();
    let changed = "1,Ana,Rossi,1961-03-14,\n2, Otis ,Grant,1933-01-05,Worcester\n3,Mei,Chen,2011-07-19,\n";
    desk.file("people.csv", format!("{header}{changed}"));
    let text = desk.import(&mapping, &[&file]).await.all_in();
    assert!(text.contains("3 rows = 1 created + 1 updated + 1 unchanged + 0 rejected"), "{text}");
    let records = desk.records("patients").await;
    let ana = records.iter().find(|record| record["title"] == "Ana Rossi").expect("Ana");
    assert_eq!(ana["version"], 2);
    assert!(ana["data"].get("city").is_none(), "an empty cell empties the field");
    let otis = records.iter().find(|record| record["title"] == "Otis Grant").expect("Otis");
    assert_eq!(otis["version"], 1, "blanks around a value are no change");
}

#[tokio::test]
async fn every_bad_row_is_told_with_line_column_and_reason_and_the_others_are_in() {
    let desk = Desk::hospital().await;
    let columns =
        format!("{NAMES}      SEX: {{ field: sex, values: {{ M: male, F: female }}, empty: [NA] }}\n");
    let mapping = desk.file("map.yaml", people(&columns));
    let rows = "ID,FIRST,LAST,BORN,SEX\n\
        1,Ana,Rossi,1961-03-14,F\n\
        2,\"Two\nlines\",Grant,1933-13-05,X\n\
        3,Mei,Chen,2011-07-19\n\
        ,Nobody,Here,2011-07-19,M\n\
        1,Ana,Again,1961-03-14,F\n\
        4,Nul\0,Byte,1990-01-01,F\n\
        5,,Nameless,1990-01-01,F\n\
        6,Old,Man,1850-01-01,NA\n\
        7,Last,One,1990-01-01,NA\n";
    let file = desk.file("people.csv", rows);
    let mut command = desk.command(&mapping, &[&file]);
    command.report = Some(desk.path("report.csv"));
    let text = desk.run(&command).await.some_rejected();
    assert!(text.contains("9 rows = 2 created + 0 updated + 0 unchanged + 7 rejected"), "{text}");
    let expected = "file,line,column,outcome,reason
people.csv,3,FIRST,rejected,Enter one line without control characters.
people.csv,3,BORN,rejected,Enter a date as YYYY-MM-DD.
people.csv,3,SEX,rejected,Choose one of the options.
people.csv,5,,rejected,\"The row has 4 fields, the header has 5.\"
people.csv,6,ID,rejected,The row has no key.
people.csv,7,ID,rejected,The row has the same key as that on line 2.
people.csv,8,FIRST,rejected,Enter one line without control characters.
people.csv,9,FIRST,rejected,First name is required.
people.csv,10,BORN,rejected,Enter a date on or after 1900-01-01.
";
    assert_eq!(desk.read("report.csv"), expected);
    assert!(text.contains("people.csv:3: column BORN: Enter a date as YYYY-MM-DD.\n"), "{text}");
    assert_eq!(desk.count("patients").await, 2);
}

#[tokio::test]
async fn a_row_that_the_database_refuses_does_not_sink_its_batch() {
    let desk = Desk::hospital().await;
    let columns = format!(
        "{NAMES}      BADGE: {{ field: badge, add: {{ label: Badge, type: text, unique: true, max_length: 20 }} }}\n"
    );
    let mapping = desk.file("map.yaml", people(&columns));
    let rows =
        "ID,FIRST,LAST,BORN,BADGE\n1,Ana,A,1961-03-14,b1\n2,Bo,B,1961-03-14,B1\n3,Cy,C,1961-03-14,b3\n";
    let file = desk.file("people.csv", rows);
    let text = desk.import(&mapping, &[&file]).await.some_rejected();
    assert!(text.contains("people.csv:3: column BADGE: Another patient already has this Badge."), "{text}");
    assert!(text.contains("3 rows = 2 created + 0 updated + 0 unchanged + 1 rejected"), "{text}");
    desk.file("people.csv", "ID,FIRST,LAST,BORN,BADGE\n1,Ana,A,1961-03-14,b3\n3,Cyd,C,1961-03-14,b3\n");
    let text = desk.import(&mapping, &[&file]).await.some_rejected();
    assert!(text.contains("2 rows = 0 created + 1 updated + 0 unchanged + 1 rejected"), "{text}");
}

#[tokio::test]
async fn a_relation_that_leads_nowhere_costs_the_row_only_where_it_is_needed() {
    let desk = Desk::hospital().await;
    let mapping = "files:\n  - name: conditions.csv\n    module: conditions\n    key: [ID]\n    columns:\n\
        \x20     PATIENT: { field: patient, by: external_id }\n      WHAT: description\n";
    let mapping = desk.file("map.yaml", mapping);
    let file = desk.file("conditions.csv", "ID,PATIENT,WHAT\n1,nobody,Cough\n");
    let text = desk.import(&mapping, &[&file]).await.some_rejected();
    let told = "conditions.csv:2: column PATIENT: Nothing in patients has this key, and the row needs it.\n";
    assert!(text.contains(told), "{text}");

    let optional = "      INSURER:\n        field: payer\n        by: external_id\n        add: { label: Payer, type: relation, module: patients }\n";
    let mapping = desk.file("people.yaml", people(&format!("{NAMES}{optional}")));
    let file = desk
        .file("people.csv", "ID,FIRST,LAST,BORN,INSURER\n1,Ana,A,1961-03-14,nobody\n2,Bo,B,1961-03-14,1\n");
    let text = desk.import(&mapping, &[&file]).await.all_in();
    assert!(text.contains("column INSURER: 2 values refer to something that is not there"), "{text}");
    let text = desk.import(&mapping, &[&file]).await.all_in();
    assert!(text.contains("column INSURER: 1 values refer to something that is not there"), "{text}");
    assert!(text.contains("2 rows = 0 created + 1 updated + 1 unchanged + 0 rejected"), "{text}");
}

#[tokio::test]
async fn composed_keys_keep_parts_apart_and_repeated_runs_apart_from_changes() {
    let desk = Desk::hospital().await;
    let mapping = people(NAMES).replace("[ID]", "[LAST, BORN]");
    let mapping = desk.file("map.yaml", mapping);
    let rows = "ID,FIRST,LAST,BORN\n1,Ana,A|B,1961-03-14\n2,Bo,A,1961-03-14\n";
    let file = desk.file("people.csv", rows);
    let text = desk.import(&mapping, &[&file]).await.refused();
    assert!(text.contains("people.csv has columns that the mapping does not name: ID"), "{text}");
    let mapping = people(NAMES).replace("[ID]", "[LAST, BORN]\n    ignore: [ID]");
    let mapping = desk.file("map.yaml", mapping);
    let text = desk.import(&mapping, &[&file]).await.all_in();
    assert!(text.contains("columns left out: ID"), "{text}");
    let keys: Vec<String> = desk
        .records("patients")
        .await
        .iter()
        .map(|record| record["data"]["external_id"].to_string())
        .collect();
    assert_eq!(keys, ["\"A\\\\|B|1961-03-14\"", "\"A|1961-03-14\""]);
}

#[tokio::test]
async fn dates_times_lists_and_many_rows_are_read_as_the_mapping_says() {
    let desk = Desk::hospital().await;
    let columns = "      FIRST: first_name\n      LAST: last_name\n\
        \x20     BORN: { field: birth_date, formats: [\"%d.%m.%Y\", \"%m/%d/%y\"] }\n\
        \x20     SEEN: { field: seen_at, formats: [\"%d.%m.%Y %H:%M\"], add: { label: Seen, type: date_time } }\n\
        \x20     ALERTS: { field: alerts, split: \"/\" }\n";
    let mapping = people(columns).replace("    key: [ID]", "    key: [ID]\n    allow_duplicates: true");
    let mapping = desk.file("map.yaml", mapping);
    let mut rows = String::from("ID;FIRST;LAST;BORN;SEEN;ALERTS\n");
    rows.push_str(
        "0;Ana;A;14.03.1961;15.01.2026 09:30;fall_risk / diabetic\n1;Bo;B;12/31/99;;\n2;Cy;C;1999-12-31;;\n",
    );
    for number in 3..1_203 {
        rows.push_str(&format!("{number};Given{number};Family;01.02.1990;;\n"));
    }
    let file = desk.file("people.csv", rows);
    let text = desk.import(&mapping, &[&file]).await.some_rejected();
    assert!(
        text.contains("people.csv:4: column BORN: This is not written as %d.%m.%Y or %m/%d/%y.\n"),
        "{text}"
    );
    assert!(text.contains("1203 rows = 1202 created + 0 updated + 0 unchanged + 1 rejected"), "{text}");
    let ana = &desk.owner.get("/api/v1/records/patients?filter=last_name==%22A%22").await.expect(200).json()
        ["data"][0];
    assert_eq!(ana["data"]["birth_date"], "1961-03-14");
    assert_eq!(ana["data"]["alerts"], serde_json::json!(["fall_risk", "diabetic"]));
    assert!(ana["data"]["seen_at"].as_str().expect("a time").starts_with("2026-01-15T"), "{ana}");
    let text = desk.import(&mapping, &[&file]).await.some_rejected();
    assert!(text.contains("1203 rows = 0 created + 0 updated + 1202 unchanged + 1 rejected"), "{text}");
    let numbers = "select count(distinct data ->> 'mrn'), max(data ->> 'mrn') from records";
    let numbers = desk.app.database().as_superuser(numbers).await;
    assert_eq!(numbers[0], [Some("1202".to_owned()), Some("MRN-001202".to_owned())], "no hole, none twice");
}

#[tokio::test]
async fn a_file_with_a_header_alone_is_an_import_of_nothing() {
    let desk = Desk::hospital().await;
    let mapping = desk.file("map.yaml", people(NAMES));
    let file = desk.file("people.csv", HEADER);
    let text = desk.import(&mapping, &[&file]).await.all_in();
    assert!(text.contains("0 rows = 0 created + 0 updated + 0 unchanged + 0 rejected"), "{text}");
}
