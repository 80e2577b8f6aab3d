import { VecVaultError } from 'vecvault/slim';

import type { Saved, Takes } from '../protocol.ts';
import type { Context } from './context.ts';
import { save } from './save.ts';

/** A file of the server, whole. What came is compared with what was announced: a connection may end early. */
export async function download({ source, to }: Takes<'download'>, { signal, onProgress }: Context): Promise<Saved> {
  const response = await fetch(source.url, { headers: source.headers, signal, cache: 'no-store', redirect: 'error' });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new VecVaultError(`the server answered ${response.status}`, { code: CODES[response.status] ?? 'unavailable' });
  }
  const total = Number(response.headers.get('content-length') ?? source.size);
  const tell = (bytes: number) => onProgress({ phase: 'reading', records: 0, totalRecords: undefined, bytes, totalBytes: total });
  return save(response.body.pipeThrough(exactly(total)), to, signal, tell);
}

const CODES: Readonly<Record<number, string>> = { 401: 'unauthorized', 404: 'backup_not_found', 429: 'queue_full' };

/** Fails where there is less or more than was announced, before the last of it is written. */
function exactly(total: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  const problem = () => new VecVaultError(`${bytes} bytes came of ${total}`, { code: 'truncated' });
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > total) throw problem();
      controller.enqueue(chunk);
    },
    flush() {
      if (bytes !== total) throw problem();
    },
  });
}
