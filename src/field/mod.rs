//! Field types. A field type is one pair of files, `kind/x.rs` and `kind/x.hbs`, and one line in the registry at
//! the foot of this file; validation, JSON Schema, forms, cells, filter operands, slots and tests follow from the
//! trait. This room never does I/O and never sees HTTP.

mod check;
pub mod currency;
pub mod definition;
pub mod face;
mod field_type;
pub mod kind;
mod number;
mod option;
mod pattern;
mod read;
mod registry;
pub mod value;

pub use check::field_schema;
pub use definition::{Field, FieldError, is_key};
pub use face::{Control, Face, FaceContext};
pub use field_type::FieldType;
pub use number::Exact;
pub use option::{ChoiceOption, Hue};
pub use pattern::Pattern;
pub use value::{Accepted, Cast, Key, Locale, Reject, Sample};

registry::field_types! {
    Text => text,
    LongText => long_text,
    Choice => choice,
    MultiChoice => multi_choice,
    Integer => integer,
    Decimal => decimal,
    Money => money,
    Percent => percent,
    Boolean => boolean,
    Date => date,
    DateTime => date_time,
    Email => email,
    Phone => phone,
    Url => url,
    Relation => relation,
    Member => member,
    AutoNumber => auto_number,
}
