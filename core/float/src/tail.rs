//! Appending to a `Vec` in wide stores of which only a part counts.
//!
//! Text and values come in registers, and how much of a register is wanted is known only at run
//! time. `Vec::extend_from_slice` would copy that many bytes through a call to `memcpy`. Here
//! the whole register is stored and the length grows by the part that counts: what lies behind is
//! overwritten by the next store. The price is room for one register behind the last value.

/// Types any bytes of which may be stored in a `Vec` of bytes or floats.
///
/// # Safety
///
/// An implementor has no padding: all of its bytes are initialised.
pub(super) unsafe trait Plain: Copy {}

// SAFETY: integers and arrays of integers and floats have no padding.
unsafe impl Plain for u8 {}
// SAFETY: as above.
unsafe impl Plain for u64 {}
// SAFETY: as above.
unsafe impl Plain for f32 {}
// SAFETY: as above.
unsafe impl<const N: usize> Plain for [u8; N] {}
// SAFETY: as above.
unsafe impl<const N: usize> Plain for [f32; N] {}

#[cfg(target_arch = "x86_64")]
mod vectors {
    use super::Plain;
    use std::arch::x86_64::{__m128, __m128i, __m256, __m512i};

    // SAFETY: vectors are 16, 32 or 64 bytes of data without padding.
    unsafe impl Plain for __m128i {}
    // SAFETY: as above.
    unsafe impl Plain for __m128 {}
    // SAFETY: as above.
    unsafe impl Plain for __m256 {}
    // SAFETY: as above.
    unsafe impl Plain for __m512i {}
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
// SAFETY: a vector is 16 bytes of data without padding.
unsafe impl Plain for std::arch::wasm32::v128 {}

/// Element types for which any bits are a value.
///
/// # Safety
///
/// Every bit pattern of the implementor's size is a valid value of it.
pub(super) unsafe trait AnyBits: Copy {}

// SAFETY: any byte is a `u8`.
unsafe impl AnyBits for u8 {}
// SAFETY: any 32 bits are an `f32`, some of them NaN.
unsafe impl AnyBits for f32 {}

/// The growing end of a `Vec`, with room reserved beforehand.
///
/// The length is kept here, in a register, and given to the `Vec` by [`Tail::finish`]. There is no
/// `Drop` to do that: the clean-up after a panic would force the length into memory.
#[must_use = "what was put is lost without `finish`"]
pub(super) struct Tail<'a, T: AnyBits> {
    vec: &'a mut Vec<T>,
    start: *mut T,
    len: usize,
    capacity: usize,
}

impl<'a, T: AnyBits> Tail<'a, T> {
    /// The end of `vec`, with room for at least `room` more elements.
    #[inline(always)]
    pub(super) fn with_room(vec: &'a mut Vec<T>, room: usize) -> Self {
        vec.reserve(room);
        let (start, len, capacity) = (vec.as_mut_ptr(), vec.len(), vec.capacity());
        Self { vec, start, len, capacity }
    }

    /// Stores all of `bytes`, then lets the first `count` elements of them count.
    ///
    /// # Panics
    ///
    /// If the room does not suffice for all of `bytes`, or `bytes` has fewer than `count` elements.
    #[inline(always)]
    pub(super) fn put<P: Plain>(&mut self, bytes: P, count: usize) {
        let stored = const {
            assert!(size_of::<P>().is_multiple_of(size_of::<T>()));
            size_of::<P>() / size_of::<T>()
        };
        assert!(count <= stored && stored <= self.capacity - self.len, "room was reserved too small");
        // SAFETY: `len + stored <= capacity`, so the store stays inside the allocation, which the
        // tail borrows alone; `write_unaligned` asks for no alignment.
        unsafe { self.start.add(self.len).cast::<P>().write_unaligned(bytes) };
        // Elements below `len` stay initialised: `count <= stored`, all bytes of `P` are
        // initialised, and any bits are a `T`.
        self.len += count;
    }

    /// Stores all of each of `bytes`, each behind what counts of the one before: the first of `counts` of its elements,
    /// one at least.
    ///
    /// # Panics
    ///
    /// As [`Tail::put`] does; the room must suffice for all of `bytes`.
    #[cfg(any(test, all(target_arch = "wasm32", target_feature = "simd128")))]
    #[inline(always)]
    pub(super) fn put_all<P: Plain, const N: usize>(&mut self, bytes: [P; N], counts: [usize; N]) {
        let stored = const {
            assert!(size_of::<P>().is_multiple_of(size_of::<T>()));
            let stored = size_of::<P>() / size_of::<T>();
            assert!(stored.is_power_of_two());
            stored
        };
        // One look for all: less one, none may have a bit that `stored - 1` does not have.
        let less_one = counts.iter().fold(0, |bits, count| bits | count.wrapping_sub(1));
        assert!(less_one < stored && N * stored <= self.capacity - self.len, "room was reserved too small");
        for (bytes, count) in bytes.into_iter().zip(counts) {
            // SAFETY: no more than `stored` elements count of each store before, so that this one ends at most
            // `N * stored` behind the former length, inside the allocation; else as in `put`.
            unsafe { self.start.add(self.len).cast::<P>().write_unaligned(bytes) };
            self.len += count;
        }
    }

    /// Makes what was put part of the `Vec`.
    #[inline(always)]
    pub(super) fn finish(self) {
        // SAFETY: `put` has initialised every element below `len`, and `len <= capacity`.
        unsafe { self.vec.set_len(self.len) };
    }
}

#[cfg(test)]
mod tests {
    use super::Tail;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn only_what_counts_is_appended() {
        let mut text = b"[".to_vec();
        let mut tail = Tail::with_room(&mut text, 8);
        tail.put(*b"1.50", 3);
        tail.put(*b",", 1);
        tail.finish();
        assert_eq!(text, b"[1.5,");
    }

    #[test]
    #[should_panic(expected = "room was reserved too small")]
    fn a_store_behind_the_capacity_is_refused() {
        let mut values: Vec<f32> = Vec::new();
        let mut tail = Tail::with_room(&mut values, 4);
        loop {
            tail.put(1.0f32, 1);
        }
    }

    #[test]
    fn many_are_put_one_behind_the_other() {
        let mut text = b"[".to_vec();
        let mut tail = Tail::with_room(&mut text, 12);
        tail.put_all([*b"1.50", *b",2.0", *b"0]]]"], [3, 4, 2]);
        tail.finish();
        assert_eq!(text, b"[1.5,2.00]");
    }

    #[test]
    #[should_panic(expected = "room was reserved too small")]
    fn many_behind_the_capacity_are_refused() {
        let mut values: Vec<f32> = Vec::new();
        let mut tail = Tail::with_room(&mut values, 8);
        loop {
            tail.put_all([[1.0f32, 2.0], [3.0, 4.0]], [1, 2]);
        }
    }

    #[test]
    #[should_panic(expected = "room was reserved too small")]
    fn no_more_than_was_stored_counts_of_many() {
        let mut text: Vec<u8> = Vec::new();
        Tail::with_room(&mut text, 8).put_all([*b"12", *b"34"], [3, 1]);
    }

    #[test]
    #[should_panic(expected = "room was reserved too small")]
    fn more_than_was_stored_cannot_count() {
        let mut text: Vec<u8> = Vec::new();
        Tail::with_room(&mut text, 8).put(*b"12", 3);
    }
}
