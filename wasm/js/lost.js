// What becomes of calls when the core is lost under them: `threads.js` alone can lose it.
import { VecVaultError } from './errors.js';

let lost;
/** How the calls are ended that wait for the core. */
const waiting = new Set();

/** Throws where the core is lost. */
export function throwIfLost() {
  if (lost) throw lost;
}

/** From now on nothing enters the core; who waits for it is told. */
export function lose(cause) {
  if (lost) return;
  lost = new VecVaultError(`a thread of the core was lost, and the core with it: ${cause.message}`, { code: 'unavailable', cause });
  for (const reject of waiting) reject(lost);
}

/** The same exports: once the core is lost, none can be had, and no call of one waits for it. */
export function unlessLost(glue) {
  const exports = {};
  for (const [name, value] of Object.entries(glue)) {
    const guarded = isClass(value) ? value : guarding(value);
    if (isClass(value)) guardMethods(value.prototype);
    Object.defineProperty(exports, name, {
      get() {
        throwIfLost();
        return guarded;
      },
    });
  }
  return exports;
}

function isClass(value) {
  return typeof value.prototype?.free === 'function';
}

function guardMethods(prototype) {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name !== 'constructor' && typeof value === 'function') prototype[name] = guarding(value);
  }
}

function guarding(call) {
  return function (...args) {
    throwIfLost();
    const answer = call.apply(this, args);
    return answer instanceof Promise ? untilLost(answer) : answer;
  };
}

function untilLost(promise) {
  return new Promise((resolve, reject) => {
    waiting.add(reject);
    promise.then(resolve, reject).finally(() => waiting.delete(reject));
  });
}
