//! Normally distributed vectors and metadata of 100 to 300 bytes, the same on every machine.

/// A linear congruential generator; its upper bits are good enough to be unlike one another.
pub(super) struct Gauss {
    state: u64,
}

impl Gauss {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Uniform in (0, 1).
    fn uniform(&mut self) -> f32 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.state >> 40) as f32 + 0.5) / (1 << 24) as f32
    }

    /// Standard normal, by Box and Muller.
    pub(super) fn next(&mut self) -> f32 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f32::consts::TAU * self.uniform()).cos()
    }

    pub(super) fn unit_vector(&mut self, vector: &mut [f32]) {
        vector.iter_mut().for_each(|x| *x = self.next());
        let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        vector.iter_mut().for_each(|x| *x /= norm);
    }

    /// An object of 100 to 300 bytes with what people keep beside vectors: text with an escape now and
    /// then, numbers, a list, null and a boolean.
    pub(super) fn metadata(&mut self, number: usize) -> String {
        const WORDS: [&str; 8] =
            ["river", "quiet", "vector", "näive", "of the", "\\\"said\\\"", "house", "on"];
        let words = 2 + (self.uniform() * 28.0) as usize;
        let text: Vec<_> = (0..words).map(|_| WORDS[(self.uniform() * 8.0) as usize % 8]).collect();
        format!(
            "{{\"text\":\"{}\",\"source\":\"file-{number}.md\",\"page\":{},\"score\":{:.2},\"tags\":[\"a\",\"b\"],\
             \"draft\":false,\"parent\":null}}",
            text.join(" "),
            number % 900,
            self.uniform()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Gauss;

    #[test]
    fn metadata_have_100_to_300_bytes_and_are_json() {
        let mut gauss = Gauss::new(1);
        for number in 0..10_000 {
            let text = gauss.metadata(number);
            assert!((90..=310).contains(&text.len()), "{}", text.len());
            serde_json::from_str::<serde_json::Value>(&text).unwrap();
        }
    }
}
