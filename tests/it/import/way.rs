//! Columns for pipeline, stage and reason: gates hold for rows as for anybody else.

use serde_json::json;

use super::desk::Desk;
use crate::pipelines::{PROGRESS, add_second, gate, patch_any};

const MAPPING: &str = "files:
  - name: items.csv
    module: items
    key: [ID]
    columns:
      NAME: name
      AMOUNT: amount
      WAY: { field: pipeline, empty: [none] }
      STATE: { field: stage, values: { finished: done } }
      WHY: reason
";

#[tokio::test]
async fn rows_stand_in_stages_and_gates_hold_for_them() {
    let desk = Desk::of("blank").await;
    add_second(&desk.owner).await;
    let reasons = json!({"lost_reasons": [{"key": "price", "label": "Too expensive"}]});
    patch_any(&desk.owner, PROGRESS, &reasons).await.expect(200);
    gate(&desk.owner, json!({"to_do": {"next": ["in_progress"]}, "done": {"required": ["amount"]}}))
        .await
        .expect(200);
    let mapping = desk.file("map.yaml", MAPPING);
    let header = "ID,NAME,AMOUNT,WAY,STATE,WHY\n";
    let rows = "1,a,,,,\n2,b,5,progress,finished,\n3,c,,none,finished,\n4,d,,second,doing,\n5,e,,,nowhere,\n\
        6,f,,,In progress,\n7,g,,,dropped,price\n";
    let file = desk.file("items.csv", format!("{header}{rows}"));
    let text = desk.run(&desk.command(&mapping, &[&file])).await.some_rejected();
    assert!(text.contains("7 rows = 5 created + 0 updated + 0 unchanged + 2 rejected"), "{text}");
    assert!(text.contains("items.csv:4: column AMOUNT: Done needs"), "{text}");
    assert!(text.contains("items.csv:6: column STATE:"), "{text}");
    let records = desk.records("items").await;
    let of = |title: &str| records.iter().find(|record| record["title"] == title).expect("a record").clone();
    let place = |title: &str| (of(title)["pipeline"].clone(), of(title)["stage"].clone());
    assert_eq!(place("a"), (json!("progress"), json!("to_do")), "silence is the beginning");
    assert_eq!(place("b"), (json!("progress"), json!("done")));
    assert_eq!(place("d"), (json!("second"), json!("doing")));
    assert_eq!(place("f"), (json!("progress"), json!("in_progress")), "a label tells as well");
    assert_eq!(place("g"), (json!("progress"), json!("dropped")));

    let again = "1,a,,,done,\n2,b,5,progress,finished,\n4,d,,,,\n6,f,9,,done,\n";
    let file = desk.file("items.csv", format!("{header}{again}"));
    let text = desk.run(&desk.command(&mapping, &[&file])).await.some_rejected();
    assert!(text.contains("4 rows = 0 created + 1 updated + 2 unchanged + 1 rejected"), "{text}");
    assert!(
        text.contains("items.csv:2: column STATE: From To do a record moves on to In progress."),
        "{text}"
    );
}

#[tokio::test]
async fn a_column_for_a_stage_is_read_as_it_is() {
    let desk = Desk::of("blank").await;
    let mapping = MAPPING.replace("WHY: reason", "WHY: { field: reason, split: \";\" }");
    let mapping = desk.file("map.yaml", mapping);
    let file = desk.file("items.csv", "ID,NAME,AMOUNT,WAY,STATE,WHY\n1,a,,,,\n");
    let said = desk.run(&desk.command(&mapping, &[&file])).await;
    let text = said.refused();
    assert!(text.contains("a column for the reason knows `values` and `empty` alone"), "{text}");
}
