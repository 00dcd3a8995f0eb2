//! Paths through relations: a sub-select on the record that a relation leads to, by its id, with the tenant pinned, and
//! as far as the actor may read it. What is out of reach is as if the relation were empty.

use tokio_postgres::types::Type;

use super::reach::{self, Rows};
use super::{Translator, Untranslatable};
use crate::access::Read;
use crate::record::sql::Binder;
use crate::schema::Module;

/// The names of the record and of those one and two steps away.
const ALIASES: [&str; 3] = ["r", "p", "q"];

/// The first relation of a path and what follows it; None for a field of the record itself.
pub(super) fn step(path: &str) -> Option<(&str, &str)> {
    path.split_once('.')
}

impl Translator<'_, '_> {
    /// A value of the record that the relation `key` leads to, null where there is none.
    pub(super) fn value_through(
        &mut self,
        key: &str,
        value: impl FnOnce(&mut Translator<'_, '_>) -> Result<String, Untranslatable>,
    ) -> Result<String, Untranslatable> {
        let (value, records) = self.through(key, value)?;
        Ok(format!("(select {value} {records})"))
    }

    /// Whether a condition holds for the record that the relation `key` leads to.
    pub(super) fn holds_through(
        &mut self,
        key: &str,
        condition: impl FnOnce(&mut Translator<'_, '_>) -> Result<String, Untranslatable>,
    ) -> Result<String, Untranslatable> {
        let (condition, records) = self.through(key, condition)?;
        Ok(format!("exists (select {records} and {condition})"))
    }

    /// What is said of the record at the other end, and `from … where …` with that record.
    fn through(
        &mut self,
        key: &str,
        said: impl FnOnce(&mut Translator<'_, '_>) -> Result<String, Untranslatable>,
    ) -> Result<(String, String), Untranslatable> {
        let unknown = || Untranslatable(key.to_owned());
        let target = self.module.field(key).and_then(|stored| stored.target()).ok_or_else(unknown)?;
        let module = self.work.schema.module(target).ok_or_else(unknown)?;
        let near = self.alias;
        let at = ALIASES.iter().position(|alias| *alias == near).unwrap_or_default();
        let far = *ALIASES.get(at + 1).ok_or_else(unknown)?;
        let tenant = self.binder.bind(self.work.tx.tenant(), Type::UUID);
        let number = self.binder.bind(module.number, Type::INT2);
        let rows = Rows { alias: far, tenant: &tenant, module: &number };
        let within = match self.work.actor.permit::<Read>(target) {
            Ok(permit) => reach::within(&permit.reach(), (self.work, module), &rows, self.env, self.binder)?,
            Err(_) => Some("false".to_owned()),
        };
        let within = within.map(|within| format!(" and {within}")).unwrap_or_default();
        let key = self.binder.text(key);
        let records = format!(
            "from records {far} where {far}.tenant_id = {tenant} and {far}.module = {number}
               and {far}.id = ({near}.data ->> {key})::uuid{within}"
        );
        let mut there =
            Translator { work: self.work, module, alias: far, env: self.env, binder: &mut *self.binder };
        Ok((said(&mut there)?, records))
    }

    /// What `end` says of the record at the end of several relations.
    pub(super) fn along(
        &mut self,
        via: &[String],
        end: &mut dyn FnMut(&'static str, &Module, &mut Binder) -> String,
    ) -> Result<String, Untranslatable> {
        match via {
            [] => Ok(end(self.alias, self.module, self.binder)),
            [key, rest @ ..] => self.value_through(key, |there| there.along(rest, end)),
        }
    }
}
