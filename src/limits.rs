//! Every limit of the system, in one table (docs/reference/limits.md shows it to operators).

/// Bytes of a request body.
pub const BODY_BYTES: usize = 1024 * 1024;
/// Nesting of a JSON body.
pub const JSON_DEPTH: usize = 32;
/// Keys of one JSON object in a request.
pub const JSON_KEYS: usize = 500;
/// Records that a change copies a looked-up value to at once; more are brought up by the worker.
pub const DEPENDENTS: usize = 200;
/// Records whose derived values are computed in the request that adds the field; more are brought up by the worker.
pub const RECOMPUTED_AT_ONCE: i64 = 10_000;
/// Bytes of a text value.
pub const TEXT_BYTES: usize = 64 * 1024;
/// Lines of a line items field, removed ones too.
pub const LINES: usize = 500;
/// Options of a choice.
pub const OPTIONS: usize = 500;
/// Option sets of a tenant.
pub const OPTION_SETS: usize = 200;
/// Records whose values one request converts to another type.
pub const CONVERT_RECORDS: i64 = 10_000;
/// Records that one request sorts anew, after the options of a choice have changed places.
pub const RANK_RECORDS: i64 = 100_000;
/// Fields of a module.
pub const FIELDS_PER_MODULE: usize = 300;
/// Modules whose records one relation may point to.
pub const RELATION_MODULES: usize = 10;
/// Records that a field of several relations holds.
pub const RELATED: usize = 100;
/// Records that go to the trash, or are changed, because another one goes.
pub const DEPARTING: usize = 1_000;
/// Records from one up to its last parent, where a module points to itself.
pub const ANCESTORS: usize = 100;
/// Related records that one answer embeds on each level.
pub const EXPANDED: usize = 1_000;
/// Teams of a tenant.
pub const TEAMS: usize = 500;
/// Modules of a tenant.
pub const MODULES: usize = 100;
/// Pipelines of a module.
pub const PIPELINES_PER_MODULE: usize = 20;
/// Stages of a pipeline.
pub const STAGES: usize = 50;
/// Records that are moved at once when their stage or pipeline goes away.
pub const STAGE_MOVES: i64 = 10_000;
/// Cards in a stage of a board when the caller does not say.
pub const BOARD_CARDS: usize = 20;
/// Records on a page when the caller does not say.
pub const PAGE_DEFAULT: usize = 25;
/// Records on a page at most.
pub const PAGE_MAX: usize = 100;
/// Sort keys of a list.
pub const SORT_KEYS: usize = 3;
/// Keys that records are grouped by.
pub const GROUP_KEYS: usize = 2;
/// Results that are worked out of a group.
pub const MEASURES: usize = 10;
/// Groups of an answer.
pub const GROUPS: usize = 500;
/// A capped count stops here.
pub const COUNT_CAP: i64 = 10_000;
/// Candidates that a contains-search looks at.
pub const SEARCH_CANDIDATES: i64 = 1_000;
/// Bytes of an expression's source.
pub const EXPRESSION_BYTES: usize = 4 * 1024;
/// Nodes of an expression.
pub const EXPRESSION_NODES: usize = 256;
/// Nesting of an expression.
pub const EXPRESSION_DEPTH: usize = 16;
/// Characters of a pattern in a field definition.
pub const PATTERN_CHARS: usize = 256;
/// Bytes that a compiled pattern may take.
pub const PATTERN_COMPILED_BYTES: usize = 64 * 1024;
/// Bytes of a value that has a pattern.
pub const PATTERN_VALUE_BYTES: usize = 4 * 1024;
/// Failed sign-ins for one account in 15 minutes.
pub const SIGN_IN_FAILURES_PER_ACCOUNT: i64 = 5;
/// Failed sign-ins from one address in 15 minutes.
pub const SIGN_IN_FAILURES_PER_ADDRESS: i64 = 50;
/// Sessions of one user; the oldest ends when one more starts.
pub const SESSIONS_PER_USER: i64 = 20;
/// Bytes of a CSV field in an import.
pub const IMPORT_FIELD_BYTES: usize = 64 * 1024;
/// Bytes of a CSV record in an import.
pub const IMPORT_RECORD_BYTES: usize = 1024 * 1024;
/// Bytes of a file that is imported.
pub const IMPORT_FILE_BYTES: u64 = 1024 * 1024 * 1024;
/// Rows of a file that is imported.
pub const IMPORT_ROWS: u64 = 5_000_000;
/// Columns of a file that is imported.
pub const IMPORT_COLUMNS: usize = 1_000;
/// Bytes of an import's mapping file.
pub const IMPORT_MAPPING_BYTES: u64 = 1024 * 1024;
/// Bytes of one template file.
pub const TEMPLATE_FILE_BYTES: usize = 1024 * 1024;
/// Records that one bulk request changes at once; more become a job.
pub const BULK_INLINE: usize = 500;
/// Records that a bulk request may name.
pub const BULK_ITEMS: usize = 10_000;
/// Refused records that a job keeps with their problems.
pub const BULK_PROBLEMS: usize = 1_000;
/// Characters of an Idempotency-Key.
pub const IDEMPOTENCY_KEY_CHARS: usize = 255;
/// Rules of a module that make several fields unique together, and duplicate rules of a module.
pub const RULES_PER_MODULE: usize = 10;
/// Records that are compared with one for each trait by which duplicates are found.
pub const DUPLICATE_CANDIDATES: i64 = 100;
