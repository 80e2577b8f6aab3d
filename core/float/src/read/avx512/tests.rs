//! The stages one by one.

use super::super::super::tier::Tier;
use super::{Block, ENOUGH, STEP};

/// What each stage leaves behind, on a text with a group of each kind.
#[target_feature(
    enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512ifma,bmi1,bmi2,lzcnt,popcnt"
)]
fn check() {
    let text = format!("1,-2.5,0.125,-34,1,2,3e1,4,16777217,0,0,0,-0.000123456789,7]{}", " ".repeat(100));
    let text = text.as_bytes();
    let mut block = Block::new();
    block.index(text, 100);
    assert_eq!((block.count, block.closed), (14, true));
    assert_eq!(block.starts[..15], [0, 2, 7, 13, 17, 19, 21, 25, 27, 36, 38, 40, 42, 58, 60]);
    block.align(text);
    assert_eq!(block.token[0], 0x7000 << 48 | 0x7c00 << 32 | 0x7800 << 16 | 0x4000);
    assert_eq!(block.minus[0], 0x1000 << 48 | 0x0800 << 16);
    block.judge();
    // An exponent makes the second group odd, and the middle of two floats the third.
    assert_eq!(block.odd & 0b111, 0b010);
    assert_eq!(block.points[0], 0x8000 << 48 | 0x0800 << 32 | 0x2000 << 16 | 0x8000);
    block.convert();
    assert_eq!(block.odd & 0b100, 0b100);
    assert_eq!(block.values[0][..4], [1.0, -2.5, 0.125, -34.0]);
    // The exponent is read by the other hand; the middle of two floats neither of them decides.
    assert_eq!(block.settle(text), 8);
    let mut out = Vec::new();
    block.append(8, &mut out);
    assert_eq!(out[4..], [1.0, 2.0, 30.0, 4.0]);
}

#[target_feature(
    enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512ifma,bmi1,bmi2,lzcnt,popcnt"
)]
fn check_limits() {
    let mut block = Block::new();
    let ones = "1,".repeat(500);
    block.index(ones.as_bytes(), 1000);
    assert_eq!((block.count, block.closed), (ENOUGH, false));
    block.index(&[b','; 500], 1000);
    assert_eq!((block.count, block.closed), (STEP, false));
    let hundreds = "100,".repeat(500);
    block.index(hundreds.as_bytes(), 1000);
    assert_eq!((block.count, block.closed), (ENOUGH, false));
    block.index(hundreds.as_bytes(), 11);
    assert_eq!(block.count, 8);
    let closed = format!("{}1]{}", "1,".repeat(20), " ".repeat(64));
    block.index(closed.as_bytes(), 21);
    assert_eq!((block.count, block.closed), (21, true));
    block.index(closed.as_bytes(), 20);
    assert_eq!((block.count, block.closed), (20, false));
    // The last bytes of the input belong to the other hand.
    block.index(&hundreds.as_bytes()[..63], 1000);
    assert_eq!((block.count, block.closed), (0, false));
}

#[test]
fn stages() {
    if Tier::available().any(|tier| tier == Tier::Avx512) {
        // SAFETY: the processor has the features, as was asked.
        unsafe {
            check();
            check_limits();
        }
    }
}
