//! Mean, deviation and range of each dimension.

use serde::Serialize;

/// Each position in the vector: `dimension` values of each; all zero where there are no records.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Dimensions {
    /// Means.
    pub mean: Vec<f64>,
    /// Standard deviations of the records as a whole: the mean square is divided by their count.
    pub deviation: Vec<f64>,
    /// The smallest numbers.
    pub min: Vec<f32>,
    /// The largest numbers.
    pub max: Vec<f32>,
}

/// Gathers them in one pass by Welford's method: B. P. Welford, "Note on a method for calculating corrected
/// sums of squares and products", Technometrics 4 (1962); Knuth, The Art of Computer Programming, volume 2,
/// 4.2.2. It does not subtract large sums from each other, and so keeps its digits where the mean is large.
pub(super) struct Spread {
    count: u64,
    /// `deviation` holds the sum of squared differences from the mean until the end.
    found: Dimensions,
}

impl Spread {
    pub(super) fn new(dimension: usize) -> Self {
        let (double, single) = (vec![0.0; dimension], vec![0.0; dimension]);
        let found = Dimensions { mean: double.clone(), deviation: double, min: single.clone(), max: single };
        Self { count: 0, found }
    }

    pub(super) fn add(&mut self, vector: &[f32]) {
        let Dimensions { mean, deviation, min, max } = &mut self.found;
        if self.count == 0 {
            min.copy_from_slice(vector);
            max.copy_from_slice(vector);
        }
        self.count += 1;
        let share = 1.0 / self.count as f64;
        for ((number, mean), squares) in vector.iter().zip(mean).zip(deviation) {
            let number = f64::from(*number);
            let before = number - *mean;
            *mean += before * share;
            *squares += before * (number - *mean);
        }
        // Comparisons, not `f32::min`, which may give either zero of two.
        for ((number, min), max) in vector.iter().zip(min).zip(max) {
            *min = if *number < *min { *number } else { *min };
            *max = if *number > *max { *number } else { *max };
        }
    }

    pub(super) fn finish(&mut self) -> Dimensions {
        if self.count > 0 {
            for squares in &mut self.found.deviation {
                // Rounding may leave a little less than nothing.
                *squares = (squares.max(0.0) / self.count as f64).sqrt();
            }
        }
        std::mem::take(&mut self.found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_mean_does_not_hide_a_small_spread() {
        let mut spread = Spread::new(2);
        for n in 0..100_000u32 {
            spread.add(&[1e6 + (n % 2) as f32, f32::MAX * if n % 2 == 0 { 1.0 } else { -1.0 }]);
        }
        let found = spread.finish();
        assert!((found.mean[0] - 1_000_000.5).abs() < 1e-6, "{:?}", found.mean);
        assert!((found.deviation[0] - 0.5).abs() < 1e-9, "{:?}", found.deviation);
        assert!(found.mean[1].abs() < 1e29 && (found.deviation[1] / f64::from(f32::MAX) - 1.0).abs() < 1e-9);
        assert_eq!((found.min[0], found.max[1]), (1e6, f32::MAX));
    }

    #[test]
    fn no_records_have_no_spread_and_which_zero_comes_first_is_kept() {
        assert_eq!(Spread::new(1).finish().deviation, [0.0]);
        let mut spread = Spread::new(1);
        spread.add(&[-0.0]);
        spread.add(&[0.0]);
        assert!(spread.finish().min[0].is_sign_negative());
    }
}
