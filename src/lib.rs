//! Trellis: pick your industry, get your CRM. This file is the map: one line and one sentence per room, in tier
//! order. A room may use rooms of the tiers above its own, and inside its tier only those that
//! `tests/it/tidy/arrows.rs` lists with a reason.

// Tier 1, ground: what everything stands on.
/// Bytes outside the database, kept by their hash.
pub mod blob;
/// The time, as a value that tests can fix.
pub mod clock;
/// The only way to PostgreSQL: pools, transactions bound to a tenant, migrations.
pub mod db;
/// The private PostgreSQL server that Trellis runs when it is given no database.
pub mod embedded;
/// The expression language: parse, type-check, evaluate.
pub mod expr;
/// Typed ids; a `TenantId` comes only out of a database row.
pub mod id;
/// Every limit of the system, in one table.
pub mod limits;

// Tier 2, vocabulary: what a tenant's data is.
/// Field types: what each stores, how it is checked, compared and shown.
pub mod field;
/// What a quantity at a price comes to, with discount and tax, by one rounding rule.
pub mod line;
/// Pipelines and their stages.
pub mod pipeline;
/// Modules and their fields: a tenant's compiled schema, its cache and its changes.
pub mod schema;

// Tier 3, people: who acts, and what they may do.
/// Roles, permission matrix, and the permits that record functions ask for.
pub mod access;
/// Answers that are given again when the same request comes twice.
pub mod idempotency;
/// Users, passwords, sign-in and sessions.
pub mod identity;
/// Tenants and memberships.
pub mod tenancy;
/// Everything that one request or job may hold.
pub mod work;

// Tier 4, journals: what happened.
/// The append-only log of who did what.
pub mod audit;
/// The outbox of events.
pub mod event;
/// The queue of work in the background: who asked for what, and how far it has come.
pub mod job;
/// What currencies are worth, from day to day.
pub mod rate;

// Tier 5, engine: records and how they are looked at.
/// What stands around a record: activities, comments, followers, tasks, notifications, files.
pub mod around;
/// Changes that a tenant makes to its own schema.
pub mod customize;
/// Bringing data in from files, every row accounted for.
pub mod intake;
/// Create, read, list, update, delete and restore records of any module.
pub mod record;
/// Members with their roles, and teams: changed with permission, and audited.
pub mod roster;
/// Views that people save of a module.
pub mod saved_view;
/// View models: what list, form and record pages show.
pub mod view;

// Tier 6, packaging.
/// Industry templates: load, check, install.
pub mod template;

// Tier 7, delivery.
/// The JSON API.
pub mod api;
/// What API and pages share at the HTTP edge.
pub mod http;
/// The server-rendered pages.
pub mod web;
/// Work in the background.
pub mod worker;

// Root: puts the rooms together.
/// Composition root: the application state and its router.
pub mod app;
/// The command line.
pub mod cli;
/// Typed settings, read once.
pub mod config;
