//! `trellis template check|list|show`: industry templates on the command line, without a database.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::access::role::RoleDefinition;
use crate::pipeline::PipelineDefinition;
use crate::schema::definition::ModuleDefinition;
use crate::template::{self, Catalogue, Problem, Summary, Template};

/// What to do with templates.
#[derive(Debug, Subcommand)]
pub enum TemplateCommand {
    /// Check template folders: every problem with its file, line and column
    Check {
        /// Template folders, or folders of template folders
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// List the templates that a workspace can be made from
    List {
        /// Folders with further templates
        #[arg(long = "templates", value_name = "DIR")]
        folders: Vec<PathBuf>,
    },
    /// Show one template: modules, fields, pipelines, roles
    Show {
        /// The template's key, such as hospital
        key: String,
        /// Folders with further templates
        #[arg(long = "templates", value_name = "DIR")]
        folders: Vec<PathBuf>,
    },
}

/// Runs the command and writes what it says. The exit code is 1 where something is wrong with a template.
pub fn run(command: &TemplateCommand, out: &mut impl Write) -> io::Result<ExitCode> {
    match command {
        TemplateCommand::Check { paths } => check(paths, out),
        TemplateCommand::List { folders } => list(&Catalogue::new(folders), out),
        TemplateCommand::Show { key, folders } => show(&Catalogue::new(folders), key, out),
    }
}

fn check(paths: &[PathBuf], out: &mut impl Write) -> io::Result<ExitCode> {
    let mut problems = 0;
    for path in paths {
        problems += check_path(path, out)?;
    }
    if problems == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{}", counted(problems, "problem"))?;
    Ok(ExitCode::FAILURE)
}

fn check_path(path: &Path, out: &mut impl Write) -> io::Result<usize> {
    let sources = match template::sources(path) {
        Ok(sources) => sources,
        Err(error) => {
            writeln!(out, "{}: cannot be read: {error}", path.display())?;
            return Ok(1);
        }
    };
    let mut problems = 0;
    for source in &sources {
        match template::load(source) {
            Ok(template) => writeln!(out, "{}: ok ({})", source.name(), counts(&template.summary()))?,
            Err(found) => {
                problems += found.len();
                write_problems(&found, out)?;
            }
        }
    }
    Ok(problems)
}

fn counts(summary: &Summary) -> String {
    let counts = [
        (summary.modules.len(), "module"),
        (summary.fields, "field"),
        (summary.pipelines, "pipeline"),
        (summary.roles, "role"),
        (summary.samples, "sample record"),
    ];
    counts.map(|(count, word)| counted(count, word)).join(", ")
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

fn write_problems(problems: &[Problem], out: &mut impl Write) -> io::Result<()> {
    problems.iter().try_for_each(|problem| writeln!(out, "{problem}"))
}

fn list(catalogue: &Catalogue, out: &mut impl Write) -> io::Result<ExitCode> {
    for template in catalogue.list() {
        let summary = template.summary();
        writeln!(out, "{:<14} {:<8} {} ({})", summary.key, summary.version, summary.name, counts(&summary))?;
    }
    write_problems(catalogue.rejected(), out)?;
    Ok(if catalogue.rejected().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(catalogue: &Catalogue, key: &str, out: &mut impl Write) -> io::Result<ExitCode> {
    let Some(template) = catalogue.get(key) else {
        let known: Vec<&str> = catalogue.list().map(|template| template.manifest.key.as_str()).collect();
        writeln!(out, "there is no template '{key}'; there are: {}", known.join(", "))?;
        write_problems(catalogue.rejected(), out)?;
        return Ok(ExitCode::FAILURE);
    };
    show_manifest(template, out)?;
    template.modules.iter().try_for_each(|module| show_module(module, out))?;
    template.pipelines.iter().try_for_each(|pipeline| show_pipeline(pipeline, out))?;
    writeln!(out, "\nRoles")?;
    template.roles.iter().try_for_each(|role| show_role(role, out))?;
    Ok(ExitCode::SUCCESS)
}

fn show_manifest(template: &Template, out: &mut impl Write) -> io::Result<()> {
    let manifest = &template.manifest;
    writeln!(out, "{} {} ({})", manifest.name, manifest.version, manifest.key)?;
    writeln!(out, "{}", manifest.summary)?;
    writeln!(out, "{}", counts(&template.summary()))?;
    writeln!(out, "{}, {}, {}", manifest.currency, manifest.country, manifest.timezone)?;
    writeln!(out, "content {}", template.content_hash)
}

fn show_module(module: &ModuleDefinition, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{} ({})", module.label.many, module.key)?;
    for field in &module.fields {
        let mut marks = vec![field.kind.type_key()];
        marks.extend(field.required.then_some("required"));
        marks.extend(field.unique.then_some("unique"));
        writeln!(out, "  {:<24} {:<28} {}", field.key, field.label, marks.join(", "))?;
    }
    for view in &module.views {
        writeln!(out, "  view {}: {}", view.key, view.columns.join(", "))?;
    }
    Ok(())
}

fn show_pipeline(pipeline: &PipelineDefinition, out: &mut impl Write) -> io::Result<()> {
    let stages: Vec<&str> = pipeline.stages.iter().map(|stage| stage.label.as_str()).collect();
    writeln!(out, "\nPipeline {} of {}: {}", pipeline.label, pipeline.module, stages.join(" → "))
}

fn show_role(role: &RoleDefinition, out: &mut impl Write) -> io::Result<()> {
    let extends = role.extends.as_ref().map(|key| format!(", extends {key}")).unwrap_or_default();
    writeln!(out, "  {} ({}{extends})", role.label, role.key)?;
    for (module, grants) in &role.modules {
        let condition = &grants.condition;
        let grants: Vec<String> =
            grants.verbs.iter().map(|(verb, scope)| format!("{} {}", word(verb), word(scope))).collect();
        let condition = condition.as_ref().map(|text| format!(" where {text}")).unwrap_or_default();
        writeln!(out, "    {module}: {}{condition}", grants.join(", "))?;
    }
    for (field, access) in &role.fields {
        writeln!(out, "    {field}: {}", word(access))?;
    }
    Ok(())
}

/// The word that a template uses for a verb or a scope.
fn word(value: &impl serde::Serialize) -> String {
    let word = serde_json::to_value(value).ok();
    word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}
