//! See `reconnect_acceptance_fuzz::decoding`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reconnect_acceptance_fuzz::decoding(bytes));
