//! What parses, how tightly operators bind, and what is refused where.

use trellis::expr::{functions, parse};
use trellis::limits::{EXPRESSION_BYTES, EXPRESSION_DEPTH, EXPRESSION_NODES};

use super::complaints;

const REFERENCE: &str = include_str!("../../../docs/reference/expressions.md");

/// Source, and the canonical source of the same tree.
const CANONICAL: [(&str, &str); 27] = [
    ("a or b and c", "a or b and c"),
    ("(a or b) and c", "(a or b) and c"),
    ("a || b && !c", "a or b and not c"),
    ("not a == b", "not a == b"),
    ("not (a == b)", "not a == b"),
    ("(not a) == b", "(not a) == b"),
    ("not a and b", "not a and b"),
    ("not (a and b)", "not (a and b)"),
    ("not not a", "not not a"),
    ("a + b * c - d", "a + b * c - d"),
    ("(a + b) * c", "(a + b) * c"),
    ("a - (b - c)", "a - (b - c)"),
    ("(a - b) - c", "(a - b) - c"),
    ("a / b % c", "a / b % c"),
    ("- -a*b", "--a * b"),
    ("-(a*b)", "-(a * b)"),
    ("a+1<b and(c)", "a + 1 < b and c"),
    ("a in[1,2]", "a in [1, 2]"),
    ("a not in []", "a not in []"),
    ("a is not empty or b is empty", "a is not empty or b is empty"),
    ("a contains b", "a contains b"),
    ("contains(a, b)", "contains(a, b)"),
    ("a starts_with 'x\"y'", "a starts_with \"x\\\"y\""),
    ("'\\u00e9\\n\\t\\\\\\''", "\"é\\n\\t\\\\'\""),
    ("record.a == record.in.b", "a == record.in.b"),
    ("record.record == record.user", "record.record == record.user"),
    ("if(a, b , c)\n", "if(a, b, c)"),
];

#[test]
fn sources_have_a_canonical_form() {
    for (source, canonical) in CANONICAL {
        let parsed = parse(source).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
        assert_eq!(parsed.to_string(), canonical, "{source}");
        assert_eq!(parse(canonical).as_ref(), Ok(&parsed), "{source}");
    }
}

#[test]
fn brackets_that_change_the_meaning_change_the_tree() {
    for (left, right) in [
        ("a or b and c", "(a or b) and c"),
        ("a - b - c", "a - (b - c)"),
        ("-a * b", "-(a * b)"),
        ("a and b and c", "a and (b and c)"),
        ("a != b", "not a == b"),
    ] {
        assert_ne!(parse(left), parse(right), "{left} and {right}");
    }
}

#[test]
fn broken_sources_are_refused_where_they_break() {
    for (source, shown) in [
        ("", "column 1: the expression ends where a value should follow"),
        ("a ==", "column 5: the expression ends where a value should follow"),
        ("a = 1", "column 3: unexpected '=' (did you mean '=='?)"),
        ("a <> 1", "column 3: unexpected '<>' (did you mean '!='?)"),
        ("a AND b", "column 3: unexpected 'AND' (did you mean 'and'?)"),
        ("a & b", "column 3: unexpected character '&' (did you mean '&&'?)"),
        ("a < b < c", "column 7: unexpected '<'; comparisons do not chain, join them with 'and'"),
        ("a == not b", "column 6: expected a value, found 'not'; put 'not …' between brackets"),
        ("in == 1", "column 1: expected a value, found 'in'; a field of this name is written record.in"),
        ("(a", "column 3: the expression ends where ')' should follow"),
        ("f(a b)", "column 5: expected ')', found 'b'"),
        ("a is b", "column 6: expected 'empty', found 'b'"),
        ("'é' == 'abc", "column 8: this text has no closing quote"),
        ("'\\x'", "column 2: after \\ stands one of \" ' \\ n t u"),
        ("'\\u12'", "column 2: \\u needs four hexadecimal digits"),
        ("'\\ud83d'", "column 2: this is half a character; write the character itself"),
        ("'\\u0000'", "column 2: a text cannot hold the character NUL"),
        ("'a\nb'", "column 3: write control characters as \\n, \\t or \\uXXXX"),
        ("1e5", "column 1: '1e5' is not a number; a number has digits and one point"),
        ("a.b.c.d", "column 1: a path goes over at most two relations"),
        ("user.name", "column 1: of 'user' there is 'user.role', and 'user' itself, which is their id"),
        ("record", "column 1: 'record' stands for the whole record; name a field of it, as in record.name"),
        ("a.", "column 3: expected a field's name after '.'"),
        ("[1, 2", "column 6: the expression ends where ']' should follow"),
    ] {
        let problems = parse(source).expect_err(source);
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(lines, [shown], "{source}");
    }
}

#[test]
fn limits_hold_at_the_limit_and_beyond() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    let chained = |terms: usize, joint: &str| vec!["a"; terms].join(joint);
    assert!(parse(&nested(EXPRESSION_DEPTH)).is_ok());
    assert!(parse(&chained(EXPRESSION_NODES - 1, "+")).is_ok());
    assert!(parse(&format!("'{}'", "x".repeat(EXPRESSION_BYTES - 2))).is_ok());
    for (source, message) in [
        (nested(EXPRESSION_DEPTH + 1), "the expression is nested more than 16 deep"),
        ("-".repeat(1000) + "a", "the expression has more than 1000 words and signs"),
        ("-".repeat(900) + "a", "the expression is nested more than 16 deep"),
        ("not ".repeat(900) + "a", "the expression is nested more than 16 deep"),
        ("f(".repeat(400), "the expression is nested more than 16 deep"),
        ("[".repeat(400), "the expression is nested more than 16 deep"),
        (chained(EXPRESSION_NODES, "+"), "the expression has more than 256 parts"),
        (chained(EXPRESSION_NODES, " or "), "the expression has more than 256 parts"),
        (format!("'{}'", "x".repeat(EXPRESSION_BYTES - 1)), "the expression is longer than 4096 bytes"),
        (format!("'{}'", "\"".repeat(EXPRESSION_BYTES - 2)), "the expression is longer than 4096 bytes"),
        (nested(100_000), "the expression is longer than 4096 bytes"),
        (chained(100_000, "+"), "the expression is longer than 4096 bytes"),
        ("9".repeat(40), "has more digits than can be counted exactly"),
    ] {
        let problems = parse(&source).expect_err(message);
        assert!(problems.iter().any(|problem| problem.message.ends_with(message)), "{problems:?}");
    }
}

#[test]
fn chains_of_every_kind_are_flat() {
    for joint in [" or ", " and ", " + ", " - ", " * ", " / "] {
        let chain = vec!["amount"; 200].join(joint);
        assert_eq!(parse(&chain).map(|parsed| parsed.to_string()), Ok(chain));
    }
}

#[test]
fn the_reference_gives_examples_that_check_and_names_every_function() {
    let blocks: Vec<_> = REFERENCE.split("```expression\n").skip(1).collect();
    let examples: Vec<_> = blocks
        .iter()
        .filter_map(|block| block.split_once("```"))
        .flat_map(|(code, _)| code.lines())
        .collect();
    assert!(examples.len() >= 10, "{examples:?}");
    for example in examples {
        assert_eq!(complaints(example), [], "{example}");
    }
    for row in functions() {
        assert!(REFERENCE.contains(&format!("`{}`", row.usage)), "{}", row.usage);
    }
}
