// What is downloaded: how large it is, that there is one module without SIMD and one with it, and that two builds give
// the same bytes.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { long, packageFolder, root, tool } from './built.mjs';

const files = readdirSync(packageFolder, { recursive: true }).filter((name) => statSync(`${packageFolder}${name}`).isFile());
const gzipped = (names) => gzipSync(Buffer.concat(names.map((name) => readFileSync(`${packageFolder}${name}`))), { level: 9 }).length;

/**
 * Bytes, gzipped. The aim for the .wasm is 120,000. What is left above it is core's futures, comparing, statistics and
 * pictures, and what optimising for speed costs; built for size it is 155,000, and verifies at a third of the speed. It may
 * not grow past what it is. Where rustup's standard library is built in, that is larger. Glue and API have
 * 14,100, of which 4,000 are wasm-bindgen's.
 */
const MOST = { wasm: 185_000, scripts: 15_000 };

test('what is downloaded is no larger than it may be', () => {
  const modules = files.filter((name) => name.endsWith('.wasm')).sort();
  assert.deepEqual(modules, ['vecvault-simd.wasm', 'vecvault.wasm']);
  for (const name of modules) {
    const core = gzipped([name]);
    console.log(`${name} ${core} bytes gzipped`);
    assert.ok(core <= MOST.wasm, `${name} has ${core} bytes gzipped`);
  }
  const glue = gzipped(files.filter((name) => name.endsWith('.js')));
  console.log(`glue and API ${glue} bytes gzipped`);
  assert.ok(glue <= MOST.scripts, `glue and API have ${glue} bytes gzipped`);
});

test('it names no folder of the machine that built it, and runs nothing when it is installed', () => {
  for (const name of files) {
    const text = readFileSync(`${packageFolder}${name}`, 'latin1');
    assert.ok(!text.includes(root) && !text.includes(process.env.HOME ?? root), name);
  }
  assert.equal(JSON.parse(readFileSync(`${packageFolder}package.json`, 'utf8')).scripts, undefined);
});

test('another build, in another folder, gives the same bytes', { skip: !long && 'a build takes a minute: --long' }, () => {
  const again = mkdtempSync(`${tmpdir()}/vecvault-again-`);
  try {
    tool('cargo', ['xtask', 'wasm', '--out', again, '--build-in', 'wasm-again']);
    for (const name of files) {
      assert.ok(readFileSync(`${again}/${name}`).equals(readFileSync(`${packageFolder}${name}`)), name);
    }
  } finally {
    rmSync(again, { recursive: true });
  }
});
