// Builds the page into `www/dist/`: `cargo xtask page` calls it once everything is installed.
//
// index.html and hashed assets beside it, each also as `.gz`. Equal sources give equal bytes: nothing here reads
// the clock or the environment. `--packages DIR` says where preact and esbuild are installed.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const here = fileURLToPath(new URL('./', import.meta.url));
const { values } = parseArgs({
  options: { packages: { type: 'string', default: `${here}../tests/.cache/page-packages/node_modules/` } },
});
const esbuild = createRequire(`${values.packages}/`)('esbuild');

/**
 * What the page may do where no server sends a policy of its own. It is the policy of `vecvault serve`, but that a
 * backup may be read from any https address: one that the reader typed, since the page asks for nothing by itself.
 * (`frame-ancestors` cannot be said in a document.)
 */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; " +
  "connect-src 'self' blob: https:; worker-src 'self'; base-uri 'none'; form-action 'none'";

const MODULES = ['vecvault.wasm', 'vecvault-simd.wasm', 'vecvault-analysis.wasm', 'vecvault-analysis-simd.wasm'];

const dist = `${here}dist/`;
const assets = `${dist}assets/`;

/** The npm package, as far as a page has it. */
const PACKAGE = '../tests/.cache/page-vecvault';
/** What the page imports of it: its scripts without a loader, and its modules as files. */
const ALIASES = {
  vecvault: `${PACKAGE}/index.js`,
  'vecvault/slim': `${PACKAGE}/index.js`,
  ...Object.fromEntries(MODULES.map((name) => [`vecvault/${name}`, `${PACKAGE}/${name}`])),
};

/** Bundles one entry with what it imports; gives the entry's output and what is loaded at once with it. */
async function bundle(entry, options = {}) {
  const { metafile } = await esbuild.build({
    absWorkingDir: here,
    entryPoints: [entry],
    outdir: assets,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    splitting: entry.endsWith('.css') ? false : true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    nodePaths: [values.packages],
    alias: ALIASES,
    loader: { '.wasm': 'file', '.svg': 'file' },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    ...options,
  });
  const outputs = Object.entries(metafile.outputs);
  const [path, output] = outputs.find(([, { entryPoint }]) => entryPoint === entry);
  const atOnce = output.imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => basename(path));
  return { name: basename(path), atOnce };
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });
const worker = await bundle('src/worker/worker.ts');
const styles = await bundle('src/styles/index.css');
const later = await bundle('src/styles/later.css');
const main = await bundle('src/main.tsx', { define: { WORKER_FILE: JSON.stringify(worker.name), LATER_STYLES_FILE: JSON.stringify(later.name) } });

const preload = [...main.atOnce].map((name) => `<link rel="modulepreload" href="./assets/${name}">`);
const html = readFileSync(`${here}src/index.html`, 'utf8')
  .replace('%POLICY%', POLICY)
  .replace('%STYLES%', `./assets/${styles.name}`)
  .replace('%MAIN%', `./assets/${main.name}`)
  .replace('%PRELOAD%', preload.join('\n    '));
writeFileSync(`${dist}index.html`, html);

for (const name of ['index.html', ...readdirSync(assets).map((name) => `assets/${name}`)]) {
  const twin = gzipSync(readFileSync(`${dist}${name}`), { level: 9 });
  // The byte that names the operating system: unknown, on every one.
  twin[9] = 255;
  writeFileSync(`${dist}${name}.gz`, twin);
}
