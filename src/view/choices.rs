//! What relation, member and stage controls offer to choose from.

use futures_util::future::try_join_all;

use super::ViewContext;
use crate::access::{Scope, Verb};
use crate::db::DbError;
use crate::field::face::OptionFace;
use crate::field::{FaceContext, FieldKind};
use crate::record;
use crate::schema::StoredField;
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
}

/// Members as options.
pub(super) fn member_options(members: &[Member]) -> Vec<OptionFace> {
    members
        .iter()
        .map(|member| OptionFace::new(member.user.to_string(), member.name.clone(), false))
        .collect()
}
