//! One file pair a field type.

pub mod auto_number;
pub mod boolean;
pub mod choice;
pub mod date;
pub mod date_time;
pub mod decimal;
pub mod email;
pub mod integer;
pub mod long_text;
pub mod member;
pub mod money;
pub mod multi_choice;
pub mod percent;
pub mod phone;
pub mod relation;
pub mod text;
pub mod url;
