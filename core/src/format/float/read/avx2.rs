//! Reading with avx2. Not yet: the portable form.

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn run(input: &[u8], at: usize, max: usize, out: &mut Vec<f32>) -> super::Run {
    super::plain::run(input, at, max, out)
}
