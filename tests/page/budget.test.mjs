// What the first view costs: bytes, requests, time; and that the build is the same every time.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { dist, root } from './built.mjs';
import { golden } from './files.mjs';
import { goTo, openFile, readers } from './reader.mjs';

/** Bytes, gzipped, of the first view: the page without the .wasm, the .wasm, and both. */
const MOST = { page: 36_000, wasm: 120_000, both: 155_000 };

let reader;
before(async () => (reader = await readers()));
after(() => reader?.close());

const files = () => readdirSync(dist, { recursive: true }).filter((name) => statSync(`${dist}${name}`).isFile());

/** The modules that were asked for, in that order. */
const modules = () => {
  const names = reader.server.requests.map((path) => /\/(vecvault[\w-]*)-\w{8}\.wasm$/.exec(path)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
};

test('the first view is small, and asks for nothing that it does not need', async () => {
  const page = await reader.tab();
  await openFile(page, golden);
  await page.getByRole('heading', { name: 'About the file' }).waitFor();
  const asked = [...new Set(reader.server.requests)].map((path) => (path === '/' ? '/index.html' : path));
  const sizes = asked.map((path) => [path, statSync(`${dist}${path}.gz`).size]);
  const sum = (wanted) => sizes.filter(([path]) => wanted(path)).reduce((total, [, size]) => total + size, 0);
  const [scripts, wasm] = [sum((path) => !path.endsWith('.wasm')), sum((path) => path.endsWith('.wasm'))];
  console.log(`first view: ${scripts} bytes gzipped of page, ${wasm} of wasm, ${asked.length} requests`);
  assert.ok(scripts <= MOST.page, `${scripts} bytes of page: ${sizes.join(' ')}`);
  assert.ok(wasm <= MOST.wasm && scripts + wasm <= MOST.both, `${wasm} bytes of wasm`);
  assert.deepEqual(modules(), ['vecvault-simd']);
  await goTo(page, 'Statistics');
  await page.getByRole('heading', { name: 'Norms' }).waitFor();
  assert.deepEqual(modules(), ['vecvault-simd', 'vecvault-analysis-simd'], 'what analyses comes when it is wanted');
  await page.close();
});

test('every asset has its gzipped twin, and index.html names the assets by their hashes', () => {
  const all = files();
  for (const name of all.filter((name) => !name.endsWith('.gz'))) {
    assert.ok(gunzipSync(readFileSync(`${dist}${name}.gz`)).equals(readFileSync(`${dist}${name}`)), name);
  }
  const html = readFileSync(`${dist}index.html`, 'utf8');
  assert.equal(html.includes('%'), html.includes('%3C'), 'no place is left open');
  for (const [, name] of html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)) assert.ok(all.includes(name), name);
  assert.ok(!/<script(?![^>]*src=)|<style|style=|onclick=/.test(html), 'nothing is inline');
});

test('another build gives the same bytes', () => {
  const digest = () => files().sort().map((name) => `${name} ${createHash('sha256').update(readFileSync(`${dist}${name}`)).digest('hex')}`);
  const before = digest();
  execFileSync('node', [`${root}www/build.mjs`], { cwd: '/' });
  assert.deepEqual(digest(), before);
});

test('no file of it names a folder of the machine that built it', () => {
  for (const name of files()) assert.ok(!readFileSync(`${dist}${name}`, 'latin1').includes(root), name);
});
