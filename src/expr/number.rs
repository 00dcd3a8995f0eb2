//! Arithmetic of the language: decimal, rounded the same everywhere, empty instead of an error.

use rust_decimal::{Decimal, RoundingStrategy};

use super::syntax::{Factor, Sign};

/// Decimals that the result of an operation keeps.
pub const DECIMALS: u32 = 12;
/// A result whose magnitude reaches this is empty: 10^15, so that every result has at most 27 digits.
pub const MAGNITUDE: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);

/// `left` plus or minus `right`.
pub(super) fn add(left: Decimal, sign: Sign, right: Decimal) -> Option<Decimal> {
    settle(match sign {
        Sign::Plus => left.checked_add(right),
        Sign::Minus => left.checked_sub(right),
    })
}

/// `left` times, divided by, or modulo `right`; nothing is divided by zero.
pub(super) fn multiply(left: Decimal, factor: Factor, right: Decimal) -> Option<Decimal> {
    settle(match factor {
        Factor::Times => left.checked_mul(right),
        Factor::Over => left.checked_div(right),
        Factor::Remainder => left.checked_rem(right),
    })
}

/// `number` with at most `decimals` decimals, halves away from zero.
pub(super) fn round(number: Decimal, decimals: u32) -> Decimal {
    number.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

/// Brings the result of an operation to the precision that every engine of the language shares.
fn settle(result: Option<Decimal>) -> Option<Decimal> {
    result.map(|number| round(number, DECIMALS)).filter(|number| number.abs() < MAGNITUDE)
}
