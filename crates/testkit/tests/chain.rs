//! The chain of proof, seen by the compiler: what skips a link does not compile, and says why.
//!
//! After a change that is meant: `TRYBUILD=overwrite cargo test -p testkit --test chain`, and read the
//! difference. The expected errors are in the words of the compiler that `rust-version` names.

#[test]
fn what_skips_a_link_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
