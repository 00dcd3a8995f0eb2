//! Addresses inside a workspace: the one place that knows how they are written, below a path or on a host of their own.

use url::form_urlencoded::Serializer;

use crate::id::{RecordId, UserId};

/// Writes addresses of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    base: String,
}

impl Links {
    /// Addresses that begin with `base`: `/t/{slug}`, or nothing where the host names the workspace.
    pub fn new(base: impl Into<String>) -> Self {
        Self { base: base.into() }
    }

    /// The workspace's first page.
    pub fn home(&self) -> String {
        format!("{}/", self.base)
    }

    /// The gallery in which a new workspace chooses its template.
    pub fn welcome(&self) -> String {
        format!("{}/welcome", self.base)
    }

    /// One template of that gallery.
    pub fn welcome_template(&self, template: &str) -> String {
        format!("{}/welcome/{template}", self.base)
    }

    /// Modules and their fields.
    pub fn settings_modules(&self) -> String {
        format!("{}/settings/modules", self.base)
    }

    /// Members with their roles and teams.
    pub fn settings_members(&self) -> String {
        format!("{}/settings/members", self.base)
    }

    /// Where a member is changed.
    pub fn member(&self, user: UserId) -> String {
        format!("{}/settings/members/{user}", self.base)
    }

    /// Whom a member picker finds.
    pub fn members(&self) -> String {
        format!("{}/members", self.base)
    }

    /// A module's list.
    pub fn module(&self, module: &str) -> String {
        format!("{}/m/{module}", self.base)
    }

    /// The form for a new record.
    pub fn new_record(&self, module: &str) -> String {
        format!("{}/m/{module}/new", self.base)
    }

    /// A module's board.
    pub fn board(&self, module: &str) -> String {
        format!("{}/m/{module}/board", self.base)
    }

    /// A module's trash.
    pub fn trash(&self, module: &str) -> String {
        format!("{}/m/{module}/trash", self.base)
    }

    /// The options of a choice.
    pub fn field_options(&self, module: &str, field: &str) -> String {
        format!("{}/m/{module}/fields/{field}/options", self.base)
    }

    /// What a picker finds in a module, of those that a relation (`module.field`) allows, where one is named.
    pub fn choices(&self, module: &str, relation: Option<&str>) -> String {
        let allowed = relation.map(|relation| format!("?for={relation}")).unwrap_or_default();
        format!("{}/m/{module}/choices{allowed}", self.base)
    }

    /// Where a field is added to a module.
    pub fn fields(&self, module: &str) -> String {
        format!("{}/m/{module}/fields", self.base)
    }

    /// A record's page.
    pub fn record(&self, module: &str, id: RecordId) -> String {
        format!("{}/m/{module}/r/{id}", self.base)
    }

    /// Something about a record: `edit`, `history`, `delete`, `restore`, `stage`.
    pub fn of_record(&self, module: &str, id: RecordId, what: &str) -> String {
        format!("{}/{what}", self.record(module, id))
    }

    /// A record's cell.
    pub fn cell(&self, module: &str, id: RecordId, field: &str) -> String {
        format!("{}/cell/{field}", self.record(module, id))
    }

    /// The pattern of a list's cells, with `{id}` and `{field}` to be filled in.
    pub fn cell_pattern(&self, module: &str) -> String {
        format!("{}/m/{module}/r/{{id}}/cell/{{field}}", self.base)
    }
}

/// Which records of a module a list shows, as its address says it; everything is "" where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListAddress {
    /// The list's path.
    pub path: String,
    /// The key of a view.
    pub view: String,
    /// A condition in the expression language.
    pub filter: String,
    /// Words to find.
    pub q: String,
    /// `-amount,name`
    pub sort: String,
}

impl ListAddress {
    /// The list of a path, without any condition.
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }

    /// The parameters that say something.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [("view", &self.view), ("filter", &self.filter), ("q", &self.q), ("sort", &self.sort)];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.as_str()))
    }

    /// The address.
    pub fn href(&self) -> String {
        self.at("")
    }

    /// The address of the page that a cursor names.
    pub fn at(&self, cursor: &str) -> String {
        let mut query = Serializer::new(String::new());
        for (name, value) in self.parameters() {
            query.append_pair(name, value);
        }
        if !cursor.is_empty() {
            query.append_pair("cursor", cursor);
        }
        match query.finish() {
            query if query.is_empty() => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }

    /// The same list under another condition.
    pub fn filtered(&self, filter: impl Into<String>) -> Self {
        Self { filter: filter.into(), ..self.clone() }
    }

    /// The same list in another order.
    pub fn sorted(&self, sort: impl Into<String>) -> Self {
        Self { sort: sort.into(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_address_says_only_what_there_is_to_say() {
        let bare = ListAddress::new("/m/deals");
        assert_eq!(bare.href(), "/m/deals");
        let filtered = bare.filtered("name == \"a&b\"").sorted("-amount");
        assert_eq!(filtered.href(), "/m/deals?filter=name+%3D%3D+%22a%26b%22&sort=-amount");
        assert_eq!(bare.at("abc"), "/m/deals?cursor=abc");
    }

    #[test]
    fn links_follow_the_address_mode() {
        assert_eq!(Links::new("/t/acme").module("deals"), "/t/acme/m/deals");
        assert_eq!(Links::new("").home(), "/");
    }
}
