//! A histogram of numbers whose range is not known before the last one.
//!
//! The width of a bin is a power of two and its edges are multiples of the width. When a number falls outside
//! what the bins can span, the width doubles and neighbours are merged, whose edges are among the old ones: no
//! count is ever an estimate, and the histogram that comes out is the one of the finest width that fits the
//! smallest and the largest number, in whatever order they came.

use serde::Serialize;

/// How many bins there are at most.
const BINS: u64 = 64;
/// A bin is at least as wide as the largest number's power of two divided by two to this: finer differences
/// than one part in a million are the rounding of f32, not the data.
const FINEST: i32 = 20;
/// The power of two of the bins while all numbers are zero: less than that of any norm but zero.
const LEAST: i32 = -200;

/// How many numbers lie where. The bins span the numbers: the first and the last are not empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Histogram {
    /// Where the first bin begins.
    pub start: f64,
    /// How wide every bin is; a power of two, or 0 where there are no bins. A bin holds its lower edge.
    pub width: f64,
    /// How many numbers each bin holds; at most 64 bins.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Counts a number, finite and not negative.
    pub(super) fn add(&mut self, number: f64) {
        let finest = power_of_two(exponent(number) - FINEST);
        if self.counts.is_empty() {
            self.width = finest;
        }
        while self.width < finest {
            self.coarsen();
        }
        let (mut first, mut slot) = (self.first(), self.slot(number));
        while !self.counts.is_empty() && first.abs_diff(slot).max(self.last().abs_diff(slot)) >= BINS {
            self.coarsen();
            (first, slot) = (self.first(), self.slot(number));
        }
        if self.counts.is_empty() {
            self.start = slot as f64 * self.width;
            self.counts.push(1);
        } else if slot < first {
            let before = (first - slot) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, before));
            self.start = slot as f64 * self.width;
            self.counts[0] = 1;
        } else {
            let at = (slot - first) as usize;
            self.counts.resize(self.counts.len().max(at + 1), 0);
            self.counts[at] += 1;
        }
    }

    /// Doubles the width.
    fn coarsen(&mut self) {
        let first = self.first();
        self.width *= 2.0;
        let mut merged =
            vec![0; (first + self.counts.len() as u64).div_ceil(2) as usize - (first / 2) as usize];
        for (at, count) in self.counts.iter().enumerate() {
            merged[((first + at as u64) / 2 - first / 2) as usize] += count;
        }
        self.start = (first / 2) as f64 * self.width;
        self.counts = merged;
    }

    /// The number of the bin that a number falls into, counted from zero. Dividing by a power of two is exact,
    /// and the quotient is below 2 to the power of `FINEST + 1`.
    fn slot(&self, number: f64) -> u64 {
        (number / self.width) as u64
    }

    fn first(&self) -> u64 {
        self.slot(self.start)
    }

    fn last(&self) -> u64 {
        self.first() + (self.counts.len() as u64).saturating_sub(1)
    }
}

/// The exponent of the power of two not above a number.
fn exponent(number: f64) -> i32 {
    if number == 0.0 { LEAST + FINEST } else { ((number.to_bits() >> 52) & 0x7ff) as i32 - 1023 }
}

fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: &[f64]) -> Histogram {
        let mut histogram = Histogram::default();
        numbers.iter().for_each(|number| histogram.add(*number));
        histogram
    }

    /// Counted anew at the width that came out.
    fn check(numbers: &[f64]) {
        let found = of(numbers);
        let mut counts = vec![0; found.counts.len()];
        for number in numbers {
            counts[((number - found.start) / found.width).floor() as usize] += 1;
        }
        assert_eq!(found.counts, counts, "{found:?}");
        assert!(counts.len() <= BINS as usize && counts[0] > 0 && counts[counts.len() - 1] > 0);
        let (min, max) = numbers.iter().fold((f64::MAX, 0.0f64), |(a, b), n| (a.min(*n), b.max(*n)));
        let finer = found.width / 2.0;
        let fits = (max / finer).floor() - (min / finer).floor() < BINS as f64
            && finer >= power_of_two(exponent(max) - FINEST);
        assert!(!fits, "no finer width fits: {found:?}");
        let mut backwards = numbers.to_vec();
        backwards.reverse();
        assert_eq!(of(&backwards), found, "the order does not matter");
    }

    #[test]
    fn it_is_exact_at_the_finest_width_that_fits_in_any_order() {
        let mut state = 1u64;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1 << 31)
        };
        check(&[0.0]);
        check(&[1.0, 1.0 + 1e-9]);
        check(&[0.0, 1e-44, 5e40]);
        check(&[3.0, 0.0, 0.0, 1e-3]);
        for scale in [1e-40, 1.0, 1e3] {
            check(&(0..500).map(|_| scale * (10.0 + random())).collect::<Vec<_>>());
            check(&(0..500).map(|_| scale * random() * random().powi(9)).collect::<Vec<_>>());
        }
        assert_eq!(of(&[]), Histogram::default());
    }

    #[test]
    fn rounding_of_normalised_vectors_is_no_spread() {
        let found = of(&[1.0, 1.0 - 6e-8, 1.0 + 6e-8]);
        assert!(found.counts.len() <= 2, "{found:?}");
    }
}
