//! Says in one line what is missing when the browser packages were not installed.

fn main() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../node_modules");
    for file in ["htmx.org/dist/htmx.min.js", "rapidoc/dist/rapidoc-min.js"] {
        println!("cargo::rerun-if-changed={root}/{file}");
        if !std::path::Path::new(root).join(file).exists() {
            println!("cargo::error=node_modules/{file} is missing: run `npm ci` in the project's root first");
        }
    }
}
