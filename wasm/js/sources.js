import { VecVaultError, invalid } from './errors.js';
import { blobReader, slicesOf } from './blobs.js';
import { ChunkReader, asBytes, isBytes, readAhead } from './streams.js';

/** Anything that a backup can be opened from, as `{ size, read(offset, length, signal) }`. */
export async function rangeSource(source, options = {}) {
  if (source instanceof Blob) return blobSource(source);
  if (isBytes(source)) return bytesSource(asBytes(source));
  if (typeof source === 'string' || source instanceof URL) return urlSource(source, options);
  if (typeof source?.read === 'function' && Number.isSafeInteger(source.size) && source.size >= 0) {
    return { size: source.size, read: (offset, length) => source.read(offset, length) };
  }
  throw invalid('expected a Blob, bytes, a URL, or an object with size and read(offset, length)');
}

function blobSource(blob) {
  return {
    size: blob.size,
    read: slicesOf(blob),
    reader: (start, end) => blobReader(blob, start, end),
  };
}

function bytesSource(bytes) {
  return { size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) };
}

/**
 * A file behind a URL whose server answers ranges. What it is must not change meanwhile: its size and its ETag are held, or
 * when it was modified. `options.signal` is heeded for as long as it is there.
 */
async function urlSource(source, options) {
  const url = asUrl(source);
  const arrived = async (answer) => {
    try {
      return await answer;
    } catch (cause) {
      if (options.signal?.aborted) throw cause;
      throw new VecVaultError(`${url} cannot be read: ${cause.message}`, { code: 'unavailable', cause });
    }
  };
  const request = async (range) => {
    const response = await arrived(fetch(url, { headers: { ...options.headers, range }, signal: options.signal }));
    if (response.status === 206) return response;
    await response.body?.cancel();
    const problem = response.ok ? 'the server does not answer ranges' : `the server answered ${response.status}`;
    const code = { 401: 'permission_denied', 403: 'permission_denied', 404: 'not_found', 429: 'unavailable' }[response.status];
    throw new VecVaultError(`${problem}: ${url}`, { code: code ?? (response.status < 500 ? 'store_failed' : 'unavailable') });
  };
  const first = await request('bytes=0-0');
  await first.body?.cancel();
  const sizeOf = ({ headers }) => Number(/\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] ?? NaN);
  const tagOf = ({ headers }) => headers.get('etag') ?? headers.get('last-modified');
  const [size, tag] = [sizeOf(first), tagOf(first)];
  if (!Number.isSafeInteger(size)) {
    throw new VecVaultError(`the server does not tell the file's size: ${url}`, { code: 'store_failed' });
  }
  const read = async (offset, length) => {
    const response = await request(`bytes=${offset}-${offset + length - 1}`);
    if (tagOf(response) !== tag || sizeOf(response) !== size) {
      await response.body?.cancel();
      throw new VecVaultError(`the file has changed meanwhile: ${url}`, { code: 'version_changed' });
    }
    return arrived(response.arrayBuffer());
  };
  return { size, read };
}

/** Where `fetch` would go. */
function asUrl(source) {
  try {
    return new Request(source).url;
  } catch {
    throw invalid(`${source} is no URL; of a file make a Blob (openAsBlob of node:fs)`);
  }
}

/** The key that a lone source has as a store of one blob. */
export const SOURCE_KEY = 'source';

/** A source as a store of one blob, as the core sees stores. */
export function sourceBridge(source) {
  const meta = { key: SOURCE_KEY, size: source.size, version: '', modified: NaN };
  const read = (offset, length) => source.read(offset, length);
  const none = async () => {
    throw new VecVaultError('this source is read only', { code: 'permission_denied' });
  };
  return {
    head: async () => meta,
    get: async (_, start = 0, end = source.size) => {
      if (start > end || end > source.size) {
        throw new VecVaultError('the range reaches past the end', { code: 'invalid_range' });
      }
      return { meta, reader: source.reader?.(start, end) ?? new ChunkReader(readAhead(read, start, end)) };
    },
    list: async () => ({ blobs: [], more: false }),
    put: none,
    delete: none,
  };
}
