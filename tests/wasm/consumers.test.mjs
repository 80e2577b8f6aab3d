// The package as its users get it: packed, installed into an empty project for each runtime, and used.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { hasThreads, packageFolder, root, tool } from './built.mjs';
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

/** Looks closer at that backup, which takes another module. */
const ANALYSE = `async () => {
  const { norms } = await backup.statistics('docs');
  const { ids } = await backup.projection('docs');
  return { norm: norms.max, ids, equal: (await diffBackups(backup, backup)).equal };
}`;
const ANALYSED = { norm: 5, ids: ['a', 'b'], equal: true };

test('Node', () => {
  const main = `import { buildBlob, diffBackups, open } from 'vecvault';${USE}
    console.log(JSON.stringify({ ...seen, ...(await (${ANALYSE})()) }));`;
  const at = project('node', { 'main.js': main });
  assert.deepEqual(JSON.parse(tool(process.execPath, ['main.js'], { cwd: at })), { ...SEEN, ...ANALYSED });
});

test('Node with threads', { skip: !hasThreads() && 'it was built without' }, () => {
  const main = `import { startThreads } from 'vecvault/threads'; import { buildBlob, diffBackups, open } from 'vecvault';
    await startThreads(2);${USE}
    console.log(JSON.stringify({ ...seen, ...(await (${ANALYSE})()) }));`;
  const at = project('threads', { 'main.js': main, 'readme.mjs': readmeExamples()['Threads'] });
  assert.deepEqual(JSON.parse(tool(process.execPath, ['main.js'], { cwd: at })), { ...SEEN, ...ANALYSED });
  assert.match(tool(process.execPath, ['readme.mjs'], { cwd: at }), /true/);
});

/** V8 has WebAssembly's SIMD on these processors only by these instructions of theirs. */
const NO_SIMD = ['--no-enable-ssse3', '--no-enable-sse3'];

test('Node on an engine without SIMD', { skip: process.arch !== 'x64' && 'it cannot be switched off here' }, () => {
  const main = `import { readFileSync } from 'node:fs'; import { createRequire } from 'node:module';
    import { buildBlob, diffBackups, hasSimd, open } from 'vecvault';${USE}
    const takes = (name) => WebAssembly.validate(readFileSync(createRequire(import.meta.url).resolve('vecvault/' + name)));
    const modules = ['vecvault.wasm', 'vecvault-simd.wasm', 'vecvault-analysis.wasm', 'vecvault-analysis-simd.wasm'].map(takes);
    console.log(JSON.stringify({ ...seen, ...(await (${ANALYSE})()), simd: hasSimd(), modules }));`;
  const at = project('no-simd', { 'main.js': main });
  const seen = (...flags) => JSON.parse(tool(process.execPath, [...flags, 'main.js'], { cwd: at }));
  assert.deepEqual(seen(), { ...SEEN, ...ANALYSED, simd: true, modules: [true, true, true, true] });
  assert.deepEqual(seen(...NO_SIMD), { ...SEEN, ...ANALYSED, simd: false, modules: [true, false, true, false] });
});

test("Node: the README's example runs as printed", () => {
  const at = project('readme', { 'main.mjs': readmeExamples()['Node'] });
  assert.match(tool(process.execPath, ['main.mjs'], { cwd: at }), /true/);
});

test('a module that is not there is an error with a code, and the next call finds it', () => {
  const main = `import { readFileSync } from 'node:fs'; import { createRequire } from 'node:module';
    import { buildBlob, init, initAnalysis, open } from 'vecvault/slim';
    const module = (name) => readFileSync(createRequire(import.meta.url).resolve('vecvault/' + name + '.wasm'));
    const refused = [];
    const refusal = (call) => call.then(() => refused.push('none'), ({ name, code, cause }) => refused.push([name, code, cause?.name]));
    await refusal(open(new Uint8Array(1)));
    await refusal(init(new URL('http://127.0.0.1:1/vecvault.wasm')));
    await refusal(init(new Uint8Array([0, 97, 115, 109])));
    await init(module('vecvault'));${USE}
    await refusal(backup.statistics('docs'));
    await refusal(initAnalysis(Promise.reject(new TypeError('not to be had'))));
    await initAnalysis(module('vecvault-analysis'));
    console.log(JSON.stringify({ refused, norm: (await backup.statistics('docs')).norms.max }));`;
  const at = project('absent', { 'main.js': main });
  const error = 'VecVaultError';
  assert.deepEqual(JSON.parse(tool(process.execPath, ['main.js'], { cwd: at })), {
    refused: [
      [error, 'invalid_request', null],
      [error, 'unavailable', 'TypeError'],
      [error, 'unavailable', 'CompileError'],
      [error, 'invalid_request', null],
      [error, 'unavailable', 'TypeError'],
    ],
    norm: 5,
  });
});

test('the entry without a loader takes modules that are handed in, with SIMD or without', () => {
  const main = `import { readFileSync } from 'node:fs'; import { createRequire } from 'node:module';
    import { buildBlob, diffBackups, init, initAnalysis, open } from 'vecvault/slim';
    const module = (name) => readFileSync(createRequire(import.meta.url).resolve('vecvault/' + name + process.argv[2]));
    await init(module('vecvault'));${USE}
    await initAnalysis(module('vecvault-analysis'));
    console.log(JSON.stringify({ ...seen, ...(await (${ANALYSE})()) }));`;
  const at = project('slim', { 'main.js': main });
  for (const ending of ['.wasm', '-simd.wasm']) {
    const seen = JSON.parse(tool(process.execPath, ['main.js', ending], { cwd: at }));
    assert.deepEqual(seen, { ...SEEN, ...ANALYSED }, ending);
  }
});

const PAGE = `<!doctype html><meta charset="utf-8"><title>x</title><link rel="icon" href="data:,"><script type="module" src="/main.js"></script>`;
const IN_PAGE = `import { buildBlob, diffBackups, open } from 'vecvault';${USE}Object.assign(window, { seen, analyse: ${ANALYSE} });`;
/** The same in a worker, which is told when to look closer. It is bundled without `await` at its top. */
const IN_WORKER = `import { buildBlob, diffBackups, open } from 'vecvault';
  (async () => {${USE}
    onmessage = async () => postMessage(await (${ANALYSE})());
    postMessage(seen);
  })();`;
const WITH_WORKER = `const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  const told = () => new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
  const seen = await told();
  Object.assign(window, { seen, analyse: () => (worker.postMessage('analyse'), told()) });`;

/**
 * What a page sees, first of a backup and then closer. It loads one module, and the other once it looks closer. Without
 * SIMD it is told that the engine has none.
 */
async function seenIn(at, path, { simd = true } = {}) {
  const server = await serve(at);
  const browser = await launch();
  try {
    const page = await browser.newPage();
    if (!simd) await page.addInitScript(() => (WebAssembly.validate = () => false));
    const [faults, modules] = [[], []];
    const asked = (request) => {
      const [, module] = /(vecvault(?:-analysis)?(?:-simd)?)(?:-[\w-]{8})?\.wasm$/.exec(request.url()) ?? [];
      if (module) modules.push(module);
    };
    page.context().on('request', asked);
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(`${server.address}${path}`);
    await page.waitForFunction(() => window.seen, undefined, { timeout: 20_000 }).catch(() => {});
    assert.deepEqual(faults, []);
    const ending = simd ? '-simd' : '';
    assert.deepEqual(modules, [`vecvault${ending}`]);
    const seen = await page.evaluate(() => window.seen);
    const analysed = await page.evaluate(() => window.analyse());
    assert.deepEqual(modules, [`vecvault${ending}`, `vecvault-analysis${ending}`]);
    return { ...seen, ...analysed };
  } finally {
    await browser.close();
    server.close();
  }
}

test('a browser, bundled by Vite', async () => {
  const at = project('vite', { 'index.html': PAGE, 'main.js': IN_PAGE });
  const { build } = await import('vite');
  await build({ root: at, logLevel: 'silent', build: { target: 'es2022' } });
  assert.deepEqual(await seenIn(`${at}/dist`, '/index.html'), { ...SEEN, ...ANALYSED });
  assert.deepEqual(await seenIn(`${at}/dist`, '/index.html', { simd: false }), { ...SEEN, ...ANALYSED });
});

test('a worker, bundled by Vite into one script, without a warning', async () => {
  const at = project('vite-worker', { 'index.html': PAGE, 'main.js': WITH_WORKER, 'worker.js': IN_WORKER });
  const { build, createLogger } = await import('vite');
  const warnings = [];
  const customLogger = { ...createLogger('silent'), warn: (message) => warnings.push(message) };
  await build({ root: at, customLogger, build: { target: 'es2022' } });
  assert.deepEqual(warnings, []);
  assert.deepEqual(await seenIn(`${at}/dist`, '/index.html'), { ...SEEN, ...ANALYSED });
});

test('a browser, bundled by webpack, without a warning', async () => {
  const at = project('webpack', { 'main.js': IN_PAGE });
  const { default: webpack } = await import('webpack');
  // By default it names what it copies by its hash alone, and which module a page loads could not be told.
  const output = { path: `${at}/dist`, assetModuleFilename: '[name]-[hash:8][ext]' };
  // It warns of every file over 244 KiB, before compression.
  const compiler = webpack({ context: at, mode: 'production', entry: './main.js', output, performance: false });
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }), { errors: [], warnings: [] });
  writeFileSync(`${at}/dist/index.html`, PAGE);
  assert.deepEqual(await seenIn(`${at}/dist`, '/index.html'), { ...SEEN, ...ANALYSED });
});

test('a browser, bundled by esbuild with the modules beside', async () => {
  const at = project('esbuild', { 'index.html': PAGE.replace('/main.js', '/out.js'), 'main.js': IN_PAGE });
  const { build } = await import('esbuild');
  await build({ absWorkingDir: at, entryPoints: ['main.js'], bundle: true, format: 'esm', outfile: `${at}/out.js`, logLevel: 'silent' });
  const installed = `${at}/node_modules/vecvault/`;
  for (const name of readdirSync(installed).filter((name) => name.endsWith('.wasm'))) cpSync(`${installed}${name}`, `${at}/${name}`);
  assert.deepEqual(await seenIn(at, '/index.html'), { ...SEEN, ...ANALYSED });
});

test('a browser, without a bundler', async () => {
  const at = project('plain', { 'index.html': PAGE, 'main.js': IN_PAGE.replace("'vecvault'", "'/node_modules/vecvault/web.js'") });
  assert.deepEqual(await seenIn(at, '/index.html'), { ...SEEN, ...ANALYSED });
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
