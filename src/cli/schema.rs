//! The forms of the files that the suite reads and writes, as JSON Schema, made of the types that read and write
//! them.
//!
//! It is draft 7, the newest that the common editors and tools understand.

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

pub use crate::cli::args::SchemaOf;
use crate::cli::clients_file::ClientsFile;
use crate::report::model::result::WrittenReport;
use crate::report::verdict::known::file::KnownFailuresFile;
use crate::target::file::TargetFile;

/// The schema of a file.
#[must_use]
pub fn of(file: SchemaOf) -> Schema {
    match file {
        SchemaOf::Report => schema::<WrittenReport>("report.json of reconnect-acceptance"),
        SchemaOf::Target => schema::<TargetFile>("A target file of reconnect-acceptance"),
        SchemaOf::KnownFailures => {
            schema::<KnownFailuresFile>("A list of known failures of reconnect-acceptance")
        }
        SchemaOf::Clients => schema::<ClientsFile>("Clients that reconnect-acceptance judges"),
    }
}

fn schema<T: JsonSchema>(title: &str) -> Schema {
    let settings = SchemaSettings::draft07().with_transform(Plain);
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema
}

/// Leaves out what is only about Rust: what is optional is left out rather than null, and formats such as `uint64`
/// are known to no other tool.
#[derive(Clone, Debug)]
struct Plain;

impl Transform for Plain {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|it| it != "null");
            if let [one] = types.as_slice() {
                let one = one.clone();
                schema.insert("type".to_owned(), one);
            }
        }
        if let Some(Value::Array(any)) = schema.get_mut("anyOf") {
            any.retain(|it| it.get("type").is_none_or(|it| it != "null"));
        }
        if schema.get("default").is_some_and(Value::is_null) {
            schema.remove("default");
        }
        let format = schema.get("format").and_then(Value::as_str);
        if format.is_some_and(|it| it.starts_with("uint")) {
            schema.remove("format");
        }
        transform_subschemas(self, schema);
    }
}
