// The backups of an R2 bucket over HTTP, in the paths and the JSON of the documented API:
//
//   GET  /api/backups               every backup, newest first
//   GET  /api/backups/{id}          one: info, collections, and with `?collection=docs&offset=0&limit=20` records
//   POST /api/backups/{id}/verify   every byte of it, checked
//
// Nothing is loaded whole: a worker's 128 MB do for a backup of any size.
import { R2Store, VecVaultError, listBackups, openBackup, verifyBackup } from 'vecvault';

/** Kept from one request to the next, so that each backup is opened once for the list. */
const stores = new WeakMap();

export default {
  async fetch(request, env) {
    try {
      return await route(request, storeOf(env.BACKUPS));
    } catch (error) {
      return failure(error);
    }
  },
};

function storeOf(bucket) {
  let store = stores.get(bucket);
  if (!store) stores.set(bucket, (store = new R2Store(bucket)));
  return store;
}

async function route(request, store) {
  const { pathname, searchParams } = new URL(request.url);
  const [, id, action] = /^\/api\/backups(?:\/([^/]+))?(?:\/(verify))?$/.exec(pathname) ?? [];
  const call = `${request.method} ${pathname === '/api/backups' ? 'list' : id ? (action ?? 'show') : pathname}`;
  switch (call) {
    case 'GET list':
      return Response.json({ backups: await listBackups(store) });
    case 'GET show':
      return Response.json(await show(store, id, searchParams));
    case 'POST verify':
      return Response.json(await verifyBackup(store, id, { signal: request.signal }));
    default:
      throw new VecVaultError('there is nothing at this path', { code: 'not_found' });
  }
}

async function show(store, id, search) {
  const backup = await openBackup(store, id);
  const shown = { ...backup.info, provenance: backup.provenance, contents: backup.collections };
  const collection = search.get('collection');
  if (collection === null) return shown;
  const number = (name, otherwise) => Number(search.get(name) ?? otherwise);
  const page = await backup.page(collection, number('offset', 0), Math.min(number('limit', 20), 1000));
  return { ...shown, page: { collection, offset: page.offset, total: page.total, vectors: vectorsOf(page) } };
}

/** As the documented format has records. Metadata are parsed here, since this answers with JSON of its own. */
function vectorsOf(page) {
  return [...page].map(({ id, vector }, index) => ({ id, vector: Array.from(vector), metadata: page.metadata(index) }));
}

const STATUSES = {
  already_exists: 409,
  backup_not_found: 404,
  collection_not_found: 404,
  invalid_id: 400,
  invalid_name: 400,
  invalid_request: 400,
  not_found: 404,
  unavailable: 503,
};

function failure(error) {
  const known = error instanceof VecVaultError;
  // What is wrong with a backup's bytes has a place in them.
  const status = known ? (STATUSES[error.code] ?? (error.offset === undefined ? 500 : 422)) : 500;
  const { offset, path } = error;
  const message = known ? error.message : 'a fault of this worker';
  const details = offset === undefined ? {} : { offset, path };
  return Response.json({ error_type: known ? error.code : 'internal_error', message, details, status_code: status }, { status });
}
