#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| vecvault_tests::fuzz::files(input));
