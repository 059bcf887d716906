//! Generates the client, in generated/sps.rs.

use openapiv3::{OpenAPI, ReferenceOr, SchemaKind, Type};
use std::{error::Error, fs};

const CONTRACT: &str = "../../../openapi.yaml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={CONTRACT}");
    println!("cargo:rerun-if-changed=build.rs");
    let mut contract: OpenAPI = serde_yaml_ng::from_reader(fs::File::open(CONTRACT)?)?;

    // Newer versions of SPS may send values that this contract doesn't know, and an enum has no room for them: these
    // become texts of a type of their own.
    for schema in contract.components.iter_mut().flat_map(|c| c.schemas.values_mut()) {
        if let ReferenceOr::Item(schema) = schema
            && schema.schema_data.extensions.get("x-extensible").is_some()
            && let SchemaKind::Type(Type::String(text)) = &mut schema.schema_kind
        {
            text.enumeration.clear();
        }
    }

    let mut settings = progenitor::GenerationSettings::default();
    settings.with_interface(progenitor::InterfaceStyle::Builder);
    let code = progenitor::Generator::new(&settings).generate_tokens(&contract)?;
    fs::create_dir_all("generated")?;
    fs::write("generated/sps.rs", prettyplease::unparse(&syn::parse2(code)?))?;
    Ok(())
}
