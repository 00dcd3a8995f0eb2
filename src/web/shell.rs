//! The shell of a workspace: its modules in the sidebar, where the page stands, who has signed in.

use serde::Serialize;

use crate::access::{Capability, Scope, Verb};
use crate::field::Hue;
use crate::schema::Module;
use crate::view::Links;
use crate::work::Work;

/// Everything around a page of a workspace.
#[derive(Clone, Debug, Serialize)]
pub struct Shell {
    /// What people call the workspace.
    pub workspace: String,
    /// Its first letter.
    pub initial: String,
    /// Its first page.
    pub home_href: String,
    /// The page is the first one.
    pub at_home: bool,
    /// Its modules, as far as the actor may read them.
    pub modules: Vec<NavItem>,
    /// The search over all modules.
    pub search_href: String,
    /// The actor's tasks.
    pub tasks_href: String,
    /// What the actor is told.
    pub notifications_href: String,
    /// Modules and their fields; "" for whom they are not.
    pub settings_href: String,
    /// Members with their roles; "" for whom they are not.
    pub members_href: String,
    /// The page is about settings.
    pub at_settings: bool,
    /// The actor's name.
    pub user: String,
    /// Their initials.
    pub initials: String,
    /// Their e-mail address.
    pub email: String,
    /// What their role is called.
    pub role: String,
    /// Names local drafts.
    pub user_id: String,
    /// The way from the first page to this one, without it.
    pub crumbs: Vec<Crumb>,
    /// One step back, for phones; "" where there is none.
    pub back_href: String,
    /// The words of that step.
    pub back_label: String,
}

/// A module in the sidebar.
#[derive(Clone, Debug, Serialize)]
pub struct NavItem {
    /// "Patients"
    pub label: String,
    /// Its list.
    pub href: String,
    /// A Lucide icon name.
    pub icon: String,
    /// Its hue.
    pub hue: Hue,
    /// The page belongs to it.
    pub current: bool,
}

/// A step on the way.
#[derive(Clone, Debug, Serialize)]
pub struct Crumb {
    /// What people read.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// Where a page stands in its workspace.
#[derive(Clone, Copy)]
pub enum Standing<'a> {
    /// The first page.
    Home,
    /// The gallery of a new workspace.
    Welcome,
    /// A module's list.
    Module(&'a Module),
    /// Something below a module's list.
    Inside(&'a Module),
    /// Something below a record: the module, the record's title and page.
    Record(&'a Module, &'a str, &'a str),
    /// Settings.
    Settings,
    /// A page of a person's own.
    Elsewhere,
}

impl Shell {
    /// The shell around a page.
    pub fn new(work: &Work, links: &Links, standing: Standing<'_>) -> Self {
        let crumbs = crumbs(links, standing);
        let back = crumbs.last().cloned();
        let manages = work.actor.can(Capability::ManageSchema);
        let manages_members = work.actor.can(Capability::ManageMembers);
        Self {
            initial: initials(&work.workspace.name, 1),
            workspace: work.workspace.name.clone(),
            home_href: links.home(),
            search_href: links.search(),
            tasks_href: links.tasks(),
            notifications_href: links.notifications(),
            at_home: matches!(standing, Standing::Home),
            modules: nav(work, links, standing),
            settings_href: if manages { links.settings_modules() } else { String::new() },
            members_href: if manages_members { links.settings_members() } else { String::new() },
            at_settings: matches!(standing, Standing::Settings),
            initials: initials(&work.actor.name, 2),
            user: work.actor.name.clone(),
            email: work.actor.email.clone(),
            role: work.actor.role_label().to_owned(),
            user_id: work.actor.user.to_string(),
            crumbs,
            back_href: back.as_ref().map(|crumb| crumb.href.clone()).unwrap_or_default(),
            back_label: back.map(|crumb| crumb.label).unwrap_or_default(),
        }
    }
}

fn nav(work: &Work, links: &Links, standing: Standing<'_>) -> Vec<NavItem> {
    let current = match standing {
        Standing::Module(module) | Standing::Inside(module) | Standing::Record(module, ..) => module.key(),
        Standing::Home | Standing::Welcome | Standing::Settings | Standing::Elsewhere => "",
    };
    let readable =
        work.schema.modules().filter(|module| work.actor.scope(module.key(), Verb::Read) != Scope::None);
    let item = |module: &std::sync::Arc<Module>| NavItem {
        label: module.definition.label.many.clone(),
        href: links.module(module.key()),
        icon: module.definition.icon.clone(),
        hue: module.definition.hue,
        current: module.key() == current,
    };
    readable.map(item).collect()
}

fn crumbs(links: &Links, standing: Standing<'_>) -> Vec<Crumb> {
    let of_module = |module: &Module| Crumb {
        label: module.definition.label.many.clone(),
        href: links.module(module.key()),
    };
    match standing {
        Standing::Inside(module) => vec![of_module(module)],
        Standing::Record(module, title, href) => {
            vec![of_module(module), Crumb { label: title.to_owned(), href: href.to_owned() }]
        }
        Standing::Home
        | Standing::Welcome
        | Standing::Module(_)
        | Standing::Settings
        | Standing::Elsewhere => Vec::new(),
    }
}

/// The first letters of the first words.
fn initials(name: &str, most: usize) -> String {
    name.split_whitespace()
        .take(most)
        .filter_map(|word| word.chars().next())
        .flat_map(char::to_uppercase)
        .collect()
}
