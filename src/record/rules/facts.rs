//! What conditions of a write may ask: the record as it is to be and as it was, who writes it, and where.

use serde_json::{Map, Value};

use crate::expr::{self, Checked};
use crate::id::UserId;
use crate::record::change::Change;
use crate::record::error::Error;
use crate::record::values;
use crate::schema::Module;
use crate::schema::rules::PAST;
use crate::work::Work;

/// A change as conditions see it.
pub(in crate::record) struct Facts<'a> {
    work: &'a Work,
    module: &'a Module,
    change: &'a Change,
}

impl<'a> Facts<'a> {
    pub(in crate::record) fn new(work: &'a Work, module: &'a Module, change: &'a Change) -> Self {
        Self { work, module, change }
    }

    /// Whether a condition holds for the record as it is to be.
    pub(in crate::record) fn hold(&self, condition: &Checked) -> Result<bool, Error> {
        self.evaluate(condition, &|path| self.now(path))
    }

    /// Whether a condition holds for the record as it was.
    pub(in crate::record) fn held(&self, condition: &Checked) -> Result<bool, Error> {
        self.evaluate(condition, &|path| match path.contains(['.', '(']) || path == "is_new" {
            true => self.now(path),
            false => self.before(path),
        })
    }

    fn evaluate(
        &self,
        condition: &Checked,
        fields: &(dyn Fn(&str) -> expr::Value + Sync),
    ) -> Result<bool, Error> {
        let user = self.work.actor.user.to_string();
        let env = values::env(self.work, &user, fields);
        Ok(expr::evaluate(condition, &env)? == expr::Value::Boolean(true))
    }

    fn now(&self, path: &str) -> expr::Value {
        let change = self.change;
        match path.split_once('.') {
            None if path == "is_new" => expr::Value::Boolean(change.before.is_none()),
            None => self.value(&change.data, change.stage, change.owner, path),
            Some((PAST, key)) => self.before(key),
            Some(("changed()", key)) => expr::Value::Boolean(self.is_changed(key)),
            Some(("has_role()", role)) => expr::Value::Boolean(self.work.actor.role_key() == role),
            Some(("user", "role")) => text(self.work.actor.role_key()),
            Some(("tenant", key)) => self.tenant(key),
            Some(("stage", key)) => of_stage(self.module, change.stage, key),
            Some(_) => expr::Value::Null,
        }
    }

    fn before(&self, key: &str) -> expr::Value {
        let Some(current) = &self.change.before else { return expr::Value::Null };
        self.value(&current.data, current.stage, current.owner, key)
    }

    fn value(&self, data: &Map<String, Value>, stage: i16, owner: Option<UserId>, key: &str) -> expr::Value {
        match key {
            _ if self.module.field(key).is_some() => self.module.value(data, key),
            "stage" => of_stage(self.module, stage, "key"),
            "owner" => owner.map_or(expr::Value::Null, |owner| text(&owner.to_string())),
            _ => expr::Value::Null,
        }
    }

    fn is_changed(&self, key: &str) -> bool {
        let change = self.change;
        match (self.module.field(key), &change.before) {
            (Some(_), _) => change.old(key) != change.data.get(key).unwrap_or(&Value::Null),
            (None, Some(current)) if key == "stage" => current.stage != change.stage,
            (None, Some(current)) => current.owner != change.owner,
            (None, None) => true,
        }
    }

    fn tenant(&self, key: &str) -> expr::Value {
        let workspace = &self.work.workspace;
        text(match key {
            "currency" => &workspace.locale.currency,
            "country" => &workspace.locale.country,
            "timezone" => workspace.locale.timezone.name(),
            _ => &workspace.language,
        })
    }
}

/// What a stage says of itself: its `key`, `probability` or `category`.
pub(in crate::record) fn of_stage(module: &Module, stage: i16, key: &str) -> expr::Value {
    let Some(stage) = module.stage_numbered(stage) else { return expr::Value::Null };
    match key {
        "key" => text(&stage.key),
        "probability" => {
            stage.probability.map_or(expr::Value::Null, |chance| expr::Value::Number(chance.into()))
        }
        _ => text(match stage.category {
            crate::pipeline::StageCategory::Open => "open",
            crate::pipeline::StageCategory::Won => "won",
            crate::pipeline::StageCategory::Lost => "lost",
        }),
    }
}

fn text(text: &str) -> expr::Value {
    expr::Value::Text(text.to_owned())
}
