// What is downloaded: how large it is, that each part is one module without SIMD and one with it, Node's with threads
// aside, and that two builds give the same bytes.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

import { hasThreads, long, packageFolder, root, tool } from './built.mjs';

const files = readdirSync(packageFolder, { recursive: true }).filter((name) => statSync(`${packageFolder}${name}`).isFile());
const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;

/**
 * Bytes, gzipped, of each module, and of the scripts as a page has them: bundled, with all that the package can do. What a
 * page loads first is those and `vecvault.wasm` or its twin. Of the scripts 4,800 are wasm-bindgen's glue.
 */
const MOST = { 'vecvault.wasm': 120_000, 'vecvault-analysis.wasm': 110_000, scripts: 15_000 };

/** For Node alone, which reads it from a disk: it may be larger. */
const THREADS = 'vecvault-threads.wasm';

/** Whether the modules have rustup's standard library in them, as it comes: they are larger then, and not what is published. */
function hasRustupsLibrary() {
  const folder = tool('rustc', ['--print', 'target-libdir', '--target', 'wasm32-unknown-unknown']).trim();
  return process.env.VECVAULT_WASM_DEBIAN !== '1' && existsSync(folder);
}

/** The scripts of a page in one. */
async function bundledScripts() {
  const bundle = { entryPoints: [`${packageFolder}web.js`], bundle: true, minify: true, format: 'esm', write: false };
  const { outputFiles } = await build({ ...bundle, logLevel: 'error' });
  return outputFiles[0].contents;
}

test('what is downloaded is no larger than it may be', async (t) => {
  const modules = files.filter((name) => name.endsWith('.wasm') && name !== THREADS).sort();
  if (hasThreads()) console.log(`${THREADS} ${gzipped(readFileSync(`${packageFolder}${THREADS}`))} bytes gzipped, for Node`);
  const parts = Object.keys(MOST).filter((name) => name.endsWith('.wasm'));
  assert.deepEqual(modules, parts.flatMap((name) => [name, name.replace('.wasm', '-simd.wasm')]).sort());
  const sizes = Object.fromEntries(modules.map((name) => [name, gzipped(readFileSync(`${packageFolder}${name}`))]));
  sizes.scripts = gzipped(await bundledScripts());
  for (const [name, size] of Object.entries(sizes)) console.log(`${name} ${size} bytes gzipped`);
  console.log(`what a page loads first: ${sizes['vecvault-simd.wasm'] + sizes.scripts} bytes gzipped`);
  const judged = hasRustupsLibrary() ? ['scripts'] : Object.keys(sizes);
  if (judged.length === 1) t.diagnostic("the modules have rustup's standard library in them, and are not judged");
  for (const name of judged) {
    const [size, most] = [sizes[name], MOST[name.replace('-simd', '')]];
    assert.ok(size <= most, `${name} has ${size} bytes gzipped, and may have ${most}`);
  }
});

test('it names no folder of the machine that built it, and runs nothing when it is installed', () => {
  for (const name of files) {
    const text = readFileSync(`${packageFolder}${name}`, 'latin1');
    assert.ok(!text.includes(root) && !text.includes(process.env.HOME ?? root), name);
    // Bundlers look for a module wherever a script makes such a URL.
    const urls = name.endsWith('.js') ? Array.from(text.matchAll(/new URL\("\.?\/?([^"]*)",import/g), ([, file]) => file) : [];
    for (const file of urls) assert.ok(files.includes(file), `${name} wants ${file}`);
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
