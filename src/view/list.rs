//! The list of a module: views, columns, rows, filter, counts and pages.

use serde::Serialize;

use super::filter::{FilterModel, Refused};
use super::link::ListAddress;
use super::table::{self, Column, Row};
use super::{ModuleAccess, ModuleFace, ViewContext};
use crate::identity::SigningKeys;
use crate::limits;
use crate::record::{self, Count, ListQuery, RawListQuery, Record};
use crate::schema::Module;
use crate::schema::definition::View;

/// Records on a page.
const PAGE: &str = "50";

/// What a list page is asked for.
#[derive(Clone, Debug, Default)]
pub struct ListRequest {
    /// Which records.
    pub address: ListAddress,
    /// Where to go on; "" for the first page.
    pub cursor: String,
    /// Builder rows that could not be composed.
    pub refused: Option<Refused>,
    /// The builder was asked for one more row.
    pub one_more: bool,
}

/// Everything that a list page shows.
#[derive(Clone, Debug, Serialize)]
pub struct ListModel {
    /// The module.
    pub module: ModuleFace,
    /// What the actor may do in it.
    pub can: ModuleAccess,
    /// Its views.
    pub views: Vec<ViewTab>,
    /// Columns, the title first.
    pub columns: Vec<Column>,
    /// Rows of this page.
    pub rows: Vec<Row>,
    /// Where cells are edited, with `{id}` and `{field}`; "" where nobody may.
    pub edit_url: String,
    /// "25 of 1,091"
    pub count: String,
    /// How many there are, for the heading: "1,091" or "10,000+".
    pub total: String,
    /// The number of rows in all, -1 where it is not known.
    pub row_count: i64,
    /// The page before; "" for none.
    pub previous_href: String,
    /// The page after; "" for none.
    pub next_href: String,
    /// The words that are searched for.
    pub q: String,
    /// Why they are refused; "" when they are not.
    pub q_error: String,
    /// The list's path, for its forms.
    pub path: String,
    /// Parameters that the search form sends along.
    pub search_fields: Vec<Parameter>,
    /// Parameters that the filter form sends along.
    pub filter_fields: Vec<Parameter>,
    /// The filter.
    pub filter: FilterModel,
    /// Something narrows the list: a filter, a search or the view's own condition.
    pub narrowed: bool,
    /// What narrows it, in words, for the empty state.
    pub narrowed_by: String,
    /// The list of all records.
    pub all_href: String,
    /// The form for a new record.
    pub new_href: String,
    /// The board; "" where there is no pipeline.
    pub board_href: String,
    /// The trash.
    pub trash_href: String,
    /// Where a field is added.
    pub add_field_href: String,
}

/// A view as a tab.
#[derive(Clone, Debug, Serialize)]
pub struct ViewTab {
    /// What people read.
    pub label: String,
    /// Its address.
    pub href: String,
    /// The one that is shown.
    pub current: bool,
}

/// A parameter of an address.
#[derive(Clone, Debug, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// The list of a module. Faults of filter, search and cursor become messages at their place, over an empty list.
pub async fn list(
    ctx: ViewContext<'_>,
    module: &Module,
    request: ListRequest,
    key: &SigningKeys,
) -> Result<ListModel, record::Error> {
    let address = &request.address;
    let view = view(module, &address.view);
    let raw = raw_query(address, view, &request.cursor);
    let asked = match ListQuery::parse(ctx.work, module, &raw, key) {
        Ok(query) => record::list(ctx.work, module, &query, Some(key)).await,
        Err(invalid) => Err(invalid.into()),
    };
    let (page, faults) = match asked {
        Ok(page) => (page, Vec::new()),
        Err(record::Error::Invalid(invalid)) => (empty_page(), invalid.errors),
        Err(error) => return Err(error),
    };
    let message = |parameter: &str| {
        let pointer = format!("/query/{parameter}");
        let own = faults.iter().filter(|fault| fault.pointer == pointer);
        own.map(|fault| fault.message.as_str()).collect::<Vec<_>>().join(" ")
    };
    let mut filter = ctx.filter(module, address, request.refused).await?;
    filter.expression_error = message("filter");
    filter.open |= !filter.expression_error.is_empty() || request.one_more;
    if request.one_more {
        filter.rows.push(Default::default());
    }
    let shown = Shown { module, address, view, page };
    let mut model = shown.model(ctx, filter);
    model.q_error = [message("q"), message("cursor"), message("sort")].join(" ").trim().to_owned();
    Ok(model)
}

/// One record as a row of a list, as it stands after an edit in place.
pub fn row(ctx: ViewContext<'_>, module: &Module, view: &str, record: &Record) -> Row {
    let keys = table::keys(module, Some(view));
    let columns = ctx.columns(module, &keys, &ListAddress::default(), "");
    ctx.row(module, &columns, record)
}

fn view<'m>(module: &'m Module, key: &str) -> Option<&'m View> {
    let views = &module.definition.views;
    views.iter().find(|view| view.key == key).or(views.first())
}

fn raw_query(address: &ListAddress, view: Option<&View>, cursor: &str) -> RawListQuery {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
    RawListQuery {
        filter: some(&address.filter),
        q: some(&address.q),
        sort: some(&address.sort),
        view: view.map(|view| view.key.clone()),
        limit: some(PAGE),
        cursor: some(cursor),
        count: some("capped"),
        trash: false,
        ..RawListQuery::default()
    }
}

fn empty_page() -> record::Page {
    record::Page { records: Vec::new(), next: None, previous: None, unindexed: Vec::new(), count: None }
}

/// A page of a list, about to be shown.
struct Shown<'a> {
    module: &'a Module,
    address: &'a ListAddress,
    view: Option<&'a View>,
    page: record::Page,
}

impl Shown<'_> {
    fn model(self, ctx: ViewContext<'_>, filter: FilterModel) -> ListModel {
        let Self { module, address, view, page } = &self;
        let can = ModuleAccess::of(ctx.work, module);
        let keys = table::keys(module, view.map(|view| view.key.as_str()));
        let columns = ctx.columns(module, &keys, address, &self.sort());
        let links = ctx.links;
        let href = |cursor: &Option<String>| cursor.as_deref().map(|at| address.at(at)).unwrap_or_default();
        let (narrowed, narrowed_by) = self.narrowed(&filter);
        ListModel {
            module: ModuleFace::new(module, links),
            can,
            views: self.tabs(),
            rows: page.records.iter().map(|record| ctx.row(module, &columns, record)).collect(),
            columns,
            edit_url: if can.update { links.cell_pattern(module.key()) } else { String::new() },
            count: count_words(page),
            total: page.count.map(count_text).unwrap_or_default(),
            row_count: page.count.filter(|count| count.exact).map_or(-1, |count| count.value),
            previous_href: href(&page.previous),
            next_href: href(&page.next),
            q: address.q.clone(),
            q_error: String::new(),
            path: address.path.clone(),
            search_fields: parameters(address, "q"),
            filter_fields: parameters(address, "filter"),
            filter,
            narrowed,
            narrowed_by,
            all_href: links.module(module.key()),
            new_href: links.new_record(module.key()),
            board_href: match module.pipelines.is_empty() {
                true => String::new(),
                false => links.board(module.key()),
            },
            trash_href: links.trash(module.key()),
            add_field_href: links.fields(module.key()),
        }
    }

    /// What the list is sorted by: what was asked for, else the view's own order.
    fn sort(&self) -> String {
        match (&self.address.sort, self.view) {
            (sort, _) if !sort.is_empty() => sort.clone(),
            (_, Some(view)) => view.sort.join(","),
            _ => String::new(),
        }
    }

    fn tabs(&self) -> Vec<ViewTab> {
        let current = self.view.map(|view| view.key.as_str());
        let tab = |(at, view): (usize, &View)| {
            let key = if at == 0 { String::new() } else { view.key.clone() };
            let address = ListAddress { view: key, ..ListAddress::new(self.address.path.clone()) };
            ViewTab { label: view.label.clone(), href: address.href(), current: current == Some(&view.key) }
        };
        self.module.definition.views.iter().enumerate().map(tab).collect()
    }

    fn narrowed(&self, filter: &FilterModel) -> (bool, String) {
        let mut reasons: Vec<String> = filter.chips.iter().map(|chip| chip.text.clone()).collect();
        if !self.address.q.trim().is_empty() {
            reasons.push(format!("the search for “{}”", self.address.q.trim()));
        }
        if let Some(view) = self.view.filter(|view| view.filter.is_some()) {
            reasons.push(format!("the view “{}”", view.label));
        }
        (!reasons.is_empty(), reasons.join(" and "))
    }
}

/// The parameters of an address but one, which a form sends itself.
fn parameters(address: &ListAddress, but: &str) -> Vec<Parameter> {
    let others = address.parameters().filter(|(name, _)| *name != but);
    others.map(|(name, value)| Parameter { name, value: value.to_owned() }).collect()
}

/// "1,091", or "10,000+" where the count stopped.
pub fn count_text(count: Count) -> String {
    match count.exact {
        true => grouped(count.value),
        false => format!("{}+", grouped(limits::COUNT_CAP)),
    }
}

/// "50 of 1,091"; all of them are counted once.
fn count_words(page: &record::Page) -> String {
    let here = page.records.len();
    match page.count {
        Some(count) if count.exact && count.value == here as i64 => grouped(count.value),
        Some(count) => format!("{here} of {}", count_text(count)),
        None => here.to_string(),
    }
}

/// A count with a comma between thousands.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_and_say_when_they_stopped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1091), "1,091");
        assert_eq!(grouped(12_480_000), "12,480,000");
        assert_eq!(count_text(Count { value: 10_001, exact: false }), "10,000+");
    }
}
