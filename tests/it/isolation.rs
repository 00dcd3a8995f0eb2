//! Tenants kept apart, seen from the runtime role's own connections: without a tenant there is nothing, with one there is
//! one, whatever is tried; and a request that is cut short leaves no trace on its connection.

mod cancelled;
mod connection;
mod context;
mod powerful_role;
mod twins;
