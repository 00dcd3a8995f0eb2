//! Every route of the API and of the pages against the wall between two tenants: strangers, people of another workspace,
//! and people of this one who hold ids of another one. A route that nobody thought of here fails.

mod api;
mod around;
mod pages;
mod routes;
mod world;
