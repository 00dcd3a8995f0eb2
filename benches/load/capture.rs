//! Reads from PostgreSQL's log which statements Trellis sends for a request, so that pgbench is given those and no
//! others.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use regex::Regex;
use trellis::db::migrate::statements;

use super::row::Fallible;

/// A statement as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its text.
    pub sql: String,
    /// Its bound values as text, by number from 1 on.
    pub values: Vec<Option<String>>,
    /// Whether it was sent without a name, and so is planned for its own values every time.
    pub unnamed: bool,
}

/// Settings of the database that make new connections log everything.
pub const LOG_EVERYTHING: &[&str] = &[
    "alter database trellis set log_statement = 'all'",
    "alter database trellis set log_error_verbosity = 'default'",
];

/// Ends that again, for new connections.
pub const LOG_AS_USUAL: &[&str] =
    &["alter database trellis reset log_statement", "alter database trellis reset log_error_verbosity"];

/// Bytes that the log has now.
pub fn end_of(log: &Path) -> Fallible<usize> {
    Ok(usize::try_from(fs::metadata(log)?.len())?)
}

/// The statements that were logged after the byte `from`, of those connections that worked in the tenant, in order.
pub fn read(log: &Path, from: usize, tenant: &str) -> Fallible<Vec<Statement>> {
    let bytes = fs::read(log)?;
    let text = String::from_utf8_lossy(bytes.get(from..).unwrap_or_default());
    let entries = entries(&text)?;
    let inside: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.message.contains("app_set_tenant") && entry.message.contains(tenant))
        .map(|entry| entry.process)
        .collect();
    let mut found: Vec<Statement> = Vec::new();
    let mut last_of: HashMap<&str, usize> = HashMap::new();
    for entry in entries.iter().filter(|entry| inside.contains(&entry.process)) {
        match entry.level {
            "LOG" => {
                found.extend(statements_of(&entry.message)?);
                last_of.insert(entry.process, found.len() - 1);
            }
            "DETAIL" => {
                if let Some(statement) = last_of.get(entry.process).and_then(|at| found.get_mut(*at)) {
                    statement.values = values(&entry.message);
                }
            }
            _ => {}
        }
    }
    match found.is_empty() {
        true => Err(format!("the log {} shows no statements of the request", log.display()).into()),
        false => Ok(found),
    }
}

/// One message of the log.
#[derive(Debug)]
struct Entry<'a> {
    process: &'a str,
    level: &'a str,
    message: String,
}

/// Splits the log; a message goes on in lines that begin with a tab.
fn entries(text: &str) -> Fallible<Vec<Entry<'_>>> {
    let head = Regex::new(r"^\d{4}-\d\d-\d\d [0-9:.]+ \w+ \[(\d+)\] (\w+):\s+(.*)$")?;
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for line in text.lines() {
        if let Some(found) = head.captures(line) {
            let (_, [process, level, message]) = found.extract();
            entries.push(Entry { process, level, message: message.to_owned() });
        } else if let Some(entry) = entries.last_mut() {
            entry.message.push('\n');
            entry.message.push_str(line.strip_prefix('\t').unwrap_or(line));
        }
    }
    Ok(entries)
}

fn statements_of(message: &str) -> Fallible<Vec<Statement>> {
    let bare = |sql: &str, unnamed| Statement { sql: sql.trim().to_owned(), values: Vec::new(), unnamed };
    if let Some(sql) = message.strip_prefix("statement: ") {
        return Ok(statements(sql).into_iter().map(|sql| bare(sql, false)).collect());
    }
    let executed = message.strip_prefix("execute ").and_then(|rest| rest.split_once(": "));
    let (name, sql) = executed.ok_or_else(|| format!("the log says something unknown: {message}"))?;
    Ok(vec![bare(sql, name == "<unnamed>")])
}

/// `parameters: $1 = 'a', $2 = NULL`
fn values(detail: &str) -> Vec<Option<String>> {
    let mut values = Vec::new();
    let mut rest = detail;
    while let Some((_, after)) = rest.split_once(&format!("${} = ", values.len() + 1)) {
        let Some(quoted) = after.strip_prefix('\'') else {
            values.push(None);
            rest = after;
            continue;
        };
        let end = end_of_quoted(quoted);
        values.push(Some(quoted[..end].replace("''", "'")));
        rest = &quoted[end..];
    }
    values
}

/// Where the quote stands that is not doubled.
fn end_of_quoted(text: &str) -> usize {
    let mut at = 0;
    while let Some(found) = text[at..].find('\'') {
        at += found;
        match text[at + 1..].starts_with('\'') {
            true => at += 2,
            false => return at,
        }
    }
    text.len()
}
