//! Field types. A field type is one pair of files, `kind/x.rs` and `kind/x.hbs`, and one line in the registry at
//! the foot of this file; validation, JSON Schema, forms, cells, filter operands, slots and tests follow from the
//! trait. This room never does I/O and never sees HTTP.

mod cast;
mod check;
mod convert;
mod country;
pub mod currency;
pub mod definition;
mod derived;
pub mod face;
mod field_type;
pub mod kind;
mod line_face;
pub mod lines;
mod link;
mod markdown;
mod number;
mod option;
mod pattern;
mod read;
mod registry;
pub mod rules;
pub mod value;

pub use check::field_schema;
pub use convert::{Converted, convert, may_convert};
pub use definition::{Field, FieldError, is_key};
pub use derived::{currency_of, settled};
pub use face::{Control, Face, FaceContext};
pub use field_type::FieldType;
pub use link::{Link, OnDelete};
pub use number::Exact;
pub use option::{ChoiceOption, Hue, OptionSet, check_change};
pub use pattern::Pattern;
pub use rules::FieldRules;
pub use value::{Accepted, Cast, Key, Locale, Reject, Sample};

registry::field_types! {
    Text => text,
    LongText => long_text,
    RichText => rich_text,
    Code => code,
    Choice => choice,
    MultiChoice => multi_choice,
    Tags => tags,
    Rating => rating,
    Integer => integer,
    Decimal => decimal,
    Money => money,
    Percent => percent,
    Boolean => boolean,
    Date => date,
    DateTime => date_time,
    Time => time,
    Duration => duration,
    Email => email,
    Phone => phone,
    Url => url,
    Address => address,
    Location => location,
    Color => color,
    Relation => relation,
    Relations => relations,
    Member => member,
    Members => members,
    AutoNumber => auto_number,
    LineItems => line_items,
    Json => json,
}
