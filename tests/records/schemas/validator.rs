//! As much of JSON Schema as the schemas of the suite use. It is stricter in one thing: where a schema names keys,
//! others are not allowed. `.ci/formats` uses a whole validator.

use serde_json::Value;

/// What does not fit, each with its place.
pub(super) fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut validator = Validator {
        root: schema,
        problems: Vec::new(),
    };
    validator.check(schema, value, "");
    validator.problems
}

struct Validator<'s> {
    root: &'s Value,
    problems: Vec<String>,
}

impl<'s> Validator<'s> {
    fn check(&mut self, schema: &'s Value, value: &Value, place: &str) {
        let Some(rules) = schema.as_object() else {
            assert_eq!(schema, &Value::Bool(true), "{place}");
            return;
        };
        for (rule, by) in rules {
            let fits = match rule.as_str() {
                "$schema"
                | "title"
                | "description"
                | "definitions"
                | "default"
                | "examples"
                | "format"
                | "pattern"
                | "required"
                | "additionalProperties" => true,
                "$ref" => {
                    let pointer = by.as_str().and_then(|it| it.strip_prefix('#'));
                    let schema = pointer.and_then(|it| self.root.pointer(it));
                    self.check(schema.expect("a definition"), value, place);
                    true
                }
                "allOf" => {
                    for schema in list(by) {
                        self.check(schema, value, place);
                    }
                    true
                }
                "oneOf" | "anyOf" => list(by).iter().any(|schema| {
                    let mut one = Validator {
                        root: self.root,
                        problems: Vec::new(),
                    };
                    one.check(schema, value, place);
                    one.problems.is_empty()
                }),
                "type" => match by.as_str().expect("one type") {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64() || value.is_u64(),
                    other => panic!("the type {other} at {place}"),
                },
                "const" => value == by,
                "enum" => list(by).contains(value),
                "minimum" => value.as_i64() >= by.as_i64(),
                "maximum" => value.as_i64() <= by.as_i64(),
                "minItems" => value.as_array().map(|it| it.len() as u64) >= by.as_u64(),
                "maxItems" => value.as_array().map(|it| it.len() as u64) <= by.as_u64(),
                "items" => {
                    for (place_in, one) in value.as_array().into_iter().flatten().enumerate() {
                        let schema = by.as_array().map_or(by, |each| &each[place_in]);
                        self.check(schema, one, &format!("{place}/{place_in}"));
                    }
                    true
                }
                "properties" => {
                    self.keys(rules, value, place);
                    true
                }
                other => panic!("the rule {other} at {place}"),
            };
            if !fits {
                let value: String = value.to_string().chars().take(80).collect();
                self.problems.push(format!("{place}: {rule} {by}: {value}"));
            }
        }
        if !rules.contains_key("properties") {
            self.keys(rules, value, place);
        }
    }

    fn keys(&mut self, rules: &'s serde_json::Map<String, Value>, value: &Value, place: &str) {
        let Some(table) = value.as_object() else {
            return;
        };
        for key in rules.get("required").map_or(&[][..], list) {
            if !table.contains_key(key.as_str().expect("a key")) {
                self.problems.push(format!("{place}: {key} is missing"));
            }
        }
        let known = rules.get("properties").and_then(Value::as_object);
        for (key, one) in table {
            let here = format!("{place}/{key}");
            match known.and_then(|it| it.get(key)) {
                Some(schema) => self.check(schema, one, &here),
                None => match rules.get("additionalProperties") {
                    Some(Value::Bool(false)) => self.problems.push(format!("{here}: unknown")),
                    Some(schema) => self.check(schema, one, &here),
                    None if known.is_some() => self.problems.push(format!("{here}: unknown")),
                    None => {}
                },
            }
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}
