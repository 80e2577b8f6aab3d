//! A small deterministic lexical embedding, so that texts can be put into a collection without a model.
//!
//! It is signed feature hashing and no more: each lower-cased word and each of its character trigrams is
//! hashed (XXH3-64, seed 0) to one of `dimension` buckets and to a sign; the buckets add up, and the vector
//! is scaled to length 1. Texts that share words or parts of words come out near each other; meaning is not
//! looked at. A text without a letter or digit gives zeros.

use xxhash_rust::xxh3::xxh3_64;

/// Embeds `text` into `vector`, whose length is the dimension and whose contents are replaced.
pub fn embed(text: &str, vector: &mut [f32]) {
    vector.fill(0.0);
    if vector.is_empty() {
        return;
    }
    let mut feature = String::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = word.to_lowercase();
        add(vector, 'w', &word, &mut feature);
        let padded: Vec<char> = std::iter::once(' ').chain(word.chars()).chain([' ']).collect();
        for trigram in padded.windows(3) {
            add(vector, 't', &trigram.iter().collect::<String>(), &mut feature);
        }
    }
    let length = vector.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
    if length > 0.0 {
        for x in vector {
            *x = (f64::from(*x) / length) as f32;
        }
    }
}

/// Counts one feature: its kind keeps a word and an equal trigram apart.
fn add(vector: &mut [f32], kind: char, text: &str, feature: &mut String) {
    feature.clear();
    feature.push(kind);
    feature.push_str(text);
    let hash = xxh3_64(feature.as_bytes());
    let bucket = (hash >> 1) % vector.len() as u64;
    vector[bucket as usize] += if hash & 1 == 0 { 1.0 } else { -1.0 };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<f32> {
        let mut vector = vec![9.0; 256];
        embed(text, &mut vector);
        vector
    }

    fn similarity(a: &str, b: &str) -> f32 {
        of(a).iter().zip(of(b)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn equal_texts_are_equal_vectors_of_length_one_whatever_their_case() {
        assert_eq!(of("Hello, World"), of("hello world"));
        assert!((similarity("Größe ändern", "größe ÄNDERN") - 1.0).abs() < 1e-6);
    }

    #[test]
    fn texts_that_share_words_are_nearer_than_those_that_do_not() {
        let backup = "restore a backup of the collection";
        assert!(similarity(backup, "restore the backups of collections") > 0.5);
        assert!(similarity(backup, "violin sonata in g minor").abs() < 0.3);
    }

    #[test]
    fn texts_without_words_are_zeros() {
        assert!(of("").iter().chain(&of(" !? ")).all(|x| *x == 0.0));
        embed("no room", &mut []);
    }

    #[test]
    fn what_was_embedded_once_is_embedded_so_for_ever() {
        let mut vector = [0.0; 4];
        embed("backup", &mut vector);
        assert_eq!(vector, [0.258_198_9, -0.258_198_9, -0.774_596_7, 0.516_397_8]);
    }
}
