//! What relation, member and stage controls offer to choose from.

use std::collections::HashMap;

use futures_util::future::{try_join_all, try_join3};

use super::form::Typed;
use super::{ModuleAccess, ViewContext};
use crate::access::{Scope, Verb};
use crate::db::DbError;
use crate::field::face::OptionFace;
use crate::field::{FaceContext, FieldKind};
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
        let relations = fields.into_iter().filter_map(|stored| Some((&stored.field.key, stored.target()?)));
        try_join_all(
            relations.map(async |(key, target)| {
                Ok::<_, record::Error>((key.clone(), self.offered(target).await?))
            }),
        )
        .await
    }

    async fn offered(&self, target: &str) -> Result<Vec<OptionFace>, record::Error> {
        let Some(module) = self.work.schema.module(target) else { return Ok(Vec::new()) };
        if self.work.actor.scope(target, Verb::Read) == Scope::None {
            return Ok(Vec::new());
        }
        let choices = record::choices(self.work, module, "", OFFERED).await?;
        let option = |choice: record::Choice| OptionFace::new(choice.id.to_string(), choice.title, false);
        Ok(choices.into_iter().map(option).collect())
    }

    /// Puts options into a relation's or member's control, the present choice always among them, and says where its
    /// picker asks for more.
    pub(super) fn offer(&self, face: &mut FaceContext, kind: &FieldKind, mut options: Vec<OptionFace>) {
        if matches!(kind, FieldKind::Members(_)) {
            return self.offer_several(face, options);
        }
        let chosen = face.text.clone();
        if !chosen.is_empty() && !options.iter().any(|option| option.key == chosen) {
            options.insert(0, OptionFace::new(chosen.clone(), face.title.clone(), true));
        }
        for option in &mut options {
            option.selected = option.key == chosen;
        }
        face.field.control.options = options;
        face.field.control.choices = match kind {
            FieldKind::Relation(relation) => self.links.choices(&relation.module),
            _ => self.links.members(),
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
        let relations = module.fields.iter().filter(|stored| stored.target().is_some() && wanted(stored));
        let relations: Vec<_> = relations.collect();
        let named = relations.iter().filter_map(|stored| typed.get(&stored.field.key)?.first()?.parse().ok());
        let named: Vec<RecordId> = named.collect();
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

fn is_member(stored: &StoredField) -> bool {
    matches!(stored.field.kind, FieldKind::Member(_) | FieldKind::Members(_))
}
