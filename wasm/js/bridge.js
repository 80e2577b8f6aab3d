import { VecVaultError, asStoreError, guarded } from './errors.js';
import { blobReader } from './blobs.js';
import { release } from './native.js';
import { readerOf, streamOf } from './streams.js';

/**
 * A user's `BlobStore` as the core calls it: answers have exactly the types that the core expects, whatever
 * the store gives, and errors have codes.
 */
export function storeBridge(store) {
  const told = (call) => async (...args) => {
    try {
      return await call(...args);
    } catch (error) {
      throw asStoreError(error);
    }
  };
  return {
    put: told(async (key, body, overwrite) => {
      try {
        const stream = streamOf(() => body.next());
        return metaOf(await store.put(key, stream, { overwrite }), key);
      } finally {
        release(body);
      }
    }),
    get: told(async (key, start, end, version) => {
      const range = start === undefined ? undefined : { offset: start, length: end - start };
      const found = await store.get(key, { range, version });
      if (!found) throw missing();
      return { meta: metaOf(found, key), reader: bodyReader(found.body) };
    }),
    head: told(async (key) => {
      const found = await store.head(key);
      if (!found) throw missing();
      return metaOf(found, key);
    }),
    list: told(async (prefix, after, limit) => {
      const { blobs, more } = await store.list({ prefix, after, limit });
      return { blobs: Array.from(blobs, (blob) => metaOf(blob, blob.key)), more: Boolean(more) };
    }),
    delete: told(async (key) => Boolean(await store.delete(key))),
  };
}

function bodyReader(body) {
  return body instanceof Blob ? blobReader(body, 0, body.size) : readerOf(body);
}

function missing() {
  return new VecVaultError('no such blob', { code: 'not_found' });
}

function metaOf(found, key) {
  const size = Number(found?.size);
  if (!Number.isSafeInteger(size) || size < 0 || found.version == null) {
    throw new VecVaultError('the store told no size or version', { code: 'corrupt' });
  }
  const modified = found.modified === undefined ? NaN : Number(found.modified);
  return { key: String(key), size, version: String(found.version), modified };
}

/**
 * Opens a backup in a module, at its place, `[bridge, key, id]`. An open backup keeps what watched its opening; what that
 * knows is let go, since it may know the backup, and then neither would ever be collected.
 */
export async function openIn(module, place, watched) {
  const watch = watchOf(watched);
  try {
    return await guarded(() => module.exports.openBackup(...place, watch));
  } finally {
    watch?.end();
  }
}

/** Progress and cancellation as the core calls them: these functions never throw. After `end` they do nothing. */
export function watchOf({ signal, onProgress } = {}) {
  if (!signal && !onProgress) return undefined;
  return {
    progress(phase, records, totalRecords, bytes, totalBytes) {
      try {
        onProgress?.({ phase, records, totalRecords, bytes, totalBytes });
      } catch (error) {
        // The caller's own fault is the caller's to see, and no reason to break off.
        reportError(error);
      }
    },
    cancelled: () => signal?.aborted ?? false,
    end() {
      signal = onProgress = undefined;
    },
  };
}

function reportError(error) {
  queueMicrotask(() => {
    throw error;
  });
}

/** What comes first: the work, or the signal. The work is told by itself and ends on its own. */
export function raced(signal, work) {
  if (!signal) return work;
  if (signal.aborted) {
    work.catch(() => {});
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
