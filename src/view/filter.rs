//! The filter of a list: rows of the builder, chips of what holds, and the expression behind both.

use std::collections::HashMap;

use serde::Serialize;

use super::condition::{ConditionRow, OPERATORS, Operator, Simple};
use super::link::ListAddress;
use super::{ViewContext, choices, system};
use crate::access::{Scope, Verb};
use crate::expr;
use crate::field::{Field, FieldKind};
use crate::record;
use crate::schema::{Module, SystemField};

/// Everything that the filter of a list shows.
#[derive(Clone, Debug, Serialize)]
pub struct FilterModel {
    /// Whether the panel stands open.
    pub open: bool,
    /// Rows of the builder; at least one.
    pub rows: Vec<FilterRow>,
    /// Fields that can be asked.
    pub fields: Vec<FilterField>,
    /// What they can be asked.
    pub operators: &'static [Operator],
    /// Conditions that the builder cannot show; it sends them along.
    pub kept: Vec<String>,
    /// What holds, in words, each with the address of the list without it.
    pub chips: Vec<FilterChip>,
    /// The whole filter.
    pub expression: String,
    /// Why the expression is refused; "" when it is not.
    pub expression_error: String,
    /// Options of fields, for suggestions while typing.
    pub suggestions: Vec<Suggestions>,
    /// The list without any filter.
    pub clear_href: String,
}

/// A row of the builder.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FilterRow {
    /// What was chosen and typed.
    #[serde(flatten)]
    pub condition: ConditionRow,
    /// Why it is refused; "" when it is not.
    pub error: String,
}

/// A field that can be asked.
#[derive(Clone, Debug, Serialize)]
pub struct FilterField {
    /// Its key.
    pub key: String,
    /// What people read.
    pub label: String,
    /// Its type's key.
    #[serde(rename = "type")]
    pub type_key: &'static str,
}

/// A condition that holds.
#[derive(Clone, Debug, Serialize)]
pub struct FilterChip {
    /// In words.
    pub text: String,
    /// The list without it.
    pub remove_href: String,
}

/// What may be typed as the value of a field.
#[derive(Clone, Debug, Serialize)]
pub struct Suggestions {
    /// The field's key.
    pub field: String,
    /// Labels of its options.
    pub labels: Vec<String>,
}

/// Builder rows of which at least one is refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// All rows, the refused ones with their reason.
    pub rows: Vec<FilterRow>,
}

/// The expression of builder rows and of conditions that the builder only carries along; blank rows say nothing.
pub async fn compose(
    ctx: ViewContext<'_>,
    module: &Module,
    rows: Vec<ConditionRow>,
    kept: Vec<String>,
) -> Result<Result<String, Refused>, record::Error> {
    let mut sources = Vec::new();
    let mut judged = Vec::new();
    for condition in rows {
        let mut error = String::new();
        if !condition.is_blank() {
            let reference = ctx.reference(module, &condition).await?;
            match condition.source(module, reference.as_deref()) {
                Ok(source) => sources.push(source),
                Err(sentence) => error = sentence,
            }
        }
        judged.push(FilterRow { condition, error });
    }
    if judged.iter().any(|row| !row.error.is_empty()) {
        return Ok(Err(Refused { rows: judged }));
    }
    sources.extend(kept.into_iter().filter(|source| !source.trim().is_empty()));
    Ok(Ok(sources.join(" and ")))
}

/// The rows of those conditions that rows can show, and the sources of the others.
fn composed(conjuncts: &[String], simple: &[Option<Simple<'_>>]) -> (Vec<FilterRow>, Vec<String>) {
    let (mut rows, mut kept) = (Vec::new(), Vec::new());
    for (source, simple) in conjuncts.iter().zip(simple) {
        match simple.as_ref().filter(|simple| !simple.is_reference()) {
            Some(simple) => rows.push(shown(simple)),
            None => kept.push(source.clone()),
        }
    }
    (rows, kept)
}

impl ViewContext<'_> {
    /// The id that the value of a relation's or member's condition stands for.
    async fn reference(&self, module: &Module, row: &ConditionRow) -> Result<Option<String>, record::Error> {
        let text = row.value.trim();
        if uuid::Uuid::try_parse(text).is_ok() {
            return Ok(Some(text.to_owned()));
        }
        let Some(field) = system::field(module, &row.field) else { return Ok(None) };
        let same = |name: &str| expr::fold(name) == expr::fold(text);
        match &field.kind {
            FieldKind::Member(_) | FieldKind::Members(_) => {
                let members = choices::members(self.work, text).await?;
                Ok(members.iter().find(|member| same(&member.name)).map(|member| member.user.to_string()))
            }
            kind => {
                let link = kind.link();
                for target in link.iter().flat_map(|link| &link.targets) {
                    let readable = self.work.actor.scope(target, Verb::Read) != Scope::None;
                    let Some(target) = self.work.schema.module(target).filter(|_| readable) else { continue };
                    let found = record::choices(self.work, target, text, 20).await?;
                    if let Some(choice) = found.iter().find(|choice| same(&choice.title)) {
                        return Ok(Some(choice.id.to_string()));
                    }
                }
                Ok(None)
            }
        }
    }

    /// The filter of a list at an address. `refused` holds rows that could not be composed.
    pub(super) async fn filter(
        &self,
        module: &Module,
        address: &ListAddress,
        refused: Option<Refused>,
    ) -> Result<FilterModel, record::Error> {
        let conjuncts = expr::parse(&address.filter).map(|expr| expr.conjuncts()).unwrap_or_default();
        let simple: Vec<Option<Simple<'_>>> =
            conjuncts.iter().map(|source| Simple::read(module, source)).collect();
        let names = self.names(&simple).await?;
        let words = |simple: &Simple<'_>| simple.words(names.get(&simple.operand).map(String::as_str));
        let texts = conjuncts.iter().zip(&simple);
        let texts = texts.map(|(source, simple)| simple.as_ref().map_or_else(|| source.clone(), words));
        let chips = (0..)
            .zip(texts)
            .map(|(at, text)| FilterChip { text, remove_href: without(address, &conjuncts, at) })
            .collect();
        let (rows, kept) = composed(&conjuncts, &simple);
        let open = refused.is_some();
        let mut rows = refused.map_or(rows, |refused| refused.rows);
        if rows.is_empty() {
            rows.push(FilterRow::default());
        }
        Ok(FilterModel {
            open,
            rows,
            fields: fields(module),
            operators: OPERATORS,
            kept,
            chips,
            expression: address.filter.clone(),
            expression_error: String::new(),
            suggestions: suggestions(module),
            clear_href: address.filtered("").href(),
        })
    }

    /// What the records and people are called that conditions name by id.
    async fn names(
        &self,
        conditions: &[Option<Simple<'_>>],
    ) -> Result<HashMap<String, String>, record::Error> {
        let mut names = HashMap::new();
        for simple in conditions.iter().flatten().filter(|simple| simple.is_reference()) {
            match &simple.field.kind {
                kind if kind.link().is_some() => {
                    if let Ok(id) = simple.operand.parse() {
                        let titles = record::titles(self.work, &[id]).await?;
                        names.extend(titles.into_iter().map(|(id, title)| (id.to_string(), title)));
                    }
                }
                _ => {
                    let members = choices::members(self.work, "").await?;
                    let members = members.into_iter().map(|member| (member.user.to_string(), member.name));
                    names.extend(members);
                }
            }
        }
        Ok(names)
    }
}

fn shown(simple: &Simple<'_>) -> FilterRow {
    let condition = ConditionRow {
        field: simple.field.key.clone(),
        operator: simple.operator.key.to_owned(),
        value: simple.value(None),
    };
    FilterRow { condition, error: String::new() }
}

/// The list without one of its conditions.
fn without(address: &ListAddress, conjuncts: &[String], at: usize) -> String {
    let others: Vec<&str> =
        conjuncts.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, source)| source.as_str()).collect();
    address.filtered(others.join(" and ")).href()
}

/// Fields of the module, then what every record has.
fn fields(module: &Module) -> Vec<FilterField> {
    let own = module.fields.iter().map(|stored| face(&stored.field));
    let system = [SystemField::Stage, SystemField::Owner, SystemField::CreatedAt, SystemField::UpdatedAt];
    let system = system.into_iter().filter_map(|system| Some(face(&*system::field(module, system.key())?)));
    own.chain(system).collect()
}

fn face(field: &Field) -> FilterField {
    FilterField { key: field.key.clone(), label: field.label.clone(), type_key: field.kind.type_key() }
}

fn suggestions(module: &Module) -> Vec<Suggestions> {
    let labels =
        |field: &Field| field.options().iter().map(|option| option.label.clone()).collect::<Vec<_>>();
    let own = module.fields.iter().map(|stored| (stored.field.key.clone(), labels(&stored.field)));
    let stage = system::field(module, "stage").map(|field| ("stage".to_owned(), labels(&field)));
    let all = own.chain(stage).filter(|(_, labels)| !labels.is_empty());
    all.map(|(field, labels)| Suggestions { field, labels }).collect()
}
