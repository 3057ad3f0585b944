//! The feature files are embedded: a new one must rebuild the binary.

fn main() {
    println!("cargo::rerun-if-changed=features");
}
