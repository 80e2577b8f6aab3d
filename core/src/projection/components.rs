//! The first two principal components of vectors.
//!
//! Subspace iteration (H. Rutishauser, "Computational aspects of F. L. Bauer's simultaneous iteration method",
//! Numerische Mathematik 13, 1969; Golub and Van Loan, Matrix Computations, 8.2.4) on the covariance of the
//! centred vectors, with six directions more than are wanted and a Rayleigh-Ritz step each time, as the
//! randomised methods have it (Halko, Martinsson and Tropp, "Finding structure with randomness", SIAM Review
//! 53, 2011). The covariance itself is never formed: its product with the directions goes through the vectors,
//! one at a time, so that memory is what they take and a few vectors more, for any dimension.

/// How many directions are followed: two are wanted, and the others make them come sooner.
const DIRECTIONS: usize = 8;
/// How many times the directions are multiplied at most.
const MOST_STEPS: u32 = 60;
/// The components are found when what the covariance makes of each differs from a multiple of it by less
/// than this share: far less than shows in a picture.
const TOLERANCE: f64 = 1e-4;
/// A smaller share of the first component's variance is rounding.
const NOTHING: f64 = 1e-12;

/// A direction in the space of the vectors.
type Direction = Vec<f64>;
/// The rows of a square matrix over the directions.
type Small = Vec<Vec<f64>>;

/// The search for them.
pub(super) struct Components {
    dimension: usize,
    /// All vectors, one after the other.
    vectors: Vec<f32>,
    mean: Vec<f64>,
    /// The sum of the squared distances from the mean.
    variance: f64,
    /// Orthonormal, or zero where there are no more; by the variance along them, the largest first.
    directions: Vec<Direction>,
    /// The sums of squares along the directions.
    along: Vec<f64>,
    steps: u32,
}

impl Components {
    /// Begins with directions that look random and are always the same.
    pub(super) fn new(vectors: Vec<f32>, dimension: usize) -> Self {
        let mut directions = zeros(DIRECTIONS, dimension);
        let mut state = 0u64;
        for number in directions.iter_mut().flatten() {
            *number = random(&mut state);
        }
        orthonormalise(&mut directions);
        let mut mean = vec![0.0; dimension];
        let share = 1.0 / (vectors.len() / dimension).max(1) as f64;
        for vector in vectors.chunks_exact(dimension) {
            for (mean, number) in mean.iter_mut().zip(vector) {
                *mean += f64::from(*number) * share;
            }
        }
        let along = vec![0.0; DIRECTIONS];
        Self { dimension, vectors, mean, variance: 0.0, directions, along, steps: 0 }
    }

    /// Multiplies the directions by the covariance once; `true` when the first two are found.
    pub(super) fn step(&mut self) -> bool {
        let (mut products, mut gram) = self.multiply();
        let mut turned = zeros(DIRECTIONS, DIRECTIONS);
        for (index, row) in turned.iter_mut().enumerate() {
            row[index] = 1.0;
        }
        diagonalise(&mut gram, &mut turned);
        descend(&mut gram, &mut turned);
        for (index, along) in self.along.iter_mut().enumerate() {
            *along = gram[index][index].max(0.0);
        }
        self.directions = turn(&self.directions, &turned);
        products = turn(&products, &turned);
        self.steps += 1;
        if self.steps >= MOST_STEPS || (self.is_found(0, &products[0]) && self.is_found(1, &products[1])) {
            return true;
        }
        orthonormalise(&mut products);
        self.directions = products;
        false
    }

    /// The share of the variance along each of the first two.
    pub(super) fn shares(&self) -> [f64; 2] {
        let share = |along: f64| if self.variance > 0.0 { (along / self.variance).min(1.0) } else { 0.0 };
        [share(self.along[0]), if self.is_flat() { 0.0 } else { share(self.along[1]) }]
    }

    /// Where the vectors lie along the first two. Of a component and its opposite, the one is taken whose
    /// largest number is positive.
    pub(super) fn project(&self) -> (Vec<f32>, Vec<f32>) {
        let y = if self.is_flat() { vec![0.0; self.vectors.len() / self.dimension] } else { self.along(1) };
        (self.along(0), y)
    }

    /// Where the vectors lie along a direction.
    fn along(&self, index: usize) -> Vec<f32> {
        let direction = &self.directions[index];
        let mut largest = 0f64;
        for number in direction {
            largest = if number.abs() > largest.abs() { *number } else { largest };
        }
        let sign = 1f64.copysign(largest);
        let mut centred = vec![0.0; self.dimension];
        let at = |vector| {
            self.centre(vector, &mut centred);
            (dot(&centred, direction) * sign).clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
        };
        self.vectors.chunks_exact(self.dimension).map(at).collect()
    }

    /// Whether there is nothing but the first component.
    fn is_flat(&self) -> bool {
        self.along[1] <= NOTHING * self.along[0]
    }

    /// Whether the covariance only stretches a direction.
    fn is_found(&self, index: usize, product: &[f64]) -> bool {
        let along = self.along[index];
        let mut rest = product.to_vec();
        add(&mut rest, -along, &self.directions[index]);
        dot(&rest, &rest).sqrt() <= TOLERANCE * along || along <= NOTHING * self.along[0]
    }

    /// The covariance's products with the directions (times the number of vectors), and how those vary along
    /// the directions.
    fn multiply(&mut self) -> (Vec<Direction>, Small) {
        let mut products = zeros(DIRECTIONS, self.dimension);
        let mut gram = zeros(DIRECTIONS, DIRECTIONS);
        let (mut centred, mut along) = (vec![0.0; self.dimension], vec![0.0; DIRECTIONS]);
        let mut variance = 0.0;
        for vector in self.vectors.chunks_exact(self.dimension) {
            self.centre(vector, &mut centred);
            variance += dot(&centred, &centred);
            for (along, direction) in along.iter_mut().zip(&self.directions) {
                *along = dot(&centred, direction);
            }
            for (index, own) in along.iter().enumerate() {
                add(&mut products[index], *own, &centred);
                add(&mut gram[index], *own, &along);
            }
        }
        self.variance = variance;
        (products, gram)
    }

    /// A vector's difference from the mean.
    fn centre(&self, vector: &[f32], centred: &mut [f64]) {
        for ((centred, number), mean) in centred.iter_mut().zip(vector).zip(&self.mean) {
            *centred = f64::from(*number) - mean;
        }
    }
}

fn zeros(rows: usize, columns: usize) -> Vec<Vec<f64>> {
    vec![vec![0.0; columns]; rows]
}

/// A number from -1 to 1: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014).
fn random(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) as i64 as f64 / 9_223_372_036_854_775_808.0
}

/// The sum of products, in eight sums, which takes vector instructions. Once, for all who call it: the code is
/// also downloaded.
#[inline(never)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for index in 0..8 {
            sums[index] += a[index] * b[index];
        }
    }
    for ((sum, a), b) in sums.iter_mut().zip(rest_a).zip(rest_b) {
        *sum += a * b;
    }
    sums.iter().sum()
}

/// Adds a multiple of a vector to another.
#[inline(never)]
fn add(sum: &mut [f64], times: f64, vector: &[f64]) {
    for (sum, number) in sum.iter_mut().zip(vector) {
        *sum += times * number;
    }
}

/// Makes directions orthonormal, each against those before it, twice because once leaves rounding (Giraud
/// and others, "The loss of orthogonality in the Gram-Schmidt orthogonalization process", 2005). One that lies
/// among those before it becomes zero.
fn orthonormalise(directions: &mut [Direction]) {
    for index in 0..directions.len() {
        let (before, rest) = directions.split_at_mut(index);
        let direction = &mut rest[0];
        let length = dot(direction, direction).sqrt();
        for other in before.iter().chain(before.iter()) {
            let along = dot(direction, other);
            add(direction, -along, other);
        }
        let left = dot(direction, direction).sqrt();
        let scale = if left > NOTHING * length { 1.0 / left } else { 0.0 };
        for number in direction {
            *number *= scale;
        }
    }
}

/// Makes a symmetric matrix diagonal by Jacobi's rotations, cyclically (Golub and Van Loan, 8.5.2); the rows of
/// `turned` take part, so that they become the eigenvectors.
fn diagonalise(matrix: &mut Small, turned: &mut Small) {
    const SWEEPS: usize = 12;
    for _ in 0..SWEEPS {
        for p in 0..matrix.len() {
            for q in p + 1..matrix.len() {
                rotate(matrix, turned, p, q);
            }
        }
    }
}

/// Makes the element at (p, q) zero.
fn rotate(matrix: &mut Small, turned: &mut Small, p: usize, q: usize) {
    if matrix[p][q] == 0.0 {
        return;
    }
    let tau = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
    let tangent = 1f64.copysign(tau) / (tau.abs() + (1.0 + tau * tau).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = tangent * cosine;
    for row in matrix.iter_mut() {
        (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
    }
    for matrix in [&mut *matrix, turned] {
        let (mut new_p, mut new_q) = (vec![0.0; DIRECTIONS], vec![0.0; DIRECTIONS]);
        add(&mut new_p, cosine, &matrix[p]);
        add(&mut new_p, -sine, &matrix[q]);
        add(&mut new_q, sine, &matrix[p]);
        add(&mut new_q, cosine, &matrix[q]);
        (matrix[p], matrix[q]) = (new_p, new_q);
    }
    (matrix[p][q], matrix[q][p]) = (0.0, 0.0);
}

/// Brings the values of a diagonal matrix into descending order, and the rows of `turned` with them.
fn descend(matrix: &mut Small, turned: &mut Small) {
    for from in 0..matrix.len() {
        let mut largest = from;
        for index in from..matrix.len() {
            if matrix[index][index] > matrix[largest][largest] {
                largest = index;
            }
        }
        let value = matrix[largest][largest];
        matrix[largest][largest] = matrix[from][from];
        matrix[from][from] = value;
        turned.swap(from, largest);
    }
}

/// The directions that the rows of `turned` make of these.
fn turn(directions: &[Direction], turned: &Small) -> Vec<Direction> {
    let mut sums = zeros(directions.len(), directions[0].len());
    for (sum, row) in sums.iter_mut().zip(turned) {
        for (direction, times) in directions.iter().zip(row) {
            add(sum, *times, direction);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(vectors: &[f32], dimension: usize) -> Components {
        let mut components = Components::new(vectors.to_vec(), dimension);
        while !components.step() {}
        components
    }

    /// Vectors around a far mean, of a given deviation along each of the first axes turned by an angle.
    fn cloud(count: usize, dimension: usize, deviations: &[f64]) -> Vec<f32> {
        let mut state = 7;
        let mut vectors = Vec::new();
        for _ in 0..count {
            let at: Vec<f64> = deviations.iter().map(|deviation| deviation * random(&mut state)).collect();
            for d in 0..dimension {
                let own = at.get(d).copied().unwrap_or(0.0);
                let turned = 0.8 * own
                    + 0.6
                        * if d == 0 {
                            -at[1]
                        } else if d == 1 {
                            at[0]
                        } else {
                            own / 3.0
                        };
                vectors.push((turned + 50.0 + d as f64) as f32);
            }
        }
        vectors
    }

    #[test]
    fn two_turned_axes_are_found() {
        for dimension in [2, 3, 8, 9, 300] {
            let vectors = cloud(500, dimension, &[9.0, 4.0, 1.0]);
            let components = found(&vectors, dimension);
            let [first, second] = [&components.directions[0], &components.directions[1]];
            assert!(
                (first[0].abs() - 0.8).abs() < 0.05 && (first[1].abs() - 0.6).abs() < 0.05,
                "{:?}",
                &first[..2]
            );
            assert!((second[1].abs() - 0.8).abs() < 0.05, "{:?}", &second[..2]);
            assert!(dot(first, second).abs() < 1e-9 && (dot(first, first) - 1.0).abs() < 1e-9);
            let [x, y] = components.shares();
            assert!(x > 0.7 && y > 0.1 && x + y <= 1.0 + 1e-9, "{x} {y}");
            let (xs, _) = components.project();
            let variance: f64 = xs.iter().map(|x| f64::from(*x).powi(2)).sum();
            assert!((variance / components.variance - x).abs() < 1e-4);
        }
    }

    #[test]
    fn it_agrees_with_a_decomposition_of_the_whole_covariance() {
        // At most as many dimensions as the small matrix has, so that Jacobi's method decomposes it itself.
        let dimension = DIRECTIONS;
        let mut state = 3;
        let vectors: Vec<f32> =
            (0..200 * dimension).map(|n| (random(&mut state) * (1 + n % dimension) as f64) as f32).collect();
        let components = found(&vectors, dimension);
        let mut covariance = zeros(dimension, dimension);
        let mut centred = vec![0.0; dimension];
        for vector in vectors.chunks_exact(dimension) {
            components.centre(vector, &mut centred);
            for (row, number) in covariance.iter_mut().zip(&centred) {
                add(row, *number, &centred);
            }
        }
        let mut vectors_of = zeros(dimension, dimension);
        diagonalise(&mut covariance, &mut vectors_of);
        let mut values: Vec<f64> = (0..dimension).map(|index| covariance[index][index]).collect();
        values.sort_by(|a, b| b.total_cmp(a));
        for (along, value) in components.along.iter().zip(&values[..2]) {
            assert!((along / value - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn what_has_no_two_dimensions_is_flat_and_finite() {
        let line: Vec<f32> = (0..50).flat_map(|n| [n as f32, 2.0 * n as f32, 0.0]).collect();
        let components = found(&line, 3);
        let (x, y) = components.project();
        assert!(x[49] > x[0] && y.iter().all(|y| *y == 0.0));
        assert!((components.shares()[0] - 1.0).abs() < 1e-12 && components.shares()[1] == 0.0);
        for (vectors, dimension) in
            [(vec![], 4), (vec![1.0, 2.0], 2), (vec![3.0; 12], 3), (vec![f32::MAX, f32::MIN], 1)]
        {
            let components = found(&vectors, dimension);
            let (x, y) = components.project();
            assert!(x.iter().chain(&y).all(|n| n.is_finite()), "{x:?} {y:?}");
            assert!(components.shares().iter().all(|share| (0.0..=1.0).contains(share)));
        }
        let extreme: Vec<f32> = (0..80).map(|n| if n % 3 == 0 { f32::MAX } else { f32::MIN }).collect();
        assert!(found(&extreme, 8).project().0.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn vectors_without_structure_end_within_the_bound() {
        let mut state = 11;
        let vectors: Vec<f32> = (0..300 * 100).map(|_| random(&mut state) as f32).collect();
        let components = found(&vectors, 100);
        assert!(components.steps <= MOST_STEPS);
        let again = found(&vectors, 100);
        assert_eq!(components.project(), again.project(), "to the bit");
    }
}
