//! What relation, member and stage controls offer to choose from.

use std::collections::HashMap;

use futures_util::future::{try_join_all, try_join3};

use super::form::Typed;
use super::{ModuleAccess, ViewContext};
use crate::access::{Scope, Verb};
use crate::db::DbError;
use crate::field::face::OptionFace;
use crate::field::{FaceContext, Field, FieldKind};
use crate::id::RecordId;
use crate::record;
use crate::schema::{Module, StoredField};
use crate::tenancy::{self, Member};
use crate::work::Work;

/// Records that a relation offers before anybody types.
const OFFERED: usize = 50;
/// Members that a picker offers.
const MEMBERS: i64 = 200;

/// Active members whose name or address begins with a text.
pub async fn members(work: &Work, starting_with: &str) -> Result<Vec<Member>, DbError> {
    tenancy::members(&work.tx, starting_with, MEMBERS).await
}

impl ViewContext<'_> {
    /// What the relations among `fields` offer, by field key. A target that the actor may not read offers nothing.
    pub(super) async fn relation_options(
        &self,
        fields: impl IntoIterator<Item = &StoredField>,
    ) -> Result<Vec<(String, Vec<OptionFace>)>, record::Error> {
        let relations = fields.into_iter().filter(|stored| !offered_modules(stored).is_empty());
        try_join_all(relations.map(async |stored| {
            Ok::<_, record::Error>((stored.field.key.clone(), self.offered(stored).await?))
        }))
        .await
    }

    async fn offered(&self, stored: &StoredField) -> Result<Vec<OptionFace>, record::Error> {
        let mut options = Vec::new();
        for target in offered_modules(stored) {
            let Some(module) = self.work.schema.module(target) else { continue };
            if self.work.actor.scope(target, Verb::Read) == Scope::None {
                continue;
            }
            let choices = record::choices_for(self.work, module, Some(stored), "", OFFERED).await?;
            options.extend(
                choices.into_iter().map(|choice| OptionFace::new(choice.id.to_string(), choice.title, false)),
            );
        }
        Ok(options)
    }

    /// Puts options into a relation's or member's control, the present choice always among them, and says where its
    /// picker asks for more. A relation to several modules offers what it has.
    pub(super) fn offer(
        &self,
        face: &mut FaceContext,
        module: &Module,
        field: &Field,
        mut options: Vec<OptionFace>,
    ) {
        if let FieldKind::LineItems(lines) = &field.kind {
            face.field.control.options = options;
            face.field.control.choices = self.links.choices(&lines.module, None);
            return;
        }
        if matches!(field.kind, FieldKind::Members(_)) {
            return self.offer_several(face, options);
        }
        let chosen = face.texts.clone();
        for id in chosen.iter().filter(|id| !id.is_empty()).rev() {
            if !options.iter().any(|option| option.key == *id) {
                let many = face.links.iter().find(|link| link.key == *id).map(|link| link.title.clone());
                let title = many.unwrap_or_else(|| face.title.clone());
                options.insert(0, OptionFace::new(id.clone(), title, true));
            }
        }
        for option in &mut options {
            option.selected = chosen.contains(&option.key);
        }
        face.field.control.options = options;
        face.field.control.choices = match field.kind.link() {
            Some(link) if link.is_mixed() => String::new(),
            Some(link) => {
                let target = link.targets.first().copied().unwrap_or_default();
                self.links.choices(target, Some(&format!("{}.{}", module.key(), field.key)))
            }
            None => self.links.members(),
        };
    }

    /// Whoever is chosen is among the options, also who has left since and is known by the chip beside the id.
    fn offer_several(&self, face: &mut FaceContext, mut options: Vec<OptionFace>) {
        for (id, chip) in face.texts.iter().zip(&face.chips) {
            if !options.iter().any(|option| option.key == *id) {
                options.push(OptionFace::new(id.clone(), chip.label.clone(), true));
            }
        }
        for option in &mut options {
            option.selected = face.texts.contains(&option.key);
        }
        face.field.control.options = options;
        face.field.control.choices = self.links.members();
    }
}

/// Members as options.
pub(super) fn member_options(members: &[Member]) -> Vec<OptionFace> {
    members
        .iter()
        .map(|member| OptionFace::new(member.user.to_string(), member.name.clone(), false))
        .collect()
}

/// What the controls of a form offer beyond the options of their fields.
pub(super) struct Offers {
    pub(super) relations: HashMap<String, Vec<OptionFace>>,
    pub(super) members: Vec<OptionFace>,
    pub(super) titles: HashMap<RecordId, String>,
}

impl Offers {
    pub(super) async fn load(
        ctx: ViewContext<'_>,
        module: &Module,
        typed: &Typed,
    ) -> Result<Self, record::Error> {
        Self::of(ctx, module, typed, true, |_| true).await
    }

    pub(super) async fn of_field(
        ctx: ViewContext<'_>,
        module: &Module,
        key: &str,
        typed: &Typed,
    ) -> Result<Self, record::Error> {
        let of_members = key == "owner" || module.field(key).is_some_and(is_member);
        Self::of(ctx, module, typed, of_members, |stored| stored.field.key == key).await
    }

    async fn of(
        ctx: ViewContext<'_>,
        module: &Module,
        typed: &Typed,
        of_members: bool,
        wanted: impl Fn(&StoredField) -> bool,
    ) -> Result<Self, record::Error> {
        let relations =
            module.fields.iter().filter(|stored| !offered_modules(stored).is_empty() && wanted(stored));
        let relations: Vec<_> = relations.collect();
        let named = relations.iter().filter_map(|stored| typed.get(&stored.field.key)).flatten();
        let named: Vec<RecordId> = named.filter_map(|text| text.parse().ok()).collect();
        let people = async {
            let needed = of_members
                && (ModuleAccess::of(ctx.work, module).assign || module.fields.iter().any(is_member));
            if needed { members(ctx.work, "").await } else { Ok(Vec::new()) }
        };
        let (relations, titles, members) = try_join3(
            ctx.relation_options(relations.iter().copied()),
            async { Ok(record::titles(ctx.work, &named).await?) },
            async { Ok::<_, record::Error>(people.await?) },
        )
        .await?;
        Ok(Self { relations: relations.into_iter().collect(), members: member_options(&members), titles })
    }
}

/// The modules whose records a field's control offers.
fn offered_modules(stored: &StoredField) -> Vec<&str> {
    match &stored.field.kind {
        FieldKind::LineItems(lines) => vec![&lines.module],
        kind => kind.link().map(|link| link.targets).unwrap_or_default(),
    }
}

fn is_member(stored: &StoredField) -> bool {
    matches!(stored.field.kind, FieldKind::Member(_) | FieldKind::Members(_))
}
