//! Conditions and sorts that lead through relations, and the walls around what they lead to.

use serde_json::json;

use super::{account, change, create, id, path, sales, titles, trash};
use crate::kit::App;

#[tokio::test]
async fn lists_are_filtered_and_sorted_through_relations() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let (north, _, _) = account(&owner, "North").await;
    let (south, _, _) = account(&owner, "South").await;
    let group = create(&owner, "organizations", json!({"name": "Group", "employees": 900})).await;
    let south_data = json!({"industry": "energy", "employees": 5, "parent": id(&group), "city": "Lille"});
    change(&owner, &south, south_data).await.expect(200);
    change(&owner, &north, json!({"employees": 70, "city": "Arles"})).await.expect(200);
    let deals = path("deals");
    for (filter, found) in [
        ("organization.industry == 'energy'", vec!["South roll-out"]),
        ("organization.industry != 'energy'", vec!["North roll-out"]),
        (
            "organization.industry in ['food', 'energy'] and organization.employees > 50",
            vec!["North roll-out"],
        ),
        ("organization.name starts_with 'sou'", vec!["South roll-out"]),
        ("organization.title contains 'out'", vec!["South roll-out"]),
        ("contact.organization.city == 'lille'", vec!["South roll-out"]),
        ("organization.parent.employees == 900", vec!["South roll-out"]),
        ("organization.parent.title is empty", vec!["North roll-out"]),
        (
            "organization.city < contact.organization.name and organization.employees < 10",
            vec!["South roll-out"],
        ),
        (
            "campaign.name is empty and organization.created_at <= now()",
            vec!["North roll-out", "South roll-out"],
        ),
    ] {
        let mut titles = titles(&owner, &deals, &[("filter", filter)]).await;
        titles.sort();
        assert_eq!(titles, found, "{filter}");
    }
    for (sort, first) in [
        ("organization.employees", "South roll-out"),
        ("-organization.employees", "North roll-out"),
        ("organization.city", "North roll-out"),
        ("-contact.organization.name", "South roll-out"),
        ("organization.parent.employees", "South roll-out"),
        ("-organization.parent.title,name", "South roll-out"),
    ] {
        assert_eq!(titles(&owner, &deals, &[("sort", sort)]).await[0], first, "{sort}");
    }
}

#[tokio::test]
async fn pages_sorted_through_a_relation_follow_each_other_both_ways() {
    let app = App::start().await;
    let owner = sales(&app).await;
    for (name, city) in [("A", "Lille"), ("B", "Arles"), ("C", ""), ("D", "Nice"), ("E", "Arles")] {
        let (organization, _, _) = account(&owner, name).await;
        change(&owner, &organization, json!({ "city": city })).await.expect(200);
    }
    let (mut query, mut seen, mut back) =
        ("sort=organization.city,name&limit=2".to_owned(), Vec::new(), None);
    loop {
        let page = owner.get(&format!("{}?{query}", path("deals"))).await.expect(200).json();
        let records = page["data"].as_array().expect("records").iter();
        seen.extend(records.map(|record| record["title"].as_str().expect("a title").to_owned()));
        back = page["previous"].as_str().map(str::to_owned).or(back);
        let Some(next) = page["next"].as_str() else { break };
        query = format!("cursor={next}&limit=2");
    }
    let expected = ["B roll-out", "E roll-out", "A roll-out", "D roll-out", "C roll-out"];
    assert_eq!(seen, expected, "those without a value come last");
    let back = format!("{}?limit=2&cursor={}", path("deals"), back.expect("a way back"));
    assert_eq!(titles(&owner, &back, &[]).await, ["A roll-out", "D roll-out"], "the page before the last");
}

#[tokio::test]
async fn what_may_not_be_read_is_as_if_the_relation_were_empty() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let worker = app.member(&owner, "worker").await;
    let (organization, _, _) = account(&owner, "Secret").await;
    let deal = json!({"data": {"name": "Theirs", "organization": id(&organization), "amount": "1", "close_date": "2026-12-01"}, "owner": worker.user()});
    owner.post(&path("deals"), &deal).await.expect(201);
    let deals = path("deals");
    for (filter, found) in [
        ("organization.name == 'Secret'", 0),
        ("organization.name starts_with 'S'", 0),
        ("organization.name != 'Secret'", 1),
        ("organization.name is empty", 1),
        ("organization is not empty", 1),
        ("length(organization.name) > 0", 0),
        ("organization.name == name or organization.employees is empty", 1),
    ] {
        assert_eq!(titles(&worker, &deals, &[("filter", filter)]).await.len(), found, "{filter}");
        let all = titles(&owner, &deals, &[("filter", filter)]).await;
        let hidden = filter.contains("!=") || filter.contains("name is empty");
        assert_eq!(all.len(), if hidden { 0 } else { 2 }, "the owner sees both: {filter}");
    }
    let sorted = worker.get(&format!("{deals}?sort=organization.name")).await.expect(200).text();
    assert!(!sorted.contains("Secret"), "{sorted}");

    // Who may not read a module at all learns nothing of its fields.
    let support = app.member(&owner, "support").await;
    for query in ["filter=deal.name+%3D%3D+'x'", "filter=deal.nme+%3D%3D+'x'", "sort=deal.name"] {
        let answer = support.get(&format!("{}?{query}", path("activities"))).await;
        let answer = answer.expect_problem(422, "invalid-query").text();
        assert!(!answer.contains("did you mean 'deal.name'"), "{answer}");
    }
}

#[tokio::test]
async fn paths_end_after_two_relations_and_lead_into_the_trash() {
    let app = App::start().await;
    let owner = sales(&app).await;
    let group = create(&owner, "organizations", json!({"name": "Group"})).await;
    let unit = create(&owner, "organizations", json!({"name": "Unit", "parent": id(&group)})).await;
    trash(&owner, &group).await.expect(204);
    let organizations = path("organizations");
    let found = titles(&owner, &organizations, &[("filter", "parent.name == 'group'")]).await;
    assert_eq!(found, ["Unit"], "a relation that is kept still leads to the record: {unit}");
    for (filter, word) in [
        ("parent.parent.parent.name+==+'x'", "at most two relations"),
        ("name.parent+==+'x'", "unknown field"),
        ("parent.nme+==+'x'", "did you mean 'parent.name'?"),
    ] {
        let answer = owner.get(&format!("{organizations}?filter={filter}")).await;
        let answer = answer.expect_problem(422, "invalid-query").text();
        assert!(answer.contains(word), "{answer}");
    }
}
