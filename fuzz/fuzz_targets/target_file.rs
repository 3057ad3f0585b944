//! See `reconnect_acceptance_fuzz::target_file`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reconnect_acceptance_fuzz::target_file(bytes));
