//! Lines, products and what they cost: priced by the engine, added up exactly, overridden only in the open.

mod books;
mod pages;
mod policy;
mod rates;
mod shop;
mod sums;
mod templates;
mod trail;

pub use shop::Shop;
