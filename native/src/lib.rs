//! The native side.
