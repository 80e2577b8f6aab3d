/** Streams to where the reader wants them: a file of theirs, or a Blob that is offered as a download. */
import { VecVaultError } from 'vecvault/slim';

import type { Destination, Saved } from '../protocol.ts';

/** Saves a stream to its end. Where it fails, a file that was there before is as it was. */
export async function save(stream: ReadableStream<Uint8Array>, to: Destination, signal: AbortSignal, onBytes?: (bytes: number) => void): Promise<Saved> {
  let bytes = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      onBytes?.(bytes);
      controller.enqueue(chunk);
    },
  });
  const counted = stream.pipeThrough(counter);
  if (to) {
    await write(counted, to, signal);
    return { bytes, blob: undefined };
  }
  const blob = await gather(counted, signal);
  return { bytes, blob };
}

/** How many bytes are held here before they are handed to the browser, which may keep them on its disk. */
const HELD = 32 << 20;

/** A stream as a Blob. (`Response.blob()` would forget why a stream failed.) */
async function gather(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<Blob> {
  const blobs: Blob[] = [];
  let parts: BlobPart[] = [];
  let held = 0;
  const fold = () => {
    blobs.push(new Blob(parts));
    [parts, held] = [[], 0];
  };
  const write = (chunk: Uint8Array) => {
    parts.push(chunk as Uint8Array<ArrayBuffer>);
    held += chunk.length;
    if (held >= HELD) fold();
  };
  await stream.pipeTo(new WritableStream({ write }), { signal });
  fold();
  return new Blob(blobs, { type: 'application/octet-stream' });
}

async function write(stream: ReadableStream<Uint8Array>, to: FileSystemFileHandle, signal: AbortSignal): Promise<void> {
  try {
    const file = await to.createWritable();
    // The browser writes beside the file and puts it in place when all of it is there.
    await stream.pipeTo(file as unknown as WritableStream<Uint8Array>, { signal });
  } catch (error) {
    await removeEmpty(to);
    if (error instanceof DOMException && error.name === 'QuotaExceededError') {
      throw new VecVaultError('there is no room for the file', { code: 'no_space', cause: error });
    }
    throw error;
  }
}

/** The file that choosing a new name has made: nothing has come of it. */
async function removeEmpty(to: FileSystemFileHandle): Promise<void> {
  try {
    if ((await to.getFile()).size === 0) await to.remove?.();
  } catch {
    // It stays, empty.
  }
}
