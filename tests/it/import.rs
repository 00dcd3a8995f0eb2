//! Importing: every row accounted for, nothing doubled, hostile files told apart from good ones.

mod desk;
mod file;
mod mapping;
mod rights;
mod rows;
mod way;

use std::path::Path;

pub use desk::Desk;
use desk::{CLINIC, SYNTHEA};

#[tokio::test]
async fn an_export_is_imported_with_its_relations_and_a_second_run_changes_nothing() {
    let desk = Desk::hospital().await;
    let text = desk.import(SYNTHEA, &[Path::new(CLINIC)]).await.all_in();
    for line in [
        "added the field ssn of patients",
        "patients.csv → patients: 4 rows = 4 created + 0 updated + 0 unchanged + 0 rejected",
        "conditions.csv → conditions: 5 rows = 5 created + 0 updated + 0 unchanged + 0 rejected",
        "  column ENCOUNTER: 5 values refer to something that is not there",
        "immunizations.csv → immunizations: 3 rows = 3 created + 0 updated + 0 unchanged + 0 rejected",
        "allergies.csv → allergies: 2 rows = 2 created + 0 updated + 0 unchanged + 0 rejected",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
    }

    let patients = desk.records("patients").await;
    let mei = patients.iter().find(|patient| patient["title"] == "Mei606 Chen707").expect("Mei");
    assert_eq!(mei["source"], "import");
    assert_eq!(mei["data"]["sex"], "female");
    assert_eq!(mei["data"]["address_line_1"], "The \"Old\" House");
    assert_eq!(mei["data"]["ssn"], "999-11-0003");
    assert_eq!(mei["data"]["external_id"], "5f0c1b6e-0001-4a00-8000-000000000003");
    let numbers: Vec<&str> = patients.iter().filter_map(|patient| patient["data"]["mrn"].as_str()).collect();
    assert_eq!(numbers.len(), 4, "each has a number of its own");
    let doses = desk.records("immunizations").await;
    let dose = doses.iter().find(|dose| dose["data"]["code"] == "08").expect("the dose");
    assert_eq!(dose["data"]["patient"]["id"], mei["id"]);
    assert_eq!(dose["data"]["cost"]["amount"], "36.00");
    assert_eq!(dose["data"]["encounter_id"], "e0000000-0000-4000-8000-000000000005");
    let path = format!("/api/v1/records/patients/{}/history", mei["id"].as_str().expect("an id"));
    let history = desk.owner.get(&path).await.expect(200).json();
    assert_eq!(history["data"][0]["channel"], "import");

    let text = desk.import(SYNTHEA, &[Path::new(CLINIC)]).await.all_in();
    assert!(text.contains("patients: 4 rows = 0 created + 0 updated + 4 unchanged + 0 rejected"), "{text}");
    assert!(text.contains("conditions: 5 rows = 0 created + 0 updated + 5 unchanged + 0 rejected"), "{text}");
    assert!(!text.contains("added"), "{text}");
    assert_eq!(desk.count("immunizations").await, 3);
}

#[tokio::test]
async fn the_journals_of_an_import_are_those_of_single_writes() {
    let desk = Desk::hospital().await;
    desk.import(SYNTHEA, &[Path::new(CLINIC)]).await.all_in();
    let count = async |sql: &str| desk.app.database().as_superuser(sql).await[0][0].clone();
    assert_eq!(count("select count(*) from events where kind = 'record.created'").await, Some("14".into()));
    let audited = "select count(*) from audit_log where action = 'created' and channel = 'import'";
    assert_eq!(count(audited).await, Some("14".into()));
    assert_eq!(count("select count(*) from record_links").await, Some("10".into()));
    let unslotted = "select count(*) from records where t1 is null or u1 is null or search is null";
    assert_eq!(count(unslotted).await, Some("0".into()));
}

#[tokio::test]
async fn a_dry_run_tells_everything_and_keeps_nothing() {
    let desk = Desk::hospital().await;
    let mut command = desk.command(SYNTHEA, &[Path::new(CLINIC)]);
    command.dry_run = true;
    let text = desk.run(&command).await.all_in();
    assert!(text.contains("conditions: 5 rows = 5 created"), "relations into the same run resolve: {text}");
    assert!(text.ends_with("this was a dry run: nothing was kept\n"), "{text}");
    assert_eq!(desk.count("patients").await, 0);
    let fields = desk.owner.get("/api/v1/modules/patients").await.expect(200).text();
    assert!(!fields.contains("passport_number"), "no field was added");
}

#[tokio::test]
async fn workspaces_do_not_see_each_others_keys() {
    let desk = Desk::hospital().await;
    desk.import(SYNTHEA, &[Path::new(CLINIC)]).await.all_in();
    desk.app.sign_up_with("twin", "hospital", false).await;
    let mut command = desk.command(SYNTHEA, &[Path::new(CLINIC)]);
    command.tenant = "twin".into();
    let text = desk.run(&command).await.all_in();
    assert!(text.contains("patients: 4 rows = 4 created + 0 updated + 0 unchanged + 0 rejected"), "{text}");
    assert_eq!(desk.count("patients").await, 4);
}
