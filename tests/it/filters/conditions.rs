//! Conditions over those fields, of every part of the language that filters know.

use proptest::prelude::*;
use proptest::sample::select;

use super::data::{DAYS, INSTANTS, NUMBERS, OPTIONS, TEXTS};

type Source = BoxedStrategy<String>;

fn one_of(pieces: &[&str]) -> Source {
    select(pieces.iter().map(|piece| (*piece).to_owned()).collect::<Vec<_>>()).boxed()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn literals(values: &[&str]) -> Source {
    select(values.iter().map(|value| quoted(value)).collect::<Vec<_>>()).boxed()
}

fn flag() -> Source {
    one_of(&[
        "flag",
        "flag_bare",
        "flag == true",
        "flag_bare == false",
        "flag == flag_bare",
        "parent.flag",
        "parent_bare.flag_bare == true",
        "parent.parent.flag == flag",
        "flag != true",
        "true",
        "words is empty",
    ])
}

fn number_field() -> Source {
    one_of(&[
        "whole",
        "whole_bare",
        "exact",
        "exact_bare",
        "price",
        "price_bare",
        "share",
        "share_bare",
        "takes",
        "stars",
        "version",
        "parent.whole",
        "parent_bare.exact",
        "parent.parent_bare.price",
        "parent.share_bare",
        "parent.version",
        "length(words)",
        "length(title)",
        "length(story)",
    ])
}

fn number_literal() -> Source {
    let random = (-9_999_i64..9_999, 0_u32..4)
        .prop_map(|(digits, scale)| rust_decimal::Decimal::new(digits, scale).to_string());
    let fine = one_of(&[
        "0.10000000001",
        "450000.00000000015",
        "0.000000000001",
        "9007199254740992",
        "0.1000000000000000001",
    ]);
    prop_oneof![4 => one_of(&NUMBERS), 2 => random, 1 => fine].boxed()
}

fn number() -> Source {
    let leaf = prop_oneof![3 => number_field(), 1 => number_literal()];
    leaf.prop_recursive(2, 8, 2, |inner| {
        let two = (inner.clone(), one_of(&["+", "-", "*", "/", "%"]), inner.clone());
        prop_oneof![
            4 => two.prop_map(|(a, sign, b)| format!("(({a}) {sign} ({b}))")),
            1 => inner.clone().prop_map(|a| format!("-({a})")),
            1 => inner.clone().prop_map(|a| format!("abs({a})")),
            1 => (inner.clone(), 0..6).prop_map(|(a, n)| format!("round({a}, {n})")),
            1 => (one_of(&["min", "max", "coalesce"]), inner.clone(), inner.clone()).prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
            1 => (flag(), inner.clone(), inner).prop_map(|(c, a, b)| format!("if({c}, {a}, {b})")),
        ]
    })
    .boxed()
}

fn text_field() -> Source {
    one_of(&[
        "words",
        "words_bare",
        "story",
        "tale",
        "mail",
        "call",
        "page",
        "code",
        "title",
        "name",
        "parent.words",
        "parent_bare.words_bare",
        "parent.title",
        "parent.parent.name",
        "parent_bare.code",
        "clock",
        "paint",
        "place",
    ])
}

fn text_literal() -> Source {
    let more = literals(&["x", "%", "_", "\\", "C-0", "example", "lise", "SS", "\u{301}", " ", "aaaa"]);
    let long = (185_usize..212).prop_map(|length| quoted(&"X".repeat(length)));
    prop_oneof![4 => literals(&TEXTS), 2 => more, 1 => long].boxed()
}

fn text() -> Source {
    let leaf = prop_oneof![3 => text_field(), 1 => text_literal()];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            2 => (one_of(&["lower", "upper", "trim"]), inner.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            1 => (inner.clone(), piece()).prop_map(|(a, b)| format!("concat({a}, \" \", {b})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
            1 => (flag(), inner.clone(), inner).prop_map(|(c, a, b)| format!("if({c}, {a}, {b})")),
        ]
    })
    .boxed()
}

/// What concat() takes besides texts.
fn piece() -> Source {
    prop_oneof![
        number_field(),
        one_of(&[
            "flag",
            "(whole > 1)",
            "day",
            "day_bare",
            "moment",
            "created_at",
            "hue",
            "stage",
            "null",
            "exact * 2",
            "today()"
        ]),
    ]
    .boxed()
}

fn steps() -> Source {
    let units = one_of(&["days", "months", "years"]);
    (one_of(&["+", "-"]), units, prop_oneof![one_of(&["1", "13", "0.9", "-2"]), number_field()])
        .prop_map(|(sign, unit, count)| format!("{sign} {unit}({count})"))
        .boxed()
}

fn day() -> Source {
    let leaf = one_of(&[
        "day",
        "day_bare",
        "due_on",
        "day",
        "day_bare",
        "parent.day",
        "parent_bare.parent.day_bare",
        "today()",
        "date('2018-11-04')",
        "date('2018-02-18')",
    ]);
    leaf.prop_recursive(2, 5, 2, |inner| {
        prop_oneof![
            3 => (inner.clone(), steps()).prop_map(|(a, steps)| format!("({a} {steps})")),
            1 => (one_of(&["min", "max", "coalesce"]), inner.clone(), inner).prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
        ]
    })
    .boxed()
}

fn moment() -> Source {
    let leaf = prop_oneof![
        3 => one_of(&["moment", "moment_bare", "created_at", "updated_at", "now()", "date_time('2018-11-04')", "parent.moment", "parent_bare.created_at"]),
        1 => day().prop_map(|day| format!("date_time({day})")),
    ];
    leaf.prop_recursive(2, 5, 2, |inner| {
        let hours = (one_of(&["+", "-"]), one_of(&["1", "25", "0.5", "whole", "share"])).prop_map(|(sign, n)| format!("{sign} hours({n})"));
        prop_oneof![
            3 => (inner.clone(), prop_oneof![steps(), hours.boxed()]).prop_map(|(a, steps)| format!("({a} {steps})")),
            1 => (one_of(&["min", "max", "coalesce"]), inner.clone(), inner).prop_map(|(f, a, b)| format!("{f}({a}, {b})")),
        ]
    })
    .boxed()
}

fn order() -> Source {
    one_of(&["==", "!=", "<", "<=", ">", ">="])
}

fn choice() -> Source {
    one_of(&["hue", "hue_bare", "stage", "coalesce(hue, hue_bare)", "if(flag, hue, hue_bare)"])
}

fn membership(related: &str) -> Source {
    let ids = format!("\"{related}\"");
    let friend = ids.clone();
    let references = one_of(&[
        "owner",
        "created_by",
        "parent",
        "parent_bare",
        "keeper",
        "keeper_bare",
        "coalesce(parent, parent_bare)",
        "parent.parent",
        "parent_bare.owner",
        "parent.parent_bare.keeper",
    ]);
    let reference_tests = prop_oneof![Just(ids), one_of(&["user", "owner", "parent", "keeper_bare", "null"])];
    let option = literals(&OPTIONS);
    let hues = one_of(&["hue", "hue_bare", "parent.hue", "parent_bare.hue_bare"]);
    prop_oneof![
        (references, one_of(&["==", "!="]), reference_tests)
            .prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        (hues.clone(), one_of(&["==", "!="]), option.clone())
            .prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        (hues.clone(), option.clone(), option.clone())
            .prop_map(|(a, b, c)| format!("{a} in [{b}, {c}, hue_bare]")),
        (hues.clone(), option.clone()).prop_map(|(a, b)| format!("{a} not in [{b}]")),
        (
            one_of(&["hues contains", "coalesce(hues, hues) contains", "parent.hues contains"]),
            prop_oneof![option.clone(), hues]
        )
            .prop_map(|(a, b)| format!("{a} {b}")),
        option.prop_map(|a| format!("{a} in hues")),
        (
            one_of(&["friends", "parent.friends"]),
            prop_oneof![Just(friend), one_of(&["parent", "parent.parent_bare"])]
        )
            .prop_map(|(a, b)| format!("{a} contains {b}")),
        one_of(&[
            "hue == hue_bare",
            "parent.stage == 'to_do'",
            "parent_bare.stage in ['done', stage]",
            "stage == 'to_do'",
            "stage in ['done', 'in_progress']",
            "stage != 'done'",
            "'done' == stage",
            "concat(stage, hue) contains 'red'",
            "hue in []",
            "topics contains 'red'",
            "'x y' in topics",
            "topics contains words",
            "crew contains user",
            "keeper in crew",
            "coalesce(crew, topics) contains 'red'",
            "hue == stage"
        ]),
    ]
    .boxed()
}

fn emptiness() -> Source {
    let any = prop_oneof![
        number(),
        text(),
        day(),
        moment(),
        choice(),
        one_of(&[
            "hues",
            "friends",
            "parent.friends",
            "parent.parent",
            "parent_bare.hues",
            "parent.flag",
            "topics",
            "crew",
            "spot",
            "owner",
            "parent",
            "parent_bare",
            "keeper",
            "flag",
            "flag_bare",
            "category",
            "amount",
            "(whole > 1)"
        ]),
    ];
    (any, one_of(&["is empty", "is not empty", "== null", "!= \"\""]))
        .prop_map(|(a, test)| format!("({a}) {test}"))
        .boxed()
}

fn atom(related: &str) -> Source {
    let day_or_literal = prop_oneof![2 => day(), 1 => literals(&DAYS)];
    let moment_or_literal =
        prop_oneof![2 => moment(), 1 => literals(&INSTANTS), 1 => literals(&DAYS), 1 => day()];
    let tests = one_of(&["contains", "starts_with", "ends_with"]);
    prop_oneof![
        4 => (number(), order(), number()).prop_map(|(a, sign, b)| format!("({a}) {sign} ({b})")),
        3 => (number_field(), order(), number_literal()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        1 => (number(), number_literal(), number()).prop_map(|(a, b, c)| format!("({a}) in [{b}, {c}]")),
        2 => (text(), order(), text()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        2 => (text_field(), order(), text_literal()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        3 => (text(), tests.clone(), text()).prop_map(|(a, test, b)| format!("{a} {test} {b}")),
        3 => (text_field(), tests, text_literal()).prop_map(|(a, test, b)| format!("{a} {test} {b}")),
        1 => (text(), text_literal(), text()).prop_map(|(a, b, c)| format!("{a} not in [{b}, {c}]")),
        3 => (day(), order(), day_or_literal).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        3 => (moment(), order(), moment_or_literal).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
        3 => membership(related),
        2 => emptiness(),
        2 => flag(),
        1 => (number(), number()).prop_map(|(a, b)| format!("({a} < {b}) == flag")),
    ]
    .boxed()
}

/// A condition that passes the checker unless it is too large. `related` is the id of some record.
pub fn condition(related: &str) -> Source {
    atom(related)
        .prop_recursive(2, 6, 2, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) or ({b})")),
                inner.clone().prop_map(|a| format!("not ({a})")),
                (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("if({a}, {b}, {c})")),
            ]
        })
        .boxed()
}
