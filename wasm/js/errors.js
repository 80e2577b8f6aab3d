/**
 * What goes wrong, with a stable `code`; FORMAT-level codes such as `hash_mismatch` come with the byte
 * `offset` and the `path` to the value.
 */
export class VecVaultError extends Error {
  // Of the class too, which is called something else where scripts are made small.
  static name = 'VecVaultError';

  constructor(message, { code = 'internal', cause, ...details } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'VecVaultError';
    this.code = code;
    Object.assign(this, details);
  }
}

const DETAILS = ['offset', 'path', 'backup', 'collection', 'record', 'cause'];

/** An error of the core as one of this package. What a signal or a caller's own code threw stays as it is. */
export function asVecVaultError(error) {
  if (error instanceof WebAssembly.RuntimeError) return trapped(error);
  // What is called in another way than the types say.
  if (error instanceof TypeError) return new VecVaultError(error.message, { code: 'invalid_request', cause: error });
  if (error instanceof VecVaultError || typeof error?.code !== 'string' || error instanceof DOMException) return error;
  const details = { code: error.code };
  for (const name of DETAILS) if (error[name] !== undefined) details[name] = error[name];
  // What this package refused while the core asked it for a collection's records.
  if (error.code === 'source_failed' && error.cause instanceof VecVaultError) Object.assign(details, error.cause);
  return new VecVaultError(error.message, details);
}

function trapped(error) {
  return new VecVaultError(`a fault of this package: ${error.message}`, { code: 'internal', cause: error });
}

/** Runs a call into the core; its errors come out as this package's. */
export async function guarded(call) {
  try {
    return await call();
  } catch (error) {
    throw asVecVaultError(error);
  }
}

/** The same for calls that answer at once. */
export function guardedSync(call) {
  try {
    return call();
  } catch (error) {
    throw asVecVaultError(error);
  }
}

export function invalid(message) {
  return new VecVaultError(message, { code: 'invalid_request' });
}

/**
 * Whether a text has half of a surrogate pair, which would become another character in UTF-8 without a word. Engines from
 * before 2024 look through all of it.
 */
export function isHalved(text) {
  return typeof text === 'string' && !(text.isWellFormed?.() ?? !/\p{Cs}/u.test(text));
}

/** A text that UTF-8 can hold. */
export function wellFormed(text, what) {
  if (isHalved(text)) throw invalid(`${what}: ${JSON.stringify(text).slice(0, 99)} has half of a surrogate pair`);
  return text;
}

/** What is said of a backup after `close()`. */
export function closed() {
  return invalid('this backup has been closed');
}

/** Errors of the platform's storages by name, as codes of a store. */
const STORE_CODES = {
  ConstraintError: 'already_exists',
  NotAllowedError: 'permission_denied',
  NotFoundError: 'not_found',
  NotReadableError: 'version_changed',
  QuotaExceededError: 'no_space',
  SecurityError: 'permission_denied',
  TimeoutError: 'unavailable',
};

/** What a store threw, with a `code` that the core understands; without one it is a failure of the store. */
export function asStoreError(error) {
  if (typeof error?.code === 'string') return error;
  const code = STORE_CODES[error?.name];
  return code === undefined ? error : new VecVaultError(error.message, { code, cause: error });
}
