//! What the checker accepts, and how it refuses.

use trellis::expr::{self, Comparison, Node, Type, Value};

use super::{Fields, complaints};

/// A source with one mistake, and the problem as it is shown.
const MISTAKES: [(&str, &str); 34] = [
    ("statuss == 'open'", "column 1: unknown field 'statuss' (did you mean 'status'?)"),
    ("today > birth_date", "column 1: unknown field 'today' (did you mean 'today()'?)"),
    ("xyzzy == 1", "column 1: unknown field 'xyzzy'"),
    ("status == 'opne'", "column 11: unknown option 'opne' (did you mean 'open'?)"),
    ("status == 'Open'", "column 11: unknown option 'Open' (did you mean 'open'?)"),
    ("tags contains 'vipp'", "column 15: unknown option 'vipp' (did you mean 'vip'?)"),
    ("'vipp' in tags", "column 1: unknown option 'vipp' (did you mean 'vip'?)"),
    ("status in ['open', 'shut']", "column 20: unknown option 'shut'"),
    ("owner == 'me'", "column 10: 'me' is not an id; a reference is compared with a UUID"),
    ("amount == 'ten'", "column 11: number cannot be compared with text"),
    ("name == amount", "column 9: text cannot be compared with number"),
    ("status == name", "column 11: choice cannot be compared with text"),
    ("birth_date > '1990'", "column 14: '1990' is not a date such as 2026-01-31"),
    ("date('2026-02-30') == birth_date", "column 6: '2026-02-30' is not a date such as 2026-01-31"),
    ("created_at > 'x'", "column 14: 'x' is not a date and time such as 2026-01-31T09:30 or 2026-01-31"),
    ("status < 'open'", "column 1: values of type choice have no order; use '==' or '!='"),
    ("active > false", "column 1: values of type true/false have no order; use '==' or '!='"),
    ("amount < null", "column 1: an empty value has no order; use 'is empty' or 'is not empty'"),
    ("amount in [1, null]", "column 15: an empty value is in no list; use 'is empty'"),
    ("tags in ['vip']", "column 10: list of choices cannot be compared with text"),
    ("tags == tags", "column 1: lists have no '=='; use 'contains' or 'is empty'"),
    ("amount and active", "column 1: expected a condition, found number"),
    ("name + 'x' == name", "column 1: texts are not added; use concat(…), or date(…) for a date"),
    (
        "today() + 3 > birth_date",
        "column 11: to or from a date only days(n) and the like are added or taken, not number",
    ),
    (
        "today() + hours(3) > birth_date",
        "column 11: a date has no hours; use days(n), or date_time(…) for the date",
    ),
    ("days(3) is empty", "column 1: days(n) is only added to or taken from a date or a date and time"),
    ("status contains 'op'", "column 1: 'contains' takes text, found choice"),
    ("[1] == 1", "column 1: a list can only stand to the right of 'in'"),
    ("amount in 3", "column 11: expected a list such as [a, b] after 'in', found number"),
    ("lenght(name) > 1", "column 1: unknown function 'lenght' (did you mean 'length'?)"),
    ("length(name, 1) > 1", "column 1: expected length(text), found 2 arguments"),
    ("round(amount, 13) > 1", "column 15: expected a whole number from 0 to 12"),
    ("concat(owner) == 'x'", "column 8: a reference has no text; name a field of it"),
    ("if(active, 1, 'x') is empty", "column 15: all values must be of one type, but number stands with text"),
];

#[test]
fn problems_are_located_and_suggest_what_was_meant() {
    for (source, shown) in MISTAKES {
        let lines: Vec<_> = complaints(source).iter().map(ToString::to_string).collect();
        assert_eq!(lines, [shown], "{source}");
    }
}

#[test]
fn all_problems_are_found_at_once() {
    let source = "statuss == 1 and amount == 'x' or lower(agee) == 'a' and birth_date > 'soon'";
    let found: Vec<_> =
        complaints(source).iter().map(|problem| &source[problem.start..problem.end]).collect();
    assert_eq!(found, ["statuss", "'x'", "agee", "'soon'"]);
}

#[test]
fn positions_count_bytes_and_columns_count_characters() {
    let problems = complaints("'é' == nam");
    assert_eq!((problems[0].start, problems[0].end, problems[0].column), (8, 11, 8));
}

#[test]
fn a_condition_is_boolean_and_a_title_is_text() {
    let first = |result: Result<expr::Checked, Vec<expr::Problem>>| {
        result.err().and_then(|problems| problems.first().map(ToString::to_string))
    };
    assert_eq!(first(expr::condition("active", &Fields)), None);
    assert_eq!(
        first(expr::condition("amount", &Fields)).as_deref(),
        Some("column 1: expected a condition, found number")
    );
    assert_eq!(first(expr::text("concat(name, amount)", &Fields)), None);
    assert_eq!(
        first(expr::text("amount", &Fields)).as_deref(),
        Some("column 1: expected text, found number; concat(…) makes a text of it")
    );
}

#[test]
fn fields_are_told() {
    let checked =
        expr::condition("doctor.department == name or record.name == ''", &Fields).expect("is valid");
    assert_eq!(checked.fields().iter().collect::<Vec<_>>(), ["doctor.department", "name"]);
}

#[test]
fn trees_say_what_the_source_means() {
    let root = |source: &str| expr::condition(source, &Fields).expect(source).root().clone();
    let amount = || Box::new(Node::Field { path: "amount".to_owned(), ty: Type::Number });
    let five = || Node::Literal(Value::Number((-5).into()));
    let equal =
        || Node::Compare { left: amount(), op: Comparison::Equal, right: Box::new(five()), ty: Type::Number };
    assert_eq!(root("amount == -5"), equal());
    assert_eq!(root("amount != -5"), Node::Not(Box::new(equal())));
    assert_eq!(root("amount == null"), Node::IsEmpty(amount()));
    assert_eq!(root("null != amount"), Node::Not(Box::new(Node::IsEmpty(amount()))));
    assert_eq!(root("amount == ''"), root("is_empty(amount)"));
    assert_eq!(
        root("amount not in [-5]"),
        Node::Not(Box::new(Node::In { needle: amount(), values: vec![five()], ty: Type::Number }))
    );
    assert_eq!(root("contains(name, 'x')"), root("name contains 'x'"));
    assert_eq!(root("'vip' in tags"), root("tags contains 'vip'"));
    assert_eq!(root("created_at > '2026-01-01'"), root("created_at > date_time('2026-01-01')"));
    assert_eq!(
        root("owner == '018F2F60-0000-7000-8000-000000000001'"),
        root("owner == '018f2f60-0000-7000-8000-000000000001'")
    );
}
