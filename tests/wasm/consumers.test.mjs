// The package as its users get it: packed, installed into an empty project for each runtime, and used.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';

import { packageFolder, root, tool } from './built.mjs';
import { launch } from './chromium.mjs';
import { serve } from './served.mjs';

const folder = mkdtempSync(`${tmpdir()}/vecvault-consumers-`);
const tools = `${root}tests/node_modules/`;
let tarball;

before(() => {
  tool('npm', ['pack', '--silent', '--pack-destination', folder, packageFolder]);
  tarball = `${folder}/${readdirSync(folder).find((name) => name.endsWith('.tgz'))}`;
});
after(() => rmSync(folder, { recursive: true }));

/** An empty project with the package installed, and tools of the tests linked in. */
function project(name, files, linked = []) {
  const at = `${folder}/${name}`;
  mkdirSync(at);
  writeFileSync(`${at}/package.json`, '{"private":true,"type":"module"}');
  tool('npm', ['install', '--offline', '--silent', '--no-audit', '--no-fund', tarball], { cwd: at });
  for (const each of linked) symlinkSync(`${tools}${each}`, `${at}/node_modules/${each}`);
  for (const [file, text] of Object.entries(files)) writeFileSync(`${at}/${file}`, text);
  return at;
}

/** The JavaScript examples of the README, by the heading that they stand under. */
function readmeExamples() {
  const sections = readFileSync(`${root}wasm/README.md`, 'utf8').split(/^## /m).slice(1);
  const example = (section) => /```js\n([\s\S]*?)```/.exec(section)?.[1];
  return Object.fromEntries(sections.map((section) => [section.split('\n')[0].trim(), example(section)]));
}

const USE = `
  const batches = [{ ids: ['a', 'b'], vectors: new Float32Array([1, 2, 3, 4]), metadata: [{ n: 1 }, null] }];
  const collections = [{ name: 'docs', config: { dimension: 2, metric: 'cosine' }, batches }];
  const backup = await open(await buildBlob({ name: 'consumer', collections }));
  const report = await backup.verify();
  const seen = { ok: report.ok, records: report.records, id: (await backup.record('docs', 1)).id };
`;
const SEEN = { ok: true, records: 2, id: 'b' };

test('Node', () => {
  const at = project('node', { 'main.js': `import { buildBlob, open } from 'vecvault';${USE}console.log(JSON.stringify(seen));` });
  assert.deepEqual(JSON.parse(tool(process.execPath, ['main.js'], { cwd: at })), SEEN);
});

/** V8 has WebAssembly's SIMD on these processors only by these instructions of theirs. */
const NO_SIMD = ['--no-enable-ssse3', '--no-enable-sse3'];

test('Node on an engine without SIMD', { skip: process.arch !== 'x64' && 'it cannot be switched off here' }, () => {
  const main = `import { readFileSync } from 'node:fs'; import { createRequire } from 'node:module';
    import { buildBlob, hasSimd, open } from 'vecvault';${USE}
    const takes = (name) => WebAssembly.validate(readFileSync(createRequire(import.meta.url).resolve('vecvault/' + name)));
    const modules = ['vecvault.wasm', 'vecvault-simd.wasm'].map(takes);
    console.log(JSON.stringify({ ...seen, simd: hasSimd(), modules }));`;
  const at = project('no-simd', { 'main.js': main });
  const seen = (...flags) => JSON.parse(tool(process.execPath, [...flags, 'main.js'], { cwd: at }));
  assert.deepEqual(seen(), { ...SEEN, simd: true, modules: [true, true] });
  assert.deepEqual(seen(...NO_SIMD), { ...SEEN, simd: false, modules: [true, false] });
});

test("Node: the README's example runs as printed", () => {
  const at = project('readme', { 'main.mjs': readmeExamples()['Node'] });
  assert.match(tool(process.execPath, ['main.mjs'], { cwd: at }), /true/);
});

test('the entry without a loader takes a module that is handed in, with SIMD or without', () => {
  const main = `import { readFileSync } from 'node:fs'; import { createRequire } from 'node:module';
    import { buildBlob, hasSimd, init, open } from 'vecvault/slim';
    await init(readFileSync(createRequire(import.meta.url).resolve('vecvault/' + process.argv[2])));${USE}
    console.log(JSON.stringify({ ...seen, simd: hasSimd() }));`;
  const at = project('slim', { 'main.js': main });
  for (const module of ['vecvault.wasm', 'vecvault-simd.wasm']) {
    const seen = JSON.parse(tool(process.execPath, ['main.js', module], { cwd: at }));
    assert.deepEqual(seen, { ...SEEN, simd: true }, module);
  }
});

const PAGE = `<!doctype html><meta charset="utf-8"><title>x</title><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>`;
const IN_PAGE = `import { buildBlob, open } from 'vecvault';${USE}window.seen = seen;`;

/** What a page saw, and which modules it loaded. Without SIMD it is told that the engine has none. */
async function seenIn(at, path, { simd = true } = {}) {
  const server = await serve(at);
  const browser = await launch();
  try {
    const page = await browser.newPage();
    if (!simd) await page.addInitScript(() => (WebAssembly.validate = () => false));
    const [faults, modules] = [[], []];
    page.on('request', (request) => /[\w-]+\.wasm$/.test(request.url()) && modules.push(request.url()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(`${server.address}${path}`);
    await page.waitForFunction(() => window.seen, undefined, { timeout: 20_000 }).catch(() => {});
    assert.deepEqual(faults, []);
    assert.equal(modules.length, 1, `${modules}`);
    assert.equal(/vecvault-simd[\w-]*\.wasm$/.test(modules[0]), simd, modules[0]);
    return await page.evaluate(() => window.seen);
  } finally {
    await browser.close();
    server.close();
  }
}

test('a browser, bundled by Vite', async () => {
  const at = project('vite', { 'index.html': PAGE, 'main.js': IN_PAGE });
  const { build } = await import('vite');
  await build({ root: at, logLevel: 'silent', build: { target: 'es2022' } });
  assert.deepEqual(await seenIn(`${at}/dist`, '/index.html'), SEEN);
  assert.deepEqual(await seenIn(`${at}/dist`, '/index.html', { simd: false }), SEEN);
});

test('a browser, bundled by esbuild with the modules beside', async () => {
  const at = project('esbuild', { 'index.html': PAGE.replace('/main.js', '/out.js'), 'main.js': IN_PAGE });
  const { build } = await import('esbuild');
  await build({ absWorkingDir: at, entryPoints: ['main.js'], bundle: true, format: 'esm', outfile: `${at}/out.js`, logLevel: 'silent' });
  for (const name of ['vecvault.wasm', 'vecvault-simd.wasm']) cpSync(`${at}/node_modules/vecvault/${name}`, `${at}/${name}`);
  assert.deepEqual(await seenIn(at, '/index.html'), SEEN);
});

test('a browser, without a bundler', async () => {
  const at = project('plain', { 'index.html': PAGE, 'main.js': IN_PAGE.replace("'vecvault'", "'/node_modules/vecvault/web.js'") });
  assert.deepEqual(await seenIn(at, '/index.html'), SEEN);
});

test('workerd: the example of an edge worker starts by its one command and answers', async () => {
  const at = project('edge', {}, ['esbuild', 'miniflare']);
  cpSync(`${root}wasm/examples/edge`, at, { recursive: true, filter: (path) => !path.endsWith('package.json') });
  const environment = { ...process.env, PORT: '0', BUCKET: `${at}/bucket` };
  const started = spawn(process.execPath, ['serve.mjs', '--sample'], { cwd: at, env: environment });
  let output = '';
  const listening = new Promise((resolve, reject) => {
    const told = (data) => {
      output += data;
      if (/made /.test(output)) resolve(/listening on (\S+)/.exec(output)[1]);
    };
    started.stdout.on('data', told);
    started.stderr.on('data', told);
    started.once('exit', () => reject(new Error(output)));
  });
  try {
    const { backups } = await (await fetch(`${await listening}/api/backups`)).json();
    assert.deepEqual([backups.length, backups[0].name, backups[0].collections], [1, 'sample', ['docs']]);
  } finally {
    const ended = new Promise((resolve) => started.once('exit', resolve));
    started.kill('SIGTERM');
    await ended;
  }
});
