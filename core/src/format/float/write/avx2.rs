//! Writing with avx512. Not yet: the portable form.

#[target_feature(
    enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512ifma,avx2,bmi1,bmi2,lzcnt,popcnt"
)]
pub(super) fn list(values: &[f32], out: &mut Vec<u8>) {
    super::portable::list(values, out);
}
