//! Mapping files: every fault at its place, before anything is written.

use trellis::intake::{Mapping, MappingFault};

use super::desk::{Desk, NAMES, people};

fn faults(text: &str) -> Vec<String> {
    let faults = Mapping::parse(text).expect_err("the mapping has faults");
    faults.iter().map(MappingFault::to_string).collect()
}

#[test]
fn the_faults_of_a_mapping_are_told_all_at_once_with_their_places() {
    let text = "files:
  - name: a/b.csv
    module: Patients
    key: []
    encoding: utf-99
    delimiter: '::'
    columns:
      A: { field: name, formats: ['%Q'] }
      B: name
      C: { field: other, split: '', add: { label: C, type: txt } }
      D: 9th
  - { name: a/b.csv, module: patients, key: [ID] }
";
    assert_eq!(
        faults(text),
        [
            "2:11: name a file without its folder",
            "2:11: a/b.csv names no key column",
            "3:13: 'Patients' is not a key; a key is ^[a-z][a-z0-9_]{0,47}$",
            "5:15: there is no encoding 'utf-99'",
            "6:16: a delimiter is one ASCII character, such as \";\" or \"\\t\"",
            "8:35: '%Q' is not a strftime format",
            "9:10: the field name is filled twice",
            "10:33: nothing cannot stand between values",
            "11:10: '9th' is not a key; a key is ^[a-z][a-z0-9_]{0,47}$",
            "10:42: type: 'txt' is not known here (did you mean 'text'?)",
            "12:13: the file a/b.csv is mapped twice",
            "12:13: name a file without its folder",
        ]
    );
}

#[test]
fn unknown_keys_and_broken_yaml_are_refused_where_they_stand() {
    for (text, place) in [
        ("files: []\nfils: []\n", "2:"),
        ("files:\n  - name: a.csv\n    module: b\n    key: [ID]\n    columns: { A: { feld: x } }\n", "5:"),
        ("files:\n  - name: a.csv\n    columns: [\n", ""),
        ("files: 3", "1:"),
        ("files: []", "1:1: the mapping names no file"),
        ("", ""),
        ("\0", ""),
    ] {
        let faults = faults(text);
        assert_eq!(faults.len(), 1, "{text:?}: {faults:?}");
        assert!(faults[0].starts_with(place), "{text:?}: {faults:?}");
    }
}

#[tokio::test]
async fn a_mapping_that_fits_neither_file_nor_workspace_writes_nothing() {
    let desk = Desk::hospital().await;
    let columns = format!(
        "{NAMES}      CITTY: city\n      MRN: mrn\n      SHOE: shoe_size\n      DOC: {{ field: primary_doctor, by: nothing }}\n\
         \x20     RACE: {{ field: race, by: external_id, formats: [\"%Y\"] }}\n      X: {{ field: badge, add: {{ label: B, type: text }} }}\n"
    );
    let mapping = desk.file("map.yaml", people(&columns));
    let file = desk.file("people.csv", "ID,FIRST,LAST,BORN,CITY,MRN,SHOE,DOC,RACE,EXTRA,X\n");
    let text = desk.import(&mapping, &[&file]).await.refused();
    for told in [
        ":9:14: people.csv has no column CITTY (did you mean CITY?)",
        ":10:12: the field mrn is not filled by hand",
        ":11:13: patients has no field shoe_size; define it under `add`",
        ":12:41: doctors has no unique text field nothing",
        ":13:32: the field race is not a relation",
        ":13:55: the field race holds neither dates nor times",
        ":2:11: people.csv has columns that the mapping does not name: CITY, EXTRA; map them, or list them under",
    ] {
        assert!(text.contains(told), "{told}\nis not in\n{text}");
    }
    let fields = desk.owner.get("/api/v1/modules/patients").await.expect(200).text();
    assert!(!fields.contains("badge"), "the field that fits is not added either");
}
