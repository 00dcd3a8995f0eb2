//! Currencies of ISO 4217 and the digits of their minor units.

/// Codes whose minor unit has two digits.
const TWO_DIGITS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD \
    CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL \
    HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR \
    MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD \
    SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR \
    ZMW ZWG";
/// Codes without a minor unit.
const NO_DIGITS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
/// Codes whose minor unit has three digits.
const THREE_DIGITS: &str = "BHD IQD JOD KWD LYD OMR TND";

/// Digits after the point of an amount in this currency; none for an unknown code.
pub fn scale(code: &str) -> Option<u32> {
    let lists = [(TWO_DIGITS, 2), (NO_DIGITS, 0), (THREE_DIGITS, 3)];
    lists.iter().find(|(list, _)| list.split(' ').any(|known| known == code)).map(|(_, digits)| *digits)
}

/// Every code, in alphabetical order.
pub fn codes() -> Vec<&'static str> {
    let lists = [TWO_DIGITS, NO_DIGITS, THREE_DIGITS];
    let mut codes: Vec<&str> = lists.iter().flat_map(|list| list.split(' ')).collect();
    codes.sort_unstable();
    codes
}
