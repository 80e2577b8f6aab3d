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
export function openIn(module, place, watched) {
  const watch = watchOf(watched);
  return watch.over(async () => {
    try {
      return await module.exports.openBackup(...place, watch);
    } finally {
      watch.end();
    }
  });
}

/** What watches a call: as the core calls it, which never sees it throw, and as those who wait for the call see it. */
export function watchOf({ signal, onProgress } = {}) {
  let [fault, stop] = [];
  return {
    progress(phase, records, totalRecords, bytes, totalBytes) {
      this.tell({ phase, records, totalRecords, bytes, totalBytes });
    },
    cancelled: () => Boolean(fault ?? signal?.aborted),
    tell(progress) {
      try {
        onProgress?.(progress);
      } catch (error) {
        fault ??= { error };
        stop?.(error);
      }
    },
    /** What a call gives, or what comes before it: the signal, or an exception of `onProgress`. Then the core is told to end. */
    over(call) {
      const faulted = new Promise((_, reject) => {
        stop = reject;
        if (fault) reject(fault.error);
      });
      return Promise.race([raced(signal, guarded(call)), faulted]);
    },
    /** From now on nobody is told, nor known. */
    end() {
      signal = onProgress = stop = undefined;
    },
  };
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
