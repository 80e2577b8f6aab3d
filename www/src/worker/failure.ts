import { VecVaultError } from 'vecvault/slim';

import { NotLoaded } from '../part.ts';
import type { Failure } from './protocol.ts';

const DETAILS = ['offset', 'path', 'collection', 'record'] as const;

/** An error in a form that crosses to the page. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { code: 'cancelled', message: 'cancelled' };
  if (error instanceof VecVaultError) {
    const known = DETAILS.filter((name) => error[name] !== undefined).map((name) => [name, error[name]]);
    return { code: error.code, message: causeOf(error) ?? error.message, ...Object.fromEntries(known) };
  }
  if (error instanceof DOMException) {
    return { code: error.name === 'NotReadableError' ? 'file_changed' : 'platform', message: error.message };
  }
  if (error instanceof NotLoaded) return { code: 'not_loaded', message: error.message };
  // What `fetch` throws where the network or a policy is in the way; it does not say which.
  if (error instanceof TypeError && /fetch|network|load/i.test(error.message)) {
    return { code: 'unreachable', message: error.message };
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

/** A store's failure is told by what led to it: the platform says more than "the store failed". */
function causeOf(error: VecVaultError): string | undefined {
  return error.code === 'store_failed' && error.cause instanceof Error ? error.cause.message : undefined;
}
