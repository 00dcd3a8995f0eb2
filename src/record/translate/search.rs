//! Contains-search: candidates by the trigram index, and what of them is decided by the words that a role may see.

use tokio_postgres::types::Type;

use super::column::from_data;
use super::reach::{self, LISTED, Rows};
use crate::access::{Owners, Reach};
use crate::expr;
use crate::field::Cast;
use crate::limits;
use crate::record::sql::Binder;
use crate::schema::Module;

/// What is searched for, and by whom.
pub(in crate::record) struct Search<'a> {
    pub(in crate::record) q: &'a str,
    pub(in crate::record) module: &'a Module,
    pub(in crate::record) reach: &'a Reach,
    pub(in crate::record) trash: bool,
}

/// Every word of the folded search text must occur. Words of three characters and more go through the view that a
/// trigram index serves and that yields candidate ids of this tenant (and of the owners in reach) only; rows are then
/// read under row security.
pub(in crate::record) fn conditions(search: &Search<'_>, binder: &mut Binder) -> Vec<String> {
    let folded = expr::fold(search.q);
    let (long, short): (Vec<&str>, Vec<&str>) =
        folded.split_whitespace().take(8).partition(|word| word.chars().count() >= 3);
    if long.is_empty() && !search.trash {
        return vec![title_begins(search.module, folded.trim(), binder)];
    }
    let mut tests = Vec::new();
    for word in &long {
        let pattern = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        tests.push(format!("search like {}", binder.text(format!("%{pattern}%"))));
    }
    let mut conditions = Vec::new();
    if search.trash {
        conditions.extend(tests.iter().map(|test| format!("r.{test}")));
    } else {
        conditions.push(candidates(search.reach, &tests, binder));
    }
    conditions.extend(short.iter().map(|word| format!("strpos(r.search, {}) > 0", binder.text(*word))));
    if search.module.conceals_words() {
        let words = long.iter().chain(&short);
        conditions.extend(words.map(|word| told(search.module, word, binder)));
    }
    conditions
}

/// A title that is kept from the role begins with nothing.
fn title_begins(module: &Module, folded: &str, binder: &mut Binder) -> String {
    match module.conceals_title() {
        true => "false".into(),
        false => format!("r.t1 ^@ {}", binder.text(folded)),
    }
}

fn candidates(reach: &Reach, tests: &[String], binder: &mut Binder) -> String {
    let limit = binder.bind(limits::SEARCH_CANDIDATES, Type::INT8);
    let mut tests: Vec<String> = tests.iter().map(|test| format!("s.{test}")).collect();
    if reach.owners != Owners::All {
        let own = reach::owners(reach, "s", binder).into_iter();
        let own: Vec<String> =
            own.chain(reach::shared(reach, &Rows { alias: "s", ..LISTED }, binder)).collect();
        tests.push(format!("({})", own.join(" or ")));
    }
    format!(
        "r.id = any (array(select s.id from records_search s where s.tenant_id = $1 and s.module = $2 and {} limit {limit}))",
        tests.join(" and ")
    )
}

/// That a word occurs in what the role may see of the searched text.
fn told(module: &Module, word: &str, binder: &mut Binder) -> String {
    let mut texts: Vec<String> = Vec::new();
    if !module.conceals_title() {
        texts.push("app_fold(r.title)".into());
    }
    for stored in module.fields.iter().filter(|stored| stored.field.is_searchable()) {
        texts.push(from_data("r", &stored.field.key, Cast::Text, binder));
    }
    match texts.is_empty() {
        true => "false".into(),
        false => format!("strpos(concat_ws(E'\\n', {}), {}) > 0", texts.join(", "), binder.text(word)),
    }
}
