// The types say what the package does: what a user writes compiles, what is wrong does not, and every export has one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { cache, hasThreads, packageFolder, root } from './built.mjs';

const tsc = createRequire(`${root}tests/`).resolve('typescript/package.json').replace('package.json', 'bin/tsc');

function compile(files) {
  const folder = mkdtempSync(`${cache}types-`);
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text);
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: 'es2022',
      lib: ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable'],
      types: [],
      module: 'nodenext',
      moduleResolution: 'nodenext',
    };
    // As installed, so that what the package's manifest exports is what is found.
    mkdirSync(`${folder}/node_modules`);
    symlinkSync(packageFolder, `${folder}/node_modules/vecvault`);
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ['*.mts'] }));
    return spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('what users write compiles under strict', () => {
  const usage = readFileSync(new URL('types/usage.mts', import.meta.url), 'utf8');
  assert.equal(compile({ 'usage.mts': usage }), '');
});

test('and so does what they write with threads', { skip: !hasThreads() && 'it was built without' }, async () => {
  const usage = readFileSync(new URL('types/threads.mts', import.meta.url), 'utf8');
  assert.equal(compile({ 'threads.mts': usage }), '');
  const declared = readFileSync(`${packageFolder}threads.d.ts`, 'utf8');
  const values = [...declared.matchAll(/^export function (\w+)/gm)].map((match) => match[1]);
  const [all, rest] = [await import(`${packageFolder}threads.js`), await import(`${packageFolder}index.js`)];
  assert.deepEqual(Object.keys(all).sort(), [...Object.keys(rest), ...values].sort());
});

test('what is wrong does not compile', () => {
  const lines = readFileSync(new URL('types/mistakes.mts', import.meta.url), 'utf8').split('\n');
  const output = compile({ 'mistakes.mts': lines.join('\n') });
  const wrong = lines.flatMap((line, at) => (line.includes('// wrong') ? [at + 1] : []));
  const found = [...new Set([...output.matchAll(/mistakes\.mts\((\d+),/g)].map((match) => Number(match[1])))];
  assert.deepEqual(found, wrong, output);
});

/** The members of a class, inherited ones too. */
function membersOf(prototype) {
  if (prototype === null || prototype === Object.prototype || prototype === Error.prototype) return [];
  return [...Object.getOwnPropertyNames(prototype), ...membersOf(Object.getPrototypeOf(prototype))];
}

test('every export has a type, every type of a value an export, and so have the members of classes', async () => {
  const declared = readFileSync(`${packageFolder}vecvault.d.ts`, 'utf8');
  const values = [...declared.matchAll(/^export (?:class|function) (\w+)/gm)].map((match) => match[1]).sort();
  const vecvault = await import(`${packageFolder}node.js`);
  assert.deepEqual(Object.keys(vecvault).sort(), values);
  for (const [, name, body] of declared.matchAll(/^export class (\w+)[^{]*\{([\s\S]*?)^\}/gm)) {
    const typed = [...body.matchAll(/^  (\w+)(?:\(|: BlobStore)/gm)].map((match) => match[1]).filter((m) => m !== 'constructor');
    const real = membersOf(vecvault[name].prototype);
    for (const member of new Set(typed)) assert.ok(real.includes(member), `${name}.${member} is declared`);
    for (const member of real) assert.ok(member === 'constructor' || typed.includes(member), `${name}.${member} has a type`);
  }
});
