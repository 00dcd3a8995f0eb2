//! Which stage a record is to be in.

use crate::pipeline::{PipelineDefinition, Stage};
use crate::record::error::Fault;
use crate::schema::Module;

/// The number of the stage in which a new record starts; 0 without a pipeline.
pub(in crate::record) fn first(module: &Module) -> i16 {
    module.default_pipeline().and_then(|pipeline| pipeline.stages.first()).map_or(0, |stage| stage.number)
}

/// The number of the stage that is named, if one is; a fault where there is none of that name. Without a pipeline's name
/// a stage is one of the present pipeline, else of the default one; without a stage's name it is the pipeline's first.
pub(in crate::record) fn number(
    module: &Module,
    (pipeline, stage): (Option<&str>, Option<&str>),
    present: i16,
    faults: &mut Vec<Fault>,
) -> Option<i16> {
    if pipeline.is_none() && stage.is_none() {
        return None;
    }
    let found = find(module, pipeline, stage, present);
    found.map_err(|fault| faults.push(fault)).ok().flatten().map(|stage| stage.number)
}

fn find<'m>(
    module: &'m Module,
    pipeline: Option<&str>,
    stage: Option<&str>,
    present: i16,
) -> Result<Option<&'m Stage>, Fault> {
    let present = module.placed(present);
    let own = present.map(|(pipeline, _)| pipeline).or_else(|| module.default_pipeline());
    let Some(own) = own else {
        let at = if pipeline.is_some() { "/pipeline" } else { "/stage" };
        return Err(Fault::new(at, "option", "Records of this module have no stages."));
    };
    let chosen = match pipeline {
        Some(key) => module.pipeline(key).ok_or_else(|| no_pipeline(module))?,
        None => own,
    };
    match (stage, present) {
        (Some(key), _) => chosen.stage(key).map(Some).ok_or_else(|| no_stage(module, chosen, key)),
        (None, Some((pipeline, stage))) if pipeline.key == chosen.key => Ok(Some(stage)),
        (None, _) => Ok(chosen.stages.first()),
    }
}

fn no_pipeline(module: &Module) -> Fault {
    let known: Vec<&str> = module.pipelines.iter().map(|pipeline| pipeline.key.as_str()).collect();
    Fault::new("/pipeline", "option", format!("Choose one of: {}.", known.join(", ")))
}

fn no_stage(module: &Module, pipeline: &PipelineDefinition, key: &str) -> Fault {
    let known: Vec<&str> = pipeline.stages.iter().map(|stage| stage.key.as_str()).collect();
    let elsewhere = module.pipelines.iter().find(|other| other.stage(key).is_some());
    let hint = elsewhere.map(|other| format!(" Name the pipeline {} too for its stage {key}.", other.key));
    let message = format!("Choose one of: {}.{}", known.join(", "), hint.unwrap_or_default());
    Fault::new("/stage", "option", message)
}
