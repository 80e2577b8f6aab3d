//! Which instruction set a call may use, decided once per process.

use std::sync::atomic::{AtomicU8, Ordering};

/// Which instruction set a call may use.
///
/// All tiers give the same results; they differ in speed only. A .wasm that is built with vectors has
/// [`Tier::Simd128`] alone, whatever is asked for. ARM's NEON has no tier of its own yet and
/// uses [`Tier::Portable`]: a new one is a variant here, an answer in `probe` and in `is_known_here`, and
/// an arm in `write::array` and `read::array`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tier {
    /// Plain 64-bit arithmetic: every processor.
    Portable,
    /// x86-64 with AVX2, BMI1, BMI2, LZCNT and POPCNT (Haswell, Zen and later).
    Avx2,
    /// The former and AVX-512 F, BW, CD, DQ, VL, VBMI, VBMI2 and IFMA (Ice Lake, Zen 4 and later).
    Avx512,
    /// WebAssembly with its 128-bit vectors. A module cannot ask its engine: it is built with them or
    /// without, and an engine that lacks them refuses it.
    Simd128,
}

impl Tier {
    /// The best tier of this processor. Asked once, then remembered.
    #[must_use]
    pub fn detect() -> Self {
        // Relaxed: every thread that finds nothing finds out the same value for itself.
        match BEST.load(Ordering::Relaxed) {
            UNKNOWN => {
                let best = probe();
                BEST.store(best as u8, Ordering::Relaxed);
                best
            }
            known => Self::ALL[usize::from(known)],
        }
    }

    /// Makes [`detect`](Self::detect) give this tier from now on, or the best there is if the processor
    /// lacks it: for measuring a whole verb on each tier. Results are the same on all of them.
    pub fn force(self) {
        BEST.store(self.at_most(probe()) as u8, Ordering::Relaxed);
    }

    /// The tiers of this processor, the slowest first, up to the one that was forced.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|tier| tier.supported() == *tier)
    }

    /// This tier, or the best there is if the processor lacks it.
    pub(super) fn supported(self) -> Self {
        // A .wasm with vectors is taken by engines that have them: the other code would be downloaded for nothing. The
        // tests compare both.
        if cfg!(all(target_arch = "wasm32", target_feature = "simd128", not(test))) {
            return Self::Simd128;
        }
        self.at_most(Self::detect())
    }

    /// This tier, or `best` where that is less or this one is of another architecture.
    fn at_most(self, best: Self) -> Self {
        if self as u8 <= best as u8 && self.is_known_here() { self } else { best }
    }

    /// Whether it is a tier of the architecture that this is built for.
    fn is_known_here(self) -> bool {
        match self {
            Self::Portable => true,
            Self::Avx2 | Self::Avx512 => cfg!(target_arch = "x86_64"),
            Self::Simd128 => cfg!(all(target_arch = "wasm32", target_feature = "simd128")),
        }
    }

    const ALL: [Self; 4] = [Self::Portable, Self::Avx2, Self::Avx512, Self::Simd128];
}

const UNKNOWN: u8 = u8::MAX;

/// What [`Tier::detect`] gives.
static BEST: AtomicU8 = AtomicU8::new(UNKNOWN);

#[cfg(target_arch = "x86_64")]
fn probe() -> Tier {
    macro_rules! has {
        ($($feature:tt),+) => { $(is_x86_feature_detected!($feature))&&+ };
    }
    if !has!("avx2", "bmi1", "bmi2", "lzcnt", "popcnt") {
        Tier::Portable
    } else if !has!(
        "avx512f",
        "avx512bw",
        "avx512cd",
        "avx512dq",
        "avx512vl",
        "avx512vbmi",
        "avx512vbmi2",
        "avx512ifma"
    ) {
        Tier::Avx2
    } else {
        Tier::Avx512
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn probe() -> Tier {
    if Tier::Simd128.is_known_here() { Tier::Simd128 } else { Tier::Portable }
}

#[cfg(test)]
mod tests {
    use super::Tier;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_best_tier_is_the_last_available_one() {
        assert_eq!(Tier::available().next(), Some(Tier::Portable));
        assert_eq!(Tier::available().last(), Some(Tier::detect()));
    }

    #[test]
    fn a_tier_is_replaced_only_where_the_processor_lacks_it() {
        for tier in Tier::available() {
            assert_eq!(tier.supported(), tier);
        }
        for tier in Tier::ALL {
            assert!(Tier::available().any(|known| known == tier.supported()), "{tier:?}");
        }
    }
}
