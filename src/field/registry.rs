//! The macro behind the list of field types in `mod.rs`: builds the closed enum and forwards every trait method.

/// Builds `FieldKind`, `TypeInfo` and `FIELD_TYPES` from lines `Variant => module`.
macro_rules! field_types {
    ($($variant:ident => $module:ident,)*) => {
        /// The type of a field together with its options; `type` names the variant.
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum FieldKind {
            $(
                #[doc = concat!("See [`kind::", stringify!($module), "`].")]
                $variant(kind::$module::$variant),
            )*
        }

        /// What is known of a field type without options, in registry order.
        #[derive(Clone, Copy, Debug)]
        pub struct TypeInfo {
            /// See [`FieldType::KEY`].
            pub key: &'static str,
            /// See [`FieldType::SUMMARY`].
            pub summary: &'static str,
            /// See [`FieldType::ICON`].
            pub icon: &'static str,
            /// See [`FieldType::PARTIAL`].
            pub partial: &'static str,
            /// See [`FieldType::samples`].
            pub samples: fn() -> Vec<Sample>,
            /// See [`FieldType::options_schema`].
            pub options_schema: fn() -> serde_json::Value,
        }

        /// Every field type, in the order in which people choose from them.
        pub const FIELD_TYPES: &[TypeInfo] = &[
            $(TypeInfo {
                key: <kind::$module::$variant as FieldType>::KEY,
                summary: <kind::$module::$variant as FieldType>::SUMMARY,
                icon: <kind::$module::$variant as FieldType>::ICON,
                partial: <kind::$module::$variant as FieldType>::PARTIAL,
                samples: <kind::$module::$variant as FieldType>::samples,
                options_schema: <kind::$module::$variant as FieldType>::options_schema,
            },)*
        ];

        impl FieldKind {
            /// See [`FieldType::KEY`].
            pub fn type_key(&self) -> &'static str {
                match self { $(Self::$variant(_) => <kind::$module::$variant as FieldType>::KEY,)* }
            }
            /// See [`FieldType::SEARCHED`].
            pub fn is_searched(&self) -> bool {
                match self { $(Self::$variant(_) => <kind::$module::$variant as FieldType>::SEARCHED,)* }
            }
            /// See [`FieldType::SLOTTED`].
            pub fn is_slotted(&self) -> bool {
                match self { $(Self::$variant(_) => <kind::$module::$variant as FieldType>::SLOTTED,)* }
            }
            /// See [`FieldType::ASSIGNED`].
            pub fn is_assigned(&self) -> bool {
                match self { $(Self::$variant(_) => <kind::$module::$variant as FieldType>::ASSIGNED,)* }
            }
            /// See [`FieldType::check`].
            pub fn check(&self) -> Vec<FieldError> {
                match self { $(Self::$variant(kind) => kind.check(),)* }
            }
            /// See [`FieldType::json_schema`].
            pub fn json_schema(&self) -> serde_json::Value {
                match self { $(Self::$variant(kind) => kind.json_schema(),)* }
            }
            /// See [`FieldType::is_blank`].
            pub fn is_blank(&self, texts: &[&str]) -> bool {
                match self { $(Self::$variant(kind) => kind.is_blank(texts),)* }
            }
            /// See [`FieldType::parse`].
            pub fn parse(&self, texts: &[&str]) -> Result<serde_json::Value, Reject> {
                match self { $(Self::$variant(kind) => kind.parse(texts),)* }
            }
            /// See [`FieldType::normalise`].
            pub fn normalise(
                &self,
                value: serde_json::Value,
                locale: &Locale,
            ) -> Result<serde_json::Value, Reject> {
                match self { $(Self::$variant(kind) => kind.normalise(value, locale),)* }
            }
            /// See [`FieldType::display`].
            pub fn display(&self, value: &serde_json::Value, locale: &Locale) -> String {
                match self { $(Self::$variant(kind) => kind.display(value, locale),)* }
            }
            /// See [`FieldType::form_texts`].
            pub fn form_texts(&self, value: &serde_json::Value, locale: &Locale) -> Vec<String> {
                match self { $(Self::$variant(kind) => kind.form_texts(value, locale),)* }
            }
            /// See [`FieldType::cast`].
            pub fn cast(&self) -> Cast {
                match self { $(Self::$variant(kind) => kind.cast(),)* }
            }
            /// See [`FieldType::key`].
            pub fn key(&self, value: &serde_json::Value) -> Option<Key> {
                match self { $(Self::$variant(kind) => kind.key(value),)* }
            }
            /// See [`FieldType::expr_type`].
            pub fn expr_type(&self) -> crate::expr::Type {
                match self { $(Self::$variant(kind) => kind.expr_type(),)* }
            }
            /// See [`FieldType::expr_value`].
            pub fn expr_value(&self, value: &serde_json::Value) -> crate::expr::Value {
                match self { $(Self::$variant(kind) => kind.expr_value(value),)* }
            }
            /// See [`FieldType::search_text`].
            pub fn search_text(&self, value: &serde_json::Value) -> Option<String> {
                match self { $(Self::$variant(kind) => kind.search_text(value),)* }
            }
            /// See [`FieldType::options`].
            pub fn options(&self) -> &[ChoiceOption] {
                match self { $(Self::$variant(kind) => kind.options(),)* }
            }
            /// See [`FieldType::control`].
            pub fn control(&self, locale: &Locale) -> Control {
                match self { $(Self::$variant(kind) => kind.control(locale),)* }
            }
            /// See [`FieldType::href`].
            pub fn href(&self, value: &serde_json::Value) -> Option<String> {
                match self { $(Self::$variant(kind) => kind.href(value),)* }
            }
        }
    };
}

pub(super) use field_types;
