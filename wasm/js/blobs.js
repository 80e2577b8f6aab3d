import { ChunkReader, held } from './streams.js';

/** How much is read at once of a stream into a buffer of ours: browsers are quickest at this. */
const VIEW = 1 << 20;
/** How much is read at once by slices, where there is no such stream. */
const SLICE = 4 << 20;
/** After how many milliseconds a read that has not come is taken for one that never will. */
const STALLED = 10_000;

/**
 * Reads a range of a `Blob` front to back. Streams read into buffers are two to three times as quick as slices;
 * but in Chromium their reads can stall for ever. So readers are held while they read, and where a read stalls all
 * the same, slices go on from there.
 */
export function blobReader(blob, start, end, stalled = STALLED) {
  let pieces = end - start > VIEW ? streamPieces(blob.slice(start, end), stalled) : undefined;
  let at = start;
  const pull = async () => {
    if (pieces) {
      const piece = await pieces.next();
      if (piece !== STALL) {
        at += piece?.length ?? 0;
        return piece;
      }
      pieces = undefined;
    }
    if (at >= end) return undefined;
    const slice = blob.slice(at, Math.min(end, at + SLICE));
    const bytes = new Uint8Array(await slice.arrayBuffer());
    at += bytes.length;
    return bytes;
  };
  return new ChunkReader(pull, () => pieces?.cancel());
}

/** What a read gives that does not come. */
const STALL = Symbol('stall');

/** The pieces of a stream, one read ahead: while the core works on one buffer, the other is filled. */
function streamPieces(blob, stalled) {
  let reader;
  try {
    reader = blob.stream().getReader({ mode: 'byob' });
  } catch {
    return undefined;
  }
  held.add(reader);
  let spare = new ArrayBuffer(VIEW);
  let ahead = reader.read(new Uint8Array(new ArrayBuffer(VIEW)));
  const cancel = () => {
    held.delete(reader);
    return reader.cancel();
  };
  const next = async () => {
    const read = await unlessStalled(ahead, stalled).catch((error) => {
      held.delete(reader);
      throw error;
    });
    if (read === STALL) {
      // Not awaited: it may not settle either.
      cancel().catch(() => {});
      return STALL;
    }
    if (read.done) {
      held.delete(reader);
      return undefined;
    }
    ahead = reader.read(new Uint8Array(spare));
    ahead.catch(() => {});
    // By the next call the core has copied this piece.
    spare = read.value.buffer;
    return read.value;
  };
  return { next, cancel };
}

async function unlessStalled(read, milliseconds) {
  let timer;
  const stall = new Promise((resolve) => (timer = setTimeout(resolve, milliseconds, STALL)));
  try {
    return await Promise.race([read, stall]);
  } finally {
    clearTimeout(timer);
  }
}
