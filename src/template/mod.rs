//! Industry templates: folders of YAML that a workspace is made from. This room composes the definitions of the rooms
//! above it and calls their functions; none of them knows that templates exist. Nothing half-valid leaves it.

mod catalogue;
mod check;
mod document;
mod format;
mod install;
mod load;
mod node;
mod order;
mod problem;
mod samples;
mod shape;
mod source;
mod store;
mod yaml;

pub use catalogue::{Catalogue, ModuleSummary, Summary, sources};
pub use document::{Change, Expression, Manifest, SampleRecord, SampleRef, SampleSet, SampleValue, Template};
pub use format::FileKind;
pub use install::{InstallError, InstallOptions, Installed, install};
pub use load::load;
pub use node::Position;
pub use problem::Problem;
pub use samples::SampleFault;
pub use source::Source;
