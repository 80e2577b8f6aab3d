import { VecVaultError } from './errors.js';
import { ChunkReader, held, readAhead } from './streams.js';

/** How much is read at once of a stream into a buffer of ours: browsers are quickest at this. */
const VIEW = 1 << 20;
/** After how many milliseconds a read that has not come is taken for one that never will. */
const STALLED = 10_000;
/** Node's streams of blobs come in pieces of 64 KiB whatever the buffer: slices, one ahead, are quicker there. */
const IN_NODE = globalThis.process?.versions?.node !== undefined;
/** How much is read at once by slices. Node puts each together from its pieces, the more slowly the larger it is. */
const SLICE = IN_NODE ? 1 << 20 : 4 << 20;

/** What reads a part of a `Blob`. Engines say in many ways that the file behind it is another by now, or gone. */
export function slicesOf(blob) {
  return (offset, length) => blob.slice(offset, offset + length).arrayBuffer().catch(changed);
}

function changed(cause) {
  throw new VecVaultError('the file changed or went away', { code: 'version_changed', cause });
}

/**
 * Reads a range of a `Blob` front to back. In browsers, streams read into buffers are up to twice as quick as slices
 * and take less memory; but in Chromium their reads can stall for ever. So readers are held while they read, and where
 * a read stalls all the same, slices go on from there.
 */
export function blobReader(blob, start, end, { stalled = STALLED, streamed = !IN_NODE } = {}) {
  let stream = streamed && end - start > VIEW ? streamPieces(blob.slice(start, end), stalled) : undefined;
  let at = start;
  let next;
  const pull = async () => {
    if (stream) {
      const piece = await stream.next();
      if (piece !== STALL) {
        at += piece?.length ?? 0;
        return piece;
      }
      stream = undefined;
    }
    next ??= readAhead(slicesOf(blob), at, end, SLICE);
    return next();
  };
  return new ChunkReader(pull, () => stream?.cancel());
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
    // Where it fails, slices say why.
    const read = await unlessStalled(ahead, stalled).catch(() => STALL);
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
