//! Quick search: every word somewhere in the record, whatever its case and accents.

use serde_json::json;

use crate::kit::Client;
use crate::records::{ITEMS, create, starter};

async fn found(client: &Client, q: &str) -> Vec<String> {
    let query =
        serde_html_form::to_string([("q", q), ("sort", "title"), ("count", "exact")]).expect("a query");
    let page = client.get(&format!("{ITEMS}?{query}")).await.expect(200).json();
    let records = page["data"].as_array().expect("records");
    assert_eq!(page["count"]["value"], records.len(), "{q}");
    records.iter().map(|record| record["title"].as_str().expect("a title").to_owned()).collect()
}

#[tokio::test]
async fn every_word_must_be_there_and_nothing_is_a_pattern() {
    let (_app, owner) = starter("acme").await;
    for (name, notes) in [
        ("100% wool", "a_b"),
        ("100 pieces", "aXb"),
        ("C:\\temp", "back\\slash"),
        ("Élise Müller", "Straße 5"),
        ("Ann", "of the house"),
        ("Anna", "mother of Ann"),
        ("日本語テキスト", ""),
        ("O'Neil \"Tip\"", "--"),
    ] {
        create(&owner, json!({"name": name, "notes": notes})).await;
    }
    for (q, expected) in [
        ("100%", vec!["100% wool"]),
        ("a_b", vec!["100% wool"]),
        ("c:\\t", vec!["C:\\temp"]),
        ("back\\slash", vec!["C:\\temp"]),
        ("elise", vec!["Élise Müller"]),
        ("ELISE muller", vec!["Élise Müller"]),
        ("mül eli", vec!["Élise Müller"]),
        ("straße", vec!["Élise Müller"]),
        ("elise wool", vec![]),
        ("ann", vec!["Ann", "Anna"]),
        ("anna", vec!["Anna"]),
        ("an", vec!["Ann", "Anna"]),
        ("é", vec!["Élise Müller"]),
        ("ann of", vec!["Ann", "Anna"]),
        ("本語テ", vec!["日本語テキスト"]),
        ("日本", vec!["日本語テキスト"]),
        ("o'neil", vec!["O'Neil \"Tip\""]),
        ("\"tip\"", vec!["O'Neil \"Tip\""]),
        ("nobody", vec![]),
        ("' or 1=1 --", vec![]),
        ("%%%", vec![]),
        ("___", vec![]),
    ] {
        assert_eq!(found(&owner, q).await, expected, "{q}");
    }
    assert_eq!(found(&owner, "   ").await.len(), 8, "blank looks for nothing");
    let long = "x".repeat(201);
    owner.get(&format!("{ITEMS}?q={long}")).await.expect_problem(422, "invalid-query");
}

#[tokio::test]
async fn search_goes_with_filter_sort_pages_and_trash() {
    let (_app, owner) = starter("acme").await;
    for n in 0..9 {
        let record = create(&owner, json!({"name": format!("blue {n}"), "amount": n})).await;
        create(&owner, json!({"name": format!("red {n}")})).await;
        if n == 0 {
            owner.delete(&crate::records::at(&record), 1).await.expect(204);
        }
    }
    let mut titles = Vec::new();
    let mut query = "q=blu&filter=amount%20%3E%203&sort=-amount&limit=2".to_owned();
    loop {
        let page = owner.get(&format!("{ITEMS}?{query}")).await.expect(200).json();
        titles.extend(page["data"].as_array().expect("records").iter().map(|record| record["title"].clone()));
        let Some(cursor) = page["next"].as_str() else { break };
        query = format!("limit=2&cursor={cursor}");
    }
    assert_eq!(titles, [8, 7, 6, 5, 4].map(|n| json!(format!("blue {n}"))));
    for q in ["blue", "bl", "0", "blue 0"] {
        let trash =
            owner.get(&format!("{ITEMS}?trash=true&q={}", q.replace(' ', "%20"))).await.expect(200).json();
        assert_eq!(trash["data"].as_array().map(Vec::len), Some(1), "{q}");
    }
}
