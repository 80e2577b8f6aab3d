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
  const blob = await new Response(counted).blob();
  signal.throwIfAborted();
  return { bytes, blob };
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
