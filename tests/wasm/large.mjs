// A backup of 5 GB. To open it, its head and its root page with the tail are read, and these are in large.json: so the
// ordinary tests open it without its being there. Long tests make the whole. `node tests/wasm/large.mjs` makes large.json
// anew, which a version of the format or another way of reading would need.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { packageFolder } from './built.mjs';
import { backupOf, sample } from './samples.mjs';

const AT = new URL('large.json', import.meta.url);
const COUNT = 1 << 20;

/** What it is built from. */
export function largeOptions() {
  const records = sample(1_024, 384, { special: false });
  const batches = async function* () {
    for (let first = 0; first < COUNT; first += records.ids.length) {
      yield { ids: records.ids.map((_, at) => `vec_${String(first + at).padStart(9, '0')}`), vectors: records.vectors };
    }
  };
  const options = backupOf(records);
  Object.assign(options.collections[0], { batches: batches(), ordered: true });
  return options;
}

/** Its size, its collections, and of its bytes the parts that are read to open it, as `[offset, text]`. */
export function largeParts() {
  return JSON.parse(readFileSync(AT, 'utf8'));
}

/** Makes large.json: builds it all, keeps both ends, and sees what is read of them. */
async function makeParts() {
  const { build, open } = await import(`${packageFolder}node.js`);
  const ENDS = 1 << 20;
  let [size, first, last] = [0, Buffer.alloc(0), Buffer.alloc(0)];
  for await (const chunk of build(largeOptions())) {
    if (first.length < ENDS) first = Buffer.concat([first, chunk]);
    last = Buffer.concat([last.subarray(-ENDS), chunk]);
    size += chunk.length;
  }
  const parts = [];
  const read = async (offset, length) => {
    const bytes = offset + length <= first.length ? first.subarray(offset, offset + length) : last.subarray(last.length - size + offset).subarray(0, length);
    parts.push([offset, bytes.toString()]);
    return bytes;
  };
  const { collections } = await open({ size, read });
  writeFileSync(AT, `${JSON.stringify({ size, collections, parts }, null, 1)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await makeParts();
