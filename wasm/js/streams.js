/** How many bytes go into the core at once: its memory stays as small as this, whatever a source sends. */
const CHUNK = 1 << 20;
/** After how many bytes the event loop gets a turn, so that signals and clicks come through. */
const TURN = 8 << 20;

/** Lets the event loop run: timers, events and messages, not only promises. A timer of Node's is a millisecond late. */
export function turn() {
  return new Promise((resolve) => (globalThis.setImmediate ?? setTimeout)(resolve));
}

/**
 * What the core pulls bytes from: `next()` gives `Uint8Array`s of at most 1 MiB and `undefined` at the end.
 * `pull` gives larger pieces, in any of the forms of bytes.
 */
export class ChunkReader {
  #pull;
  #cancel;
  #piece = new Uint8Array();
  #untilTurn = TURN;

  constructor(pull, cancel) {
    this.#pull = pull;
    this.#cancel = cancel;
  }

  async next() {
    while (this.#piece.length === 0) {
      const piece = await this.#pull();
      if (piece === undefined) return undefined;
      this.#piece = asBytes(piece);
    }
    const chunk = this.#piece.subarray(0, CHUNK);
    this.#piece = this.#piece.subarray(chunk.length);
    this.#untilTurn -= chunk.length;
    if (this.#untilTurn <= 0) {
      this.#untilTurn = TURN;
      await turn();
    }
    return chunk;
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
  if (isBytes(body)) return onceReader(body);
  if (body instanceof Blob) return streamReader(body.stream());
  const iterator = body?.[Symbol.asyncIterator]?.() ?? body?.[Symbol.iterator]?.();
  if (!iterator) throw new TypeError('expected bytes, a Blob, a ReadableStream or an iterable of bytes');
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

function streamReader(stream) {
  const reader = stream.getReader();
  held.add(reader);
  const pull = async () => {
    try {
      const { value, done } = await reader.read();
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

/** A stream of what `next` gives, up to `undefined`. It is made as it is read. */
export function streamOf(next, cancel) {
  return new ReadableStream(
    {
      async pull(controller) {
        const chunk = await next();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
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
  if (typeof value === 'string') return new TextEncoder().encode(value);
  throw new TypeError('expected bytes');
}
