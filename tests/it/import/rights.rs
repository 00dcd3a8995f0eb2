//! Rights: an import is the importer's own writes, row by row.

use std::path::Path;

use super::desk::{CLINIC, Desk, NAMES, SYNTHEA, people};

#[tokio::test]
async fn who_may_not_import_or_change_the_schema_is_told_so() {
    let desk = Desk::hospital().await;
    for role in ["nurse", "manager"] {
        desk.app.member(&desk.owner, role).await;
    }
    let mut command = desk.command(SYNTHEA, &[Path::new(CLINIC)]);
    command.member = Some("manager@clinic.example".into());
    let error = desk.run(&command).await.error();
    assert!(error.contains("the field ssn of patients could not be added"), "{error}");
    assert!(error.contains("your role may not change modules and fields"), "{error}");
    assert_eq!(desk.count("patients").await, 0);

    let mapping = desk.file("map.yaml", people(NAMES));
    let file = desk.file("people.csv", "ID,FIRST,LAST,BORN\n1,Ana,A,1961-03-14\n");
    let mut command = desk.command(&mapping, &[&file]);
    command.member = Some("nurse@clinic.example".into());
    assert_eq!(desk.run(&command).await.error(), "your role may not import patients");
    command.member = Some("stranger@clinic.example".into());
    assert!(desk.run(&command).await.error().contains("is no active member of the workspace"));
    command.member = Some("Manager@clinic.example".into());
    desk.run(&command).await.all_in();
    let records = desk.records("patients").await;
    assert_eq!(records[0]["created_by"]["name"], "Willem manager");
    assert_eq!(records[0]["owner"]["name"], "Willem manager");
}

#[tokio::test]
async fn a_module_that_is_missing_is_added_by_who_may() {
    let desk = Desk::hospital().await;
    let mapping = "files:
  - name: encounters.csv
    module: encounters
    key: [ID]
    add: { label: { one: Encounter, many: Encounters }, title: reason, icon: stethoscope }
    columns:
      PATIENT: { field: patient, by: external_id, add: { label: Patient, type: relation, module: patients } }
      REASON: { field: reason, add: { label: Reason, type: text, required: true } }
";
    let mapping = desk.file("map.yaml", mapping);
    let file =
        desk.file("encounters.csv", "ID,PATIENT,REASON\ne0000000-0000-4000-8000-000000000001,,Check-up\n");
    let text = desk.import(&mapping, &[&file]).await.all_in();
    assert!(text.starts_with("added the module encounters\n"), "{text}");
    assert_eq!(desk.records("encounters").await[0]["title"], "Check-up");
    // Now that there are encounters, references to them are looked up.
    let text = desk.import(SYNTHEA, &[Path::new(CLINIC)]).await.all_in();
    assert!(text.contains("conditions: 5 rows = 5 created"), "{text}");
    assert!(text.contains("  column ENCOUNTER: 4 values refer to something that is not there\n"), "{text}");
    let audited = "select count(*) from audit_log where action = 'module_added'";
    assert_eq!(desk.app.database().as_superuser(audited).await[0][0].as_deref(), Some("1"));
}

#[tokio::test]
async fn an_unknown_workspace_or_file_is_told() {
    let desk = Desk::hospital().await;
    let mapping = desk.file("map.yaml", people(NAMES));
    let file = desk.file("people.csv", "ID,FIRST,LAST,BORN\n");
    let mut command = desk.command(&mapping, &[&file]);
    command.tenant = "nowhere".into();
    assert_eq!(desk.run(&command).await.error(), "there is no workspace nowhere");
    let other = desk.file("other.csv", "A\n");
    assert!(desk.import(&mapping, &[&other]).await.error().contains("the mapping does not name"));
    let empty = tempfile::tempdir().expect("a folder");
    let error = desk.import(&mapping, &[empty.path()]).await.error();
    assert_eq!(error, "no file of the mapping was found in the folders given");
    assert!(desk.import(&mapping, &[&file, &file]).await.error().contains("is given twice"));
    assert!(desk.import(desk.path("none.yaml"), &[&file]).await.error().contains("cannot be read"));
}
