import { Backup, verify } from './backup.js';
import { openIn, storeBridge, watchOf } from './bridge.js';
import { build as buildStream, collectionsOf, requestOf } from './build.js';
import { guarded } from './errors.js';
import { core, init, native } from './native.js';
import { SOURCE_KEY, rangeSource, sourceBridge } from './sources.js';
import { streamOf } from './streams.js';

/**
 * Opens a backup from a `Blob`, bytes, a URL whose server answers ranges, or any object with `size` and
 * `read(offset, length)`. Reads its head and tail; another writer's file is read through once.
 */
export async function open(source, options = {}) {
  options.signal?.throwIfAborted();
  await init();
  // The signal is for opening only: what is read later has its own.
  const opening = { ...options };
  const bridge = sourceBridge(await rangeSource(source, opening));
  const backup = await opened([bridge, SOURCE_KEY, undefined], options);
  opening.signal = undefined;
  return backup;
}

/** Opens a backup of a store by its id. */
export async function openBackup(store, id, options = {}) {
  await init();
  return opened([storeBridge(store), keyOf(id), String(id).toLowerCase()], options);
}

async function opened(place, options) {
  return new Backup(await openIn(core, place, options), place);
}

/** Verifies a backup that may be too damaged to open. Damage is told, not thrown. */
export async function verifySource(source, options = {}) {
  await init();
  return verify(sourceBridge(await rangeSource(source, options)), SOURCE_KEY, undefined, options);
}

/** The same for a backup of a store. */
export async function verifyBackup(store, id, options = {}) {
  await init();
  return verify(storeBridge(store), keyOf(id), String(id).toLowerCase(), options);
}

/** Builds a backup as a stream of its bytes. */
export function build(options) {
  let stream;
  const reader = async () => {
    await init();
    stream = buildStream(options).getReader();
  };
  const next = async () => {
    if (!stream) await reader();
    return (await stream.read()).value;
  };
  return streamOf(next, (reason) => stream?.cancel(reason));
}

/** How much of a `Blob` is held beside it while it is made. */
const PART = 16 << 20;

/** Builds a backup as a `Blob`: out of smaller ones, so that there is little of it twice. */
export async function buildBlob(options) {
  const blobs = [];
  let [parts, bytes] = [[], 0];
  for await (const chunk of chunks(build(options))) {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes < PART) continue;
    blobs.push(new Blob(parts));
    [parts, bytes] = [[], 0];
  }
  return new Blob([...blobs, ...parts], { type: 'application/json' });
}

async function* chunks(stream) {
  const reader = stream.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** Builds a backup into a store, under `{id}.backup`; gives its info once it is proved and durable. */
export async function createBackup(store, options) {
  options.signal?.throwIfAborted();
  await init();
  const watch = watchOf(options);
  const made = await watch.over(() => {
    return native().createBackup(storeBridge(store), collectionsOf(options), requestOf(options), watch);
  });
  return JSON.parse(made);
}

/** What is remembered of the backups of each store, so that each is opened once. */
const listings = new WeakMap();

/** Every backup of a store, newest first; damaged ones come last, with `damaged` instead of a name. */
export async function listBackups(store) {
  await init();
  const text = await guarded(() => {
    const listing = listings.get(store) ?? new (native().Listing)();
    listings.set(store, listing);
    return listing.list(storeBridge(store));
  });
  return JSON.parse(text);
}

/** Deletes a backup of a store, for good. */
export async function deleteBackup(store, id) {
  await init();
  return guarded(() => native().deleteBackup(storeBridge(store), String(id)));
}

/** The key of a backup in a store. */
function keyOf(id) {
  return `${String(id).toLowerCase()}.backup`;
}
