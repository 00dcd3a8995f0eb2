//! What expressions mean: empty values, folding, exact numbers, days in a zone.

use chrono_tz::Tz;
use trellis::expr::{self, Env, MAGNITUDE, Value};

use super::{Fields, Record, USER, day, holds, instant, number, present, text, value, value_in};

fn record() -> Record {
    Record::from([
        ("name", text("Élise Müller")),
        ("nick", text("")),
        ("status", text("open")),
        ("tags", Value::List(vec!["vip".to_owned(), "new".to_owned()])),
        ("owner", text(USER)),
        ("amount", number("1200.50")),
        ("birth_date", day("1990-02-28")),
        ("created_at", Value::Instant(instant("2026-01-31T23:30:00Z"))),
        ("vip", Value::Boolean(true)),
        ("doctor.department", text("Cardiology")),
    ])
}

#[test]
fn conditions_are_true_or_false() {
    for source in [
        "name == 'ELISE MULLER'",
        "name contains 'LISE m'",
        "name starts_with 'eli' and name ends_with 'LER'",
        "name > 'elf' and name < 'elm'",
        "status == 'open' and status != 'closed'",
        "status in ['waiting', 'open'] and status not in ['closed']",
        "tags contains 'vip' and 'new' in tags and not (tags contains 'late')",
        "owner == user",
        "vip and not active",
        "doctor.department == 'cardiology'",
        "amount == 1200.5 and amount * 2 == 2401",
        "birth_date > '1990-01-01' and birth_date <= date('1990-02-28')",
        "birth_date in ['1990-02-28']",
        "amount in []  or true",
        "'x' != 'y'",
    ] {
        assert!(holds(source, &record()), "{source}");
        assert!(!holds(&format!("not ({source})"), &record()), "{source}");
    }
}

#[test]
fn an_empty_side_makes_a_comparison_false() {
    for source in [
        "discount == 0",
        "discount == age",
        "discount < 1",
        "discount >= 1",
        "discount in [1, 2]",
        "nick == name",
        "nick == nick",
        "nick contains 'a'",
        "name contains nick",
        "name contains ''",
        "former_status == status",
        "doctor == user",
        "active == false",
        "active",
        "discount + 1 > 0",
        "amount / 0 > 0",
    ] {
        assert!(!holds(source, &record()), "{source}");
    }
    for source in [
        "discount != 0",
        "discount not in [1, 2]",
        "nick is empty and nick == null and nick == '' and is_empty(nick)",
        "name is not empty and name != null",
        "discount is empty and former_status is empty and doctor == null",
        "not active",
        "active != true",
        "null == null",
        "(amount / 0) is empty",
        "(discount + 1) is empty",
    ] {
        assert!(holds(source, &record()), "{source}");
    }
    let blank = Record::from([("tags", Value::List(Vec::new()))]);
    assert!(holds("tags is empty and not (tags contains 'vip')", &blank));
}

#[test]
fn numbers_are_exact_and_bounded() {
    for (source, expected) in [
        ("0.1 + 0.2", number("0.3")),
        ("1 - 2 - 3", number("-4")),
        ("2 + 3 * 4", number("14")),
        ("-7 % 3", number("-1")),
        ("10 / 3", number("3.333333333333")),
        ("2 / 3", number("0.666666666667")),
        ("12 / 2 / 3", number("2")),
        ("999999999999999 + 0", number("999999999999999")),
        ("999999999999999 + 1", Value::Null),
        ("-999999999999999 - 1", Value::Null),
        ("99999999999999999999 * 99999999999999999999 * 0", Value::Null),
        ("5 % 0", Value::Null),
        ("round(2.5)", number("3")),
        ("round(-2.345, 2)", number("-2.35")),
        ("abs(-3.5)", number("3.5")),
        ("min(3, amount, 2)", number("2")),
        ("max(3, amount, 2)", number("1200.50")),
        ("max(3, discount)", Value::Null),
    ] {
        assert_eq!(value(source, &record()), expected, "{source}");
    }
    assert_eq!(MAGNITUDE.to_string(), "1000000000000000");
}

#[test]
fn functions_answer() {
    for (source, expected) in [
        (
            "concat(name, ' ', nick, '#', amount, ' ', birth_date, ' ', vip)",
            text("Élise Müller #1200.5 1990-02-28 true"),
        ),
        ("concat(created_at)", text("2026-02-01 00:30")),
        ("concat(nick)", Value::Null),
        ("lower('ÉA')", text("éa")),
        ("upper('éa')", text("ÉA")),
        ("trim('  a ')", text("a")),
        ("trim('  ')", Value::Null),
        ("length(name)", number("12")),
        ("length(nick)", Value::Null),
        ("coalesce(nick, notes, name)", text("Élise Müller")),
        ("coalesce(former_status, 'none')", text("none")),
        ("if(vip, 'yes', 'no')", text("yes")),
        ("if(active, amount, null)", Value::Null),
        ("min(birth_date, '1980-01-01')", day("1980-01-01")),
        ("date(concat('not ', 'a date'))", Value::Null),
        ("date(concat('2026-', '01-31'))", day("2026-01-31")),
    ] {
        assert_eq!(value(source, &record()), expected, "{source}");
    }
}

#[test]
fn numbers_and_texts_are_cut_and_replaced() {
    for (source, expected) in [
        ("floor(2.7)", number("2")),
        ("floor(-2.1)", number("-3")),
        ("ceil(2.1)", number("3")),
        ("ceil(-2.7)", number("-2")),
        ("ceil(discount)", Value::Null),
        ("replace('a-b-c', '-', '+')", text("a+b+c")),
        ("replace('aaa', 'aa', 'b')", text("ba")),
        ("replace('aA', 'a', '$&')", text("$&A")),
        ("replace('a-b', '-', null)", text("ab")),
        ("replace('a', 'a', '')", Value::Null),
        ("replace('a', nick, 'b')", Value::Null),
        ("substring('Élise', 1, 2)", text("Él")),
        ("substring('Élise', 3)", text("ise")),
        ("substring('a😀b', 2, 1)", text("😀")),
        ("substring('a', 2)", Value::Null),
    ] {
        assert_eq!(value(source, &record()), expected, "{source}");
    }
    let checked = expr::text("replace(name, 'x', 'yyyy')", &Fields).expect("is valid");
    let evaluated = |length: usize| {
        let fields = |_: &str| Value::Text("x".repeat(length));
        let env = Env { fields: &fields, now: present(), timezone: Tz::UTC, user: None };
        expr::evaluate(&checked, &env).expect("stays within the budget")
    };
    assert_eq!(evaluated(16 * 1024), Value::Text("y".repeat(64 * 1024)));
    assert_eq!(evaluated(16 * 1024 + 1), Value::Null);
}

#[test]
fn periods_of_the_calendar_have_edges() {
    let at = |text: &str| Value::Instant(instant(text));
    for (source, expected) in [
        ("start_of(date('2026-11-21'), 'day')", day("2026-11-21")),
        ("start_of(date('2026-11-22'), 'week')", day("2026-11-16")),
        ("end_of(date('2026-11-22'), 'week')", day("2026-11-22")),
        ("start_of(date('0001-01-01'), 'week')", day("0001-01-01")),
        ("end_of(date('9999-12-31'), 'week')", Value::Null),
        ("end_of(date('9999-12-31'), 'year')", day("9999-12-31")),
        ("end_of(date('2024-02-03'), 'month')", day("2024-02-29")),
        ("start_of(date('2026-11-21'), 'quarter')", day("2026-10-01")),
        ("end_of(date('2026-05-31'), 'quarter')", day("2026-06-30")),
        ("start_of(today(), 'year')", day("2026-01-01")),
        // In Berlin it is 2 March, half past midnight.
        ("start_of(now(), 'month')", at("2026-02-28T23:00:00Z")),
        ("end_of(now(), 'month')", at("2026-03-31T21:59:59.999999Z")),
        ("age(date('2000-03-02'))", number("26")),
        ("age(date('2000-03-03'))", number("25")),
        ("age(date('2024-02-29'), date('2025-02-28'))", number("0")),
        ("age(date('2024-02-29'), date('2025-03-01'))", number("1")),
        ("age(today() + days(1))", Value::Null),
    ] {
        assert_eq!(value(source, &record()), expected, "{source}");
    }
    assert!(!expr::condition("age(birth_date) >= 18", &Fields).expect("is valid").is_timeless());
}

#[test]
fn dates_move_by_the_calendar() {
    for (source, expected) in [
        ("today()", day("2026-03-02")),
        ("today() - days(2)", day("2026-02-28")),
        ("today() + days(-1.9)", day("2026-03-01")),
        ("date('2024-02-29') + years(1)", day("2025-02-28")),
        ("date('2026-01-31') + months(1)", day("2026-02-28")),
        ("date('2026-01-31') + months(1) + days(1)", day("2026-03-01")),
        ("date('9999-12-31') + days(1)", Value::Null),
        ("date('0001-01-01') - days(1)", Value::Null),
        ("today() + days(99999999999999999999)", Value::Null),
        ("today() + years(999999999)", Value::Null),
        ("today() + days(discount)", Value::Null),
        ("now()", Value::Instant(present())),
        ("now() - hours(24)", Value::Instant(instant("2026-02-28T23:30:00Z"))),
        // Clocks go forward on 29 March: the same time of day is an hour less away.
        ("now() + days(28)", Value::Instant(instant("2026-03-29T22:30:00Z"))),
    ] {
        assert_eq!(value(source, &record()), expected, "{source}");
    }
}

#[test]
fn a_date_next_to_an_instant_begins_in_the_zone() {
    let at = |text: &str| Value::Instant(instant(text));
    for (source, zone, expected) in [
        ("date_time('2026-02-01')", Tz::Europe__Berlin, at("2026-01-31T23:00:00Z")),
        ("date_time('2026-02-01T09:30')", Tz::Europe__Berlin, at("2026-02-01T08:30:00Z")),
        ("date_time('2026-02-01 09:30:15.5')", Tz::UTC, at("2026-02-01T09:30:15.5Z")),
        ("date_time('2026-02-01T09:30Z')", Tz::Europe__Berlin, at("2026-02-01T09:30:00Z")),
        ("date_time('2026-02-01T09:30:00-05:30')", Tz::Europe__Berlin, at("2026-02-01T15:00:00Z")),
        ("date_time(date('2026-02-01'))", Tz::Asia__Kolkata, at("2026-01-31T18:30:00Z")),
        // Clocks jumped over midnight, showed it twice, and left out a whole day.
        ("date_time('2018-11-04')", Tz::America__Sao_Paulo, at("2018-11-04T03:00:00Z")),
        ("date_time('2025-11-02')", Tz::America__Havana, at("2025-11-02T05:00:00Z")),
        ("date_time('2011-12-30T12:00')", Tz::Pacific__Apia, at("2011-12-30T22:00:00Z")),
    ] {
        assert_eq!(value_in(source, &record(), zone), expected, "{source}");
    }
    assert!(holds("created_at >= date('2026-02-01') and created_at >= '2026-02-01'", &record()));
    assert!(!holds("created_at < '2026-02-01T00:30'", &record()));
    assert!(holds("created_at == '2026-02-01T00:30:00+01:00' and created_at > birth_date", &record()));
}

#[test]
fn texts_that_grow_too_long_end_the_evaluation() {
    let checked = expr::text("concat(name, name, name)", &Fields).expect("is valid");
    let evaluated = |length: usize| {
        let fields = |_: &str| Value::Text("x".repeat(length));
        let env = Env { fields: &fields, now: present(), timezone: Tz::UTC, user: None };
        expr::evaluate(&checked, &env)
    };
    assert!(evaluated(20_000).is_ok());
    assert_eq!(evaluated(30_000), Err(expr::OutOfFuel));
}

#[test]
fn long_texts_use_the_budget_up() {
    let source = vec!["name contains 'y'"; 80].join(" or ");
    let checked = expr::condition(&source, &Fields).expect("is valid");
    let evaluated = |length: usize| {
        let fields = |_: &str| Value::Text("x".repeat(length));
        let env = Env { fields: &fields, now: present(), timezone: Tz::UTC, user: None };
        expr::evaluate(&checked, &env)
    };
    assert_eq!(evaluated(64 * 1024), Ok(Value::Boolean(false)));
    assert_eq!(evaluated(256 * 1024), Err(expr::OutOfFuel));
}

#[test]
fn nodes_without_fields_fold_to_their_value() {
    let fields = |_: &str| Value::Null;
    let env = Env { fields: &fields, now: present(), timezone: Tz::Europe__Berlin, user: None };
    let fold = |source: &str| {
        let parsed = expr::parse(source).expect(source);
        expr::constant(expr::check(&parsed, &Fields).expect(source).root(), &env)
    };
    assert_eq!(fold("today() - days(2)"), Some(day("2026-02-28")));
    assert_eq!(fold("user"), Some(Value::Null));
    assert_eq!(fold("today() - days(amount)"), None);
    assert_eq!(fold("if(true, 1, amount)"), None);
}
