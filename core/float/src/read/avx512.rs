//! Reading with AVX-512: about 64 numbers at a time, in stages.
//!
//! 1. `index`: where the tokens begin, from the commas in 64 bytes at a time;
//! 2. `align`: four tokens at a time, right-aligned into 16 bytes each, and masks of what is where;
//! 3. `judge`: which groups of four are plain (`tokens.rs`), many at a time in vector code;
//! 4. `convert`: eight numbers at a time, digits to integers to floats (`round.rs`);
//! 5. `settle`: groups of four that were not plain, one number at a time (`plain.rs`).
//!
//! As in writing, each stage is a short loop over arrays, so that many numbers are under way at once.

mod memory;
#[cfg(test)]
mod tests;

use std::arch::x86_64::*;

use super::super::tail::Tail;
use super::round::{LOST, MIDDLE};
use super::tokens::Masks;
use super::{Run, plain, skip_space};
use memory::{
    BACK, BEHIND, LANE, NEXT_LANE, bytes, load, load_masks, load_powers, load_starts, store, store_values,
};

/// Numbers in a group.
const GROUP: usize = 4;

/// Numbers after which no more text is indexed.
const ENOUGH: usize = 64;

/// The most that the last step of indexing may add to them.
const STEP: usize = 32;

/// Numbers read by `plain::run` where nothing else was plain.
const PLAIN: usize = 512;

/// Groups that a block has room for. A multiple of eight, which `judge` takes at once.
const GROUPS: usize = (ENOUGH + STEP) / GROUP;

/// See `plain::run`.
#[target_feature(
    enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,bmi1,bmi2,lzcnt,popcnt"
)]
pub(super) fn run(input: &[u8], at: usize, max: usize, out: &mut Vec<f32>) -> Run {
    let end = out.len().saturating_add(max);
    let mut run = Run { at, closed: false };
    let mut block = Block::new();
    while out.len() < end {
        let Some(text) = input.get(run.at..) else { break };
        block.index(text, end - out.len());
        if block.count < GROUP && !block.closed {
            return plain::run(input, run.at, end - out.len(), out);
        }
        block.align(text);
        block.judge();
        block.convert();
        let settled = block.settle(text);
        block.append(settled, out);
        run = Run {
            at: run.at + block.starts[settled] as usize,
            closed: block.closed && settled == block.count,
        };
        if run.closed || settled < block.count {
            break;
        }
        if block.all_odd() {
            // Another kind of text: all this work is in vain, so leave some more to the other hand.
            let before = out.len();
            let some = (end - before).min(PLAIN);
            run = plain::run(input, run.at, some, out);
            if run.closed || out.len() - before < some {
                break;
            }
        }
    }
    run
}

/// A stretch of tokens, and what the stages make of them; each says which fields it fills.
struct Block {
    /// Offset of each token's first byte, and of the byte behind the last token's separator.
    starts: [u32; ENOUGH + 2 * STEP],
    /// How many tokens there are. A multiple of four, unless they are the array's last.
    count: usize,
    /// Whether the bracket follows the last one.
    closed: bool,
    /// For each group, its digits.
    digits: [__m512i; GROUPS],
    /// For each group, what stands where: the fields of `Masks`, one by one for vector loads.
    token: [u64; GROUPS],
    digit: [u64; GROUPS],
    point: [u64; GROUPS],
    minus: [u64; GROUPS],
    zero: [u64; GROUPS],
    /// For each group, not 0 if it cannot be plain for another reason.
    unfit: [u64; GROUPS],
    /// For each group, the place of each point.
    points: [u64; GROUPS],
    /// A bit for each group that has to be read again.
    odd: u64,
    values: [[f32; 2 * GROUP]; GROUPS / 2],
}

impl Block {
    #[target_feature(enable = "avx512f")]
    fn new() -> Self {
        Self {
            starts: [0; ENOUGH + 2 * STEP],
            count: 0,
            closed: false,
            digits: [_mm512_setzero_si512(); GROUPS],
            token: [0; GROUPS],
            digit: [0; GROUPS],
            point: [0; GROUPS],
            minus: [0; GROUPS],
            zero: [0; GROUPS],
            unfit: [0; GROUPS],
            points: [0; GROUPS],
            odd: 0,
            values: [[0.0; 2 * GROUP]; GROUPS / 2],
        }
    }

    /// Fills `starts`, `count` and `closed` from the beginning of `text`, for up to `max` tokens.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi1,popcnt")]
    fn index(&mut self, text: &[u8], max: usize) {
        let (chunks, _) = text.as_chunks::<64>();
        let mut count = 0;
        let mut closed = false;
        for (i, chunk) in chunks.iter().enumerate() {
            let (ends, bracket) = separators(chunk);
            self.add_starts(count, ends, 64 * i as u32);
            let added = ends.count_ones() as usize;
            // Of one-digit tokens the first 32 will do: the rest is left to the next block.
            closed = bracket && added <= STEP;
            count += added.min(STEP);
            if count >= ENOUGH || closed || added == 0 || added > STEP {
                break;
            }
        }
        self.closed = closed && count <= max;
        count = count.min(max);
        self.count = if self.closed { count } else { count / GROUP * GROUP };
    }

    /// Writes the offsets behind up to 32 separators, the first as the start of token `count + 1`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
    fn add_starts(&mut self, count: usize, ends: u64, base: u32) {
        let places = _mm512_maskz_compress_epi8(ends, load(&BEHIND));
        let base = _mm512_set1_epi32(base as i32);
        let offsets = |places: __m128i| _mm512_add_epi32(base, _mm512_cvtepu8_epi32(places));
        let (room, _) = self.starts[count + 1..].as_chunks_mut::<16>();
        store(&mut room[0], offsets(_mm512_castsi512_si128(places)));
        if ends.count_ones() > 16 {
            store(&mut room[1], offsets(_mm512_extracti32x4_epi32::<1>(places)));
        }
    }

    /// Fills `digits`, the masks and `unfit` from `starts`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi")]
    fn align(&mut self, text: &[u8]) {
        // As other writers separate numbers; one space is cheaply taken along.
        let spaced = text.get(self.starts[1] as usize) == Some(&b' ');
        for j in 0..(self.count / GROUP).min(GROUPS) {
            let Some((starts, _)) = self.starts[GROUP * j..].split_first_chunk::<8>() else { break };
            let first = starts[0] as usize;
            let Some(chunk) = text.get(first..).and_then(|text| text.first_chunk::<64>()) else {
                self.unfit[j] = 1;
                continue;
            };
            let far = starts[GROUP].wrapping_sub(starts[0]) > 64;
            let (digits, masks, long) = align(chunk, starts, spaced);
            self.digits[j] = digits;
            self.token[j] = masks.token;
            self.digit[j] = masks.digit;
            self.point[j] = masks.point;
            self.minus[j] = masks.minus;
            self.zero[j] = masks.zero;
            self.unfit[j] = u64::from(far) | long;
        }
    }

    /// Fills `points` and `odd` from the masks and `unfit`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    fn judge(&mut self) {
        let mut wrong = [0; GROUPS];
        for (j, wrong) in wrong.iter_mut().enumerate() {
            let (token, digit, point) = (self.token[j], self.digit[j], self.point[j]);
            let masks = Masks { token, digit, point, minus: self.minus[j], zero: self.zero[j] };
            let (points, not_plain) = masks.points();
            self.points[j] = points;
            *wrong = not_plain | self.unfit[j];
        }
        self.odd = 0;
        for (j, eight) in wrong.as_chunks::<8>().0.iter().enumerate() {
            let eight = load_masks(eight);
            self.odd |= u64::from(_mm512_test_epi64_mask(eight, eight)) << (8 * j);
        }
    }

    /// Fills `values`, and adds to `odd`, from `digits`, `points` and `minus`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl")]
    fn convert(&mut self) {
        let mut odd = self.odd;
        let pairs = (self.count / GROUP).div_ceil(2);
        for (i, values) in self.values.iter_mut().enumerate().take(pairs) {
            let (a, b) = (2 * i, 2 * i + 1);
            let fours_of_a = fours(self.digits[a], self.points[a]);
            let integers = integers(fours_of_a, fours(self.digits[b], self.points[b]));
            let powers = powers(interleaved(self.points[a], self.points[b]));
            let quotients = _mm512_div_pd(_mm512_cvtepi64_pd(integers), powers);
            let lost = _mm512_and_si512(_mm512_castpd_si512(quotients), _mm512_set1_epi64(LOST as i64));
            let middle = _mm512_cmpeq_epi64_mask(lost, _mm512_set1_epi64(MIDDLE as i64));
            odd |= if middle != 0 { 0b11 << a } else { 0 };
            let minus = interleaved(self.minus[a], self.minus[b]);
            let negative = _mm_test_epi16_mask(minus, minus);
            let sizes = _mm256_castps_si256(_mm512_cvtpd_ps(quotients));
            let signed = _mm256_mask_or_epi32(sizes, negative, sizes, _mm256_set1_epi32(i32::MIN));
            let in_order = _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7);
            store_values(values, _mm256_permutexvar_epi32(in_order, signed));
        }
        self.odd = odd;
    }

    /// Reads the odd groups again, and the last numbers of the array that do not fill a group.
    /// Returns how many tokens are right from the first on.
    fn settle(&mut self, text: &[u8]) -> usize {
        let groups = self.count / GROUP;
        self.odd &= (1 << groups) - 1;
        let mut odd = self.odd;
        while odd != 0 {
            let first = odd.trailing_zeros() as usize * GROUP;
            odd &= odd - 1;
            for i in first..first + GROUP {
                let Some(value) = self.token(text, i) else { return i };
                self.values.as_flattened_mut()[i] = value;
            }
        }
        for i in groups * GROUP..self.count {
            let Some(value) = self.token(text, i) else { return i };
            self.values.as_flattened_mut()[i] = value;
        }
        self.count
    }

    fn all_odd(&self) -> bool {
        let groups = self.count / GROUP;
        groups > 0 && (self.odd + 1) >> groups == 1
    }

    /// Reads a token of any plain spelling, with white space around.
    fn token(&self, text: &[u8], i: usize) -> Option<f32> {
        let (start, behind) = (self.starts[i] as usize, self.starts[i + 1] as usize);
        let (value, end) = plain::number(text, start)?;
        if end + 1 == behind || skip_space(text, end) + 1 == behind { Some(value) } else { None }
    }

    /// Appends the first `count` values.
    #[inline(always)]
    fn append(&self, count: usize, out: &mut Vec<f32>) {
        let mut tail = Tail::with_room(out, self.values.as_flattened().len());
        for (i, &values) in self.values.iter().enumerate().take(count.div_ceil(2 * GROUP)) {
            tail.put(values, (count - 2 * GROUP * i).min(2 * GROUP));
        }
        tail.finish();
    }
}

/// Where the separators are, up to and including the first bracket; and whether there is one.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,bmi1")]
fn separators(chunk: &[u8; 64]) -> (u64, bool) {
    let text = load(chunk);
    let commas = _mm512_cmpeq_epi8_mask(text, bytes(b','));
    let brackets = _mm512_cmpeq_epi8_mask(text, bytes(b']'));
    let up_to_bracket = brackets ^ brackets.wrapping_sub(1);
    ((commas | brackets) & up_to_bracket, brackets != 0)
}

/// The digits of the tokens that begin at the first four of `starts`, right-aligned as `tokens.rs`
/// wants them, other bytes zero; the tokens' masks; and not 0 if one is longer than 15 bytes. If
/// `spaced`, tokens may begin with a space.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi")]
fn align(chunk: &[u8; 64], starts: &[u32; 8], spaced: bool) -> (__m512i, Masks, u64) {
    // The fifth start must be within 64 bytes of the first, or all this is in vain but harmless.
    let from_first = _mm256_sub_epi32(load_starts(starts), _mm256_set1_epi32(starts[0] as i32));
    let from_first = _mm512_castsi128_si512(_mm256_cvtepi32_epi8(from_first));
    let begin = _mm512_permutexvar_epi8(load(&LANE), from_first);
    let behind = _mm512_permutexvar_epi8(load(&NEXT_LANE), from_first);
    // Of which byte of the chunk each byte of the 16 is a copy.
    let source = _mm512_add_epi8(behind, load(&BACK));
    let token = _mm512_cmpge_epi8_mask(source, begin) & !Masks::SEPARATORS;
    let long = _mm512_cmpgt_epi8_mask(source, begin) & Masks::FIRSTS;
    let tokens = _mm512_maskz_permutexvar_epi8(token, source, load(chunk));
    let equal = |byte: u8| _mm512_cmpeq_epi8_mask(tokens, bytes(byte));
    let digits = _mm512_sub_epi8(tokens, bytes(b'0'));
    let digit = _mm512_cmple_epu8_mask(digits, bytes(9));
    let masks = Masks { token, digit, point: equal(b'.'), minus: equal(b'-'), zero: equal(b'0') };
    let masks = if spaced { masks.behind_space(equal(b' ')) } else { masks };
    (_mm512_maskz_mov_epi8(digit, digits), masks, long)
}

/// Moves the digits before each point up into its place, then sums them up to integers of four.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn fours(digits: __m512i, points: u64) -> __m512i {
    let up_to_point = points.wrapping_sub(Masks::FIRSTS) | points;
    let closed = _mm512_mask_mov_epi8(digits, up_to_point, _mm512_bslli_epi128::<1>(digits));
    let twos = _mm512_maddubs_epi16(closed, _mm512_set1_epi16(0x010a));
    _mm512_madd_epi16(twos, _mm512_set1_epi32(0x0001_0064))
}

/// The integers of 16 digits of two groups, below `10^15`: number 0 of `a` and of `b`, number 1 ...
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn integers(a: __m512i, b: __m512i) -> __m512i {
    let eights = _mm512_madd_epi16(_mm512_packus_epi32(a, b), _mm512_set1_epi32(0x0001_2710));
    let upper = _mm512_mul_epu32(eights, _mm512_set1_epi64(100_000_000));
    _mm512_add_epi64(upper, _mm512_srli_epi64::<32>(eights))
}

/// 10 to the power of the digits behind each point: one more than there are, for the place that the
/// point left is filled and the separator's counts as a digit 0.
#[inline]
#[target_feature(enable = "avx512f,avx512cd")]
fn powers(points: __m128i) -> __m512d {
    // 63 - place, of which the lowest four bits are 15 - place: the shuffle uses only those.
    let zeros = _mm512_lzcnt_epi64(_mm512_cvtepu16_epi64(points));
    let (low, high) = (load_powers::<0>(), load_powers::<8>());
    _mm512_permutex2var_pd(low, zeros, high)
}

/// The four 16-bit masks of `a` and of `b`, in turn.
#[inline]
#[target_feature(enable = "avx512f")]
fn interleaved(a: u64, b: u64) -> __m128i {
    _mm_unpacklo_epi16(_mm_cvtsi64_si128(a as i64), _mm_cvtsi64_si128(b as i64))
}
