import { VecVaultError } from '../errors.js';

/** The errors that the contract of stores asks for, and the checks that every store makes. */

export function alreadyExists() {
  return new VecVaultError('there is one already', { code: 'already_exists' });
}

export function versionChanged() {
  return new VecVaultError('it was replaced meanwhile', { code: 'version_changed' });
}

/** The range that is read of a blob of `size` bytes: the one that is asked for, or all. */
export function checkedRange(size, range) {
  const { offset, length } = range ?? { offset: 0, length: size };
  if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
    throw new VecVaultError('the range reaches past the end', { code: 'invalid_range' });
  }
  return { offset, length };
}

/** Reads a body to its end, in pieces of `size` bytes; the last may be shorter. None is empty. */
export async function* pieces(body, size) {
  const reader = body.getReader();
  let piece = new Uint8Array(size);
  let filled = 0;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      for (let at = 0; at < value.length; ) {
        const part = value.subarray(at, at + size - filled);
        piece.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled === size) {
          yield piece;
          piece = new Uint8Array(size);
          filled = 0;
        }
      }
    }
    if (filled > 0) yield piece.slice(0, filled);
  } finally {
    reader.cancel().catch(() => {});
  }
}
