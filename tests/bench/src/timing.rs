//! Clocks, and rounds in which everything that is compared takes turns.

use std::time::Instant;

use rustix::time::{ClockId, Timespec, clock_gettime};

/// What one contender took, a figure a round, in seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn new(seconds: Vec<f64>) -> Self {
        Self(seconds)
    }

    pub(crate) fn push(&mut self, seconds: f64) {
        self.0.push(seconds);
    }

    pub(crate) fn median(&self) -> f64 {
        quantile(&self.0, 0.5)
    }

    pub(crate) fn least(&self) -> f64 {
        quantile(&self.0, 0.0)
    }

    /// How many times as long another took, round by round: what slows a machine for a moment slows both.
    pub(crate) fn times_as_long(&self, other: &Self) -> Ratio {
        let ratios: Vec<f64> = self.0.iter().zip(&other.0).map(|(own, other)| other / own).collect();
        let [low, median, high] = [0.25, 0.5, 0.75].map(|share| quantile(&ratios, share));
        Ratio { median, spread: (high - low) / median * 100.0 }
    }
}

/// Ratios of many rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    pub(crate) median: f64,
    /// Between the first and the third quartile, in per cent of the median.
    pub(crate) spread: f64,
}

/// The value below which `share` of the others are, in a straight line between neighbours.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * sorted.len().saturating_sub(1) as f64;
    match (sorted.get(place.floor() as usize), sorted.get(place.ceil() as usize)) {
        (Some(low), Some(high)) => low + (high - low) * place.fract(),
        _ => f64::NAN,
    }
}

/// CPU seconds of this thread.
pub(crate) fn thread_cpu() -> f64 {
    seconds(clock_gettime(ClockId::ThreadCPUTime))
}

/// CPU seconds of this process, all threads.
pub(crate) fn process_cpu() -> f64 {
    seconds(clock_gettime(ClockId::ProcessCPUTime))
}

/// Wall and CPU seconds of a piece of work, all threads.
pub(crate) fn wall_and_cpu<T>(work: impl FnOnce() -> T) -> (T, f64, f64) {
    let (wall, cpu) = (Instant::now(), process_cpu());
    let result = work();
    (result, wall.elapsed().as_secs_f64(), process_cpu() - cpu)
}

fn seconds(time: Timespec) -> f64 {
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Something to be measured, by name.
pub(crate) struct Contender<'a> {
    pub(crate) name: String,
    pub(crate) work: Box<dyn FnMut() + 'a>,
}

impl<'a> Contender<'a> {
    pub(crate) fn new(name: impl Into<String>, work: impl FnMut() + 'a) -> Self {
        Self { name: name.into(), work: Box::new(work) }
    }
}

/// CPU seconds of this thread for one pass of each contender: a warm-up, then rounds in which they take
/// turns. A contender that is quick repeats its pass until a round is long enough to be measured.
pub(crate) fn take_turns(contenders: Vec<Contender<'_>>, rounds: usize) -> Vec<(String, Samples)> {
    const LEAST_SECONDS: f64 = 0.02;
    let mut contenders: Vec<_> = contenders
        .into_iter()
        .map(|mut contender| {
            (contender.work)();
            let once = time(&mut contender, 1);
            let passes = (LEAST_SECONDS / once.max(1e-9)).ceil().clamp(1.0, 1e4) as usize;
            (contender, passes, Vec::new())
        })
        .collect();
    for _ in 0..rounds {
        for (contender, passes, taken) in &mut contenders {
            taken.push(time(contender, *passes));
        }
    }
    contenders.into_iter().map(|(contender, _, taken)| (contender.name, Samples::new(taken))).collect()
}

fn time(contender: &mut Contender<'_>, passes: usize) -> f64 {
    let start = thread_cpu();
    for _ in 0..passes {
        (contender.work)();
    }
    (thread_cpu() - start) / passes as f64
}

#[cfg(test)]
mod tests {
    use super::Samples;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(Samples::new(vec![3.0, 1.0, 2.0]).median(), 2.0);
        assert_eq!(Samples::new(vec![4.0, 1.0, 2.0, 3.0]).median(), 2.5);
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let (slow, quick) = (Samples::new(vec![10.0, 20.0, 60.0]), Samples::new(vec![1.0, 2.0, 6.0]));
        let ratio = quick.times_as_long(&slow);
        assert_eq!((ratio.median, ratio.spread), (10.0, 0.0));
    }
}
