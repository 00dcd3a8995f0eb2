//! What a line comes to, and what all lines come to: every amount is rounded where it arises, and totals are sums of
//! rounded amounts, so that what is added up on paper agrees to the last digit.

use rust_decimal::{Decimal, RoundingStrategy};

/// The largest amount, as of money anywhere: 10^15.
pub const LIMIT: i64 = 1_000_000_000_000_000;

/// What is taken off the price of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discount {
    /// So many hundredths of quantity × price.
    Percent(Decimal),
    /// A sum.
    Amount(Decimal),
}

/// What a line is computed from. Amounts have the digits of the currency's minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How many.
    pub quantity: Decimal,
    /// For each.
    pub unit_price: Decimal,
    /// Taken off the line.
    pub discount: Option<Discount>,
    /// Hundredths of the extended price.
    pub tax: Option<Decimal>,
}

/// What a line comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineSums {
    /// Quantity × price.
    pub gross: Decimal,
    /// What is taken off.
    pub discount: Decimal,
    /// What is left of it, before tax.
    pub extended: Decimal,
    /// The tax on that.
    pub tax: Decimal,
}

/// What lines come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Σ quantity × price.
    pub subtotal: Decimal,
    /// Σ discounts.
    pub discount: Decimal,
    /// Σ taxes.
    pub tax: Decimal,
    /// Subtotal − discounts + taxes.
    pub total: Decimal,
}

/// Why a line has no sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An amount beyond [`LIMIT`].
    #[error("the amount is too big")]
    TooBig,
    /// More is taken off than there is.
    #[error("the discount is greater than the price")]
    DiscountTooBig,
}

/// Rounds an amount to the digits of a currency's minor unit, a half away from zero: 0.125 is 0.13, −0.125 is −0.13.
pub fn round(amount: Decimal, scale: u32) -> Decimal {
    let mut rounded = amount.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(scale);
    rounded
}

/// A percentage of an amount, rounded. The factors have so few digits that the product is exact before it is rounded.
fn percentage(amount: Decimal, percent: Decimal, scale: u32) -> Result<Decimal, Refusal> {
    let hundredth = percent.checked_mul(Decimal::new(1, 2)).ok_or(Refusal::TooBig)?;
    within(round(amount.checked_mul(hundredth).ok_or(Refusal::TooBig)?, scale))
}

fn within(amount: Decimal) -> Result<Decimal, Refusal> {
    if amount.abs() > Decimal::from(LIMIT) { Err(Refusal::TooBig) } else { Ok(amount) }
}

impl Terms {
    /// What the line comes to in a currency of so many digits.
    pub fn sums(&self, scale: u32) -> Result<LineSums, Refusal> {
        let product = self.quantity.checked_mul(self.unit_price).ok_or(Refusal::TooBig)?;
        let gross = within(round(product, scale))?;
        let discount = match self.discount {
            None => round(Decimal::ZERO, scale),
            Some(Discount::Percent(percent)) => percentage(gross, percent, scale)?,
            Some(Discount::Amount(amount)) => round(amount, scale),
        };
        if discount > gross {
            return Err(Refusal::DiscountTooBig);
        }
        let extended = gross - discount;
        let tax = percentage(extended, self.tax.unwrap_or_default(), scale)?;
        Ok(LineSums { gross, discount, extended, tax })
    }
}

impl Totals {
    /// The sums of lines in a currency of so many digits.
    pub fn of(lines: impl IntoIterator<Item = LineSums>, scale: u32) -> Result<Self, Refusal> {
        let mut totals = Self::default();
        for line in lines {
            totals.subtotal = within(totals.subtotal + line.gross)?;
            totals.discount = within(totals.discount + line.discount)?;
            totals.tax = within(totals.tax + line.tax)?;
        }
        totals.total = within(totals.subtotal - totals.discount + totals.tax)?;
        for amount in [&mut totals.subtotal, &mut totals.discount, &mut totals.tax, &mut totals.total] {
            amount.rescale(scale);
        }
        Ok(totals)
    }
}

/// The least extended price that a limit of so many percent leaves of a quantity at its list price. It is the same
/// whether less is asked by a discount or by another price.
pub fn least(terms: &Terms, list_price: Decimal, limit: Decimal, scale: u32) -> Result<Decimal, Refusal> {
    let discount = Some(Discount::Percent(limit));
    Ok(Terms { unit_price: list_price, discount, ..*terms }.sums(scale)?.extended)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    /// `units` of 10^-scale × `factor` of 10^-digits, rounded by integers alone: the rule, written down a second time.
    fn times(units: i128, factor: i128, digits: u32) -> i128 {
        let (product, one) = (units * factor, 10_i128.pow(digits));
        let (whole, rest) = (product / one, product % one);
        whole + i128::from(2 * rest >= one)
    }

    /// One line in thousandths of pieces, minor units of money and hundredths of percents.
    #[derive(Clone, Debug)]
    struct Sample {
        quantity: i128,
        price: i128,
        percent: Option<i128>,
        tax: i128,
    }

    impl Sample {
        fn terms(&self, scale: u32) -> Terms {
            Terms {
                quantity: Decimal::from_i128_with_scale(self.quantity, 3),
                unit_price: Decimal::from_i128_with_scale(self.price, scale),
                discount: self
                    .percent
                    .map(|percent| Discount::Percent(Decimal::from_i128_with_scale(percent, 2))),
                tax: Some(Decimal::from_i128_with_scale(self.tax, 2)),
            }
        }

        /// Gross, discount and tax in minor units.
        fn units(&self) -> (i128, i128, i128) {
            let gross = times(self.price, self.quantity, 3);
            let discount = times(gross, self.percent.unwrap_or_default(), 4);
            (gross, discount, times(gross - discount, self.tax, 4))
        }
    }

    fn sample() -> impl Strategy<Value = Sample> {
        let percent = prop::option::of(0..=10_000_i128);
        (1_000..1_000_000_000_i128, 0..1_000_000_i128, percent, 0..=10_000_i128)
            .prop_map(|(quantity, price, percent, tax)| Sample { quantity, price, percent, tax })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn sums_are_those_of_integers(samples in prop::collection::vec(sample(), 0..40), scale in 0..=3_u32) {
            let (mut subtotal, mut discount, mut tax) = (0, 0, 0);
            let mut lines = Vec::new();
            for sample in &samples {
                let sums = sample.terms(scale).sums(scale).expect("a small line has sums");
                let units = sample.units();
                prop_assert_eq!(sums.gross, Decimal::from_i128_with_scale(units.0, scale), "{:?}", sample);
                prop_assert_eq!(sums.discount, Decimal::from_i128_with_scale(units.1, scale), "{:?}", sample);
                prop_assert_eq!(sums.extended, sums.gross - sums.discount);
                prop_assert_eq!(sums.tax, Decimal::from_i128_with_scale(units.2, scale), "{:?}", sample);
                (subtotal, discount, tax) = (subtotal + units.0, discount + units.1, tax + units.2);
                lines.push(sums);
            }
            let totals = Totals::of(lines, scale).expect("small lines have totals");
            prop_assert_eq!(totals.total, Decimal::from_i128_with_scale(subtotal - discount + tax, scale));
            prop_assert_eq!(totals.total.scale(), scale);
        }

        #[test]
        fn the_greatest_discount_that_is_allowed_is_allowed(sample in sample(), scale in 0..=3_u32) {
            let terms = sample.terms(scale);
            let limit = Decimal::from_i128_with_scale(sample.percent.unwrap_or_default(), 2);
            let least = least(&terms, terms.unit_price, limit, scale).expect("a small line has sums");
            let at_limit = Terms { discount: Some(Discount::Percent(limit)), ..terms }.sums(scale).expect("sums");
            prop_assert!(at_limit.extended >= least);
        }

        #[test]
        fn no_terms_however_large_panic(quantity in any::<i64>(), price in any::<i64>(), percent in any::<i64>()) {
            let (price, discount) = (Decimal::from(price), Some(Discount::Percent(percent.into())));
            let terms = Terms { quantity: quantity.into(), unit_price: price, discount, tax: Some(percent.into()) };
            let _ = terms.sums(3).and_then(|sums| Totals::of([sums, sums], 3));
        }
    }

    #[test]
    fn a_half_goes_away_from_zero() {
        for (amount, scale, rounded) in [
            ("0.125", 2, "0.13"),
            ("-0.125", 2, "-0.13"),
            ("2.5", 0, "3"),
            ("7", 2, "7.00"),
            ("0.1249", 2, "0.12"),
        ] {
            assert_eq!(round(decimal(amount), scale).to_string(), rounded, "{amount}");
        }
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let terms = |quantity: &str, price: &str, discount| Terms {
            quantity: decimal(quantity),
            unit_price: decimal(price),
            discount,
            tax: None,
        };
        let ten = Some(Discount::Amount(decimal("10.01")));
        assert_eq!(terms("2", "5.00", ten).sums(2), Err(Refusal::DiscountTooBig));
        assert_eq!(terms("1000000000", "1000001.00", None).sums(2), Err(Refusal::TooBig));
        let half = terms("1", "600000000000000.00", None).sums(2).expect("below the limit");
        assert_eq!(Totals::of([half, half], 2), Err(Refusal::TooBig));
    }
}
