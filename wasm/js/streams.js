import { VecVaultError, asStoreError, invalid, wellFormed } from './errors.js';

/** How much is read at once where much is wanted: few large reads are quick everywhere. */
const PIECE = 4 << 20;
/** How many bytes go into the core at once: its memory stays as small as this, whatever a source sends. */
const CHUNK = 1 << 20;
/** After how many bytes the event loop gets a turn, so that signals and clicks come through. */
const TURN = 8 << 20;

/** Lets the event loop run: timers, events and messages, not only promises. A timer of Node's is a millisecond late. */
export function turn() {
  return new Promise((resolve) => (globalThis.setImmediate ?? setTimeout)(resolve));
}

/** What is told of the bytes that go by, and lets the event loop run when it is time. */
function turns() {
  let untilTurn = TURN;
  return async (bytes) => {
    untilTurn -= bytes;
    if (untilTurn > 0) return;
    untilTurn = TURN;
    await turn();
  };
}

/**
 * What the core pulls bytes from: `next()` gives `Uint8Array`s of at most 1 MiB and `undefined` at the end.
 * `pull` gives larger pieces, in any of the forms of bytes.
 */
export class ChunkReader {
  #pull;
  #cancel;
  #piece = new Uint8Array();
  #turns = turns();

  constructor(pull, cancel) {
    this.#pull = pull;
    this.#cancel = cancel;
  }

  async next() {
    while (this.#piece.length === 0) {
      const piece = await this.#pulled();
      if (piece === undefined) return undefined;
      this.#piece = asBytes(piece);
    }
    const chunk = this.#piece.subarray(0, CHUNK);
    this.#piece = this.#piece.subarray(chunk.length);
    await this.#turns(chunk.length);
    return chunk;
  }

  async #pulled() {
    try {
      const piece = await this.#pull();
      if (piece === undefined) this.#cancel = undefined;
      return piece;
    } catch (error) {
      this.#cancel = undefined;
      throw asStoreError(error);
    }
  }

  cancel() {
    this.#piece = new Uint8Array();
    try {
      // Whatever a cancelled stream answers: nobody waits for it.
      Promise.resolve(this.#cancel?.()).catch(() => {});
    } catch {}
  }
}

/** A reader of bytes, a stream, or an iterable of bytes. */
export function readerOf(body) {
  if (body instanceof ReadableStream) return streamReader(body);
  if (isBytes(body) || typeof body === 'string') return onceReader(body);
  if (body instanceof Blob) return streamReader(body.stream());
  const iterator = body?.[Symbol.asyncIterator]?.() ?? body?.[Symbol.iterator]?.();
  if (!iterator) throw invalid('expected bytes, a Blob, a ReadableStream or an iterable of bytes');
  const pull = async () => {
    const { value, done } = await iterator.next();
    return done ? undefined : value;
  };
  return new ChunkReader(pull, () => iterator.return?.());
}

function onceReader(bytes) {
  let rest = bytes;
  return new ChunkReader(async () => {
    const all = rest;
    rest = undefined;
    return all;
  });
}

/**
 * Readers under way. In Chromium a reader that only a pending read refers to can be collected, and the read
 * then never settles.
 */
export const held = new Set();

/** Gives a range piece by piece, up to `undefined`; the next piece is under way while the core works on the last. */
export function readAhead(read, start, end, most = PIECE) {
  let ahead;
  let at = start;
  const ask = () => {
    if (at >= end) return undefined;
    const offset = at;
    const length = Math.min(most, end - at);
    at += length;
    const asked = Promise.resolve(read(offset, length)).then((value) => {
      const bytes = asBytes(value);
      if (bytes.length === length) return bytes;
      throw new VecVaultError(`the source gave ${bytes.length} of ${length} bytes at ${offset}`, { code: 'version_changed' });
    });
    // Its failure is told when it is asked for; until then it is no unhandled rejection.
    asked.catch(() => {});
    return asked;
  };
  return async () => {
    const piece = await (ahead ?? ask());
    ahead = ask();
    return piece;
  };
}

function streamReader(stream) {
  const filled = filledReader(stream);
  const reader = filled ?? stream.getReader();
  held.add(reader);
  let buffer = new ArrayBuffer(filled ? CHUNK : 0);
  const pull = async () => {
    try {
      const { value, done } = await (filled?.readAtLeast(CHUNK, new Uint8Array(buffer)) ?? reader.read());
      // By the next read the core has copied this piece.
      if (filled) buffer = value?.buffer;
      if (!done) return value;
    } catch (error) {
      held.delete(reader);
      throw error;
    }
    held.delete(reader);
    return undefined;
  };
  const cancel = () => {
    held.delete(reader);
    return reader.cancel();
  };
  return new ChunkReader(pull, cancel);
}

/** In workerd: streams of its own give 4 KiB at a time, unless they are asked to fill a buffer. */
function filledReader(stream) {
  if (!globalThis.ReadableStreamBYOBReader?.prototype.readAtLeast) return undefined;
  try {
    return stream.getReader({ mode: 'byob' });
  } catch {
    return undefined;
  }
}

/** A stream of the bytes that `next` gives, up to `undefined`. It is made as it is read. */
export function streamOf(next, cancel) {
  const turned = turns();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const chunk = await next();
          if (chunk === undefined) return controller.close();
          await turned(chunk.length);
          controller.enqueue(chunk);
        } catch (error) {
          // It has what the error was; whatever lets go says no other.
          (async () => cancel?.(error))().catch(() => {});
          throw error;
        }
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
}

export function isBytes(value) {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

/** Bytes in any form, as a `Uint8Array` over the same memory. */
export function asBytes(value) {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === 'string') return new TextEncoder().encode(wellFormed(value, 'text'));
  throw invalid('expected bytes');
}
