//! The partials: every face of every type renders strictly, escapes, and is a proper control.

use handlebars::Handlebars;
use serde_json::{Value, json};
use trellis::field::{FIELD_TYPES, Face, FaceContext, Field, Locale, face};

use super::samples;

fn registry() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    face::register(&mut registry).expect("the partials compile");
    registry.register_template_string("field", "{{> (lookup this \"partial\")}}").expect("the page compiles");
    registry
}

fn render(registry: &Handlebars<'_>, context: &FaceContext) -> String {
    let html = registry.render("field", context);
    html.unwrap_or_else(|error| panic!("{} as {:?}: {error}", context.partial, context.face))
}

#[test]
fn partials_never_print_unescaped() {
    for info in FIELD_TYPES {
        assert!(!info.partial.contains("{{{") && !info.partial.contains("{{&"), "{}", info.key);
        assert!(!info.partial.contains("style="), "{} has an inline style", info.key);
    }
}

#[test]
fn every_face_renders_with_and_without_a_value() {
    let registry = registry();
    let locale = Locale::default();
    for (field, sample) in samples() {
        for face in Face::ALL {
            let empty = render(&registry, &FaceContext::new(&field, face, None, &locale));
            for accepted in &sample.accepted {
                let context = FaceContext::new(&field, face, Some(&accepted.stored), &locale);
                let html = render(&registry, &context);
                assert!(!html.contains("{{"), "{html}");
                match face {
                    Face::Read | Face::Cell => assert_ne!(html, empty, "{} shows its value", field.label),
                    Face::Form if field.is_read_only() => assert!(!html.contains("<input"), "{html}"),
                    Face::Form | Face::Operand => {
                        assert!(html.contains("name=\"sample\""), "{}: {html}", field.kind.type_key());
                        assert!(html.contains("id=\"sample\""), "{}: {html}", field.kind.type_key());
                    }
                }
            }
        }
    }
}

#[test]
fn hostile_texts_and_labels_stay_text() {
    let registry = registry();
    let locale = Locale::default();
    let hostile = "\"'><script>alert(1)</script>";
    for (mut field, sample) in samples() {
        field.label = hostile.to_owned();
        for face in Face::ALL {
            for value in [json!(hostile), json!([hostile]), json!({"amount": hostile, "currency": hostile})] {
                let mut context = FaceContext::new(&field, face, Some(&value), &locale);
                context = context.with_texts(vec![hostile.to_owned(); 2]);
                context.invalid = true;
                context.describedby = hostile.to_owned();
                let html = render(&registry, &context);
                assert!(!html.contains("<script"), "{} {:?}: {html}", field.kind.type_key(), sample.options);
            }
        }
    }
}

#[test]
fn a_refused_input_says_so_to_assistive_tools() {
    let registry = registry();
    for (field, _) in samples().into_iter().filter(|(field, _)| !field.is_read_only()) {
        let mut context = FaceContext::new(&field, Face::Form, None, &Locale::default());
        context.invalid = true;
        context.describedby = "sample-error".into();
        let html = render(&registry, &context);
        assert!(html.contains("aria-invalid=\"true\""), "{html}");
        assert!(html.contains("aria-describedby=\"sample-error\""), "{html}");
    }
}

fn form(definition: Value, value: Option<Value>) -> String {
    let field = Field::from_json(&definition).expect("a sound field");
    render(&registry(), &FaceContext::new(&field, Face::Form, value.as_ref(), &Locale::default()))
}

#[test]
fn a_retired_option_is_offered_only_where_it_is_the_present_value() {
    let definition = json!({
        "key": "state", "label": "State", "type": "choice", "required": true,
        "options": [{"key": "old", "label": "Old", "active": false}, {"key": "new", "label": "New"}],
    });
    let fresh = form(definition.clone(), None);
    assert!(!fresh.contains("old") && fresh.contains(" required"), "{fresh}");
    let kept = form(definition, Some(json!("old")));
    assert!(kept.contains("<option value=\"old\" selected>Old</option>"), "{kept}");
}

#[test]
fn controls_carry_the_limits_of_their_field() {
    let number = form(
        json!({"key": "n", "label": "N", "type": "decimal", "min": 0, "max": 9.5, "scale": 1}),
        Some(json!("3.5")),
    );
    for attribute in ["type=\"number\"", "step=\"0.1\"", "min=\"0\"", "max=\"9.5\"", "value=\"3.5\""] {
        assert!(number.contains(attribute), "{attribute} in {number}");
    }
    let money = form(json!({"key": "m", "label": "M", "type": "money"}), None);
    assert!(money.contains("<option selected>USD</option>"), "{money}");
    let euros = json!({"key": "m", "label": "M", "type": "money", "currency": "EUR"});
    assert!(form(euros.clone(), None).contains("value=\"EUR\""));
    let foreign = form(euros, Some(json!({"amount": "5.00", "currency": "USD"})));
    assert!(
        foreign.contains("value=\"USD\""),
        "an old value keeps its currency until it is refused: {foreign}"
    );
    let relation = form(json!({"key": "r", "label": "R", "type": "relation", "module": "doctors"}), None);
    assert!(relation.contains("data-picker data-target=\"doctors\""), "{relation}");
    let text = form(json!({"key": "t", "label": "T", "type": "long_text"}), Some(json!("a\nb")));
    assert!(text.contains(">\na\nb</textarea>"), "{text}");
}
