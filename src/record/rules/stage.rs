//! Which stage a record is to be in.

use crate::record::error::Fault;
use crate::schema::Module;

/// The number of the stage in which a new record starts; 0 without a pipeline.
pub(in crate::record) fn first(module: &Module) -> i16 {
    module.pipeline.as_ref().and_then(|pipeline| pipeline.stages.first()).map_or(0, |stage| stage.number)
}

/// The number of the stage that is named, if one is; a fault where there is none of that name.
pub(in crate::record) fn number(module: &Module, key: Option<&str>, faults: &mut Vec<Fault>) -> Option<i16> {
    let key = key?;
    let stage = module.stage(key).map(|stage| stage.number);
    if stage.is_none() {
        let stages =
            module.pipeline.iter().flat_map(|pipeline| &pipeline.stages).map(|stage| stage.key.as_str());
        let known = stages.collect::<Vec<_>>().join(", ");
        let message = match known.is_empty() {
            true => "Records of this module have no stages.".to_owned(),
            false => format!("Choose one of: {known}."),
        };
        faults.push(Fault::new("/stage", "option", message));
    }
    stage
}
