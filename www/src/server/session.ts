/**
 * The server that serves this page, and what it is shown of who asks.
 *
 * A page on a static host has none. The token is kept for this tab, sent as a header, and never part of an address.
 */
import { go } from '../app/route.ts';
import { Store } from '../app/store.ts';

const KEY = 'vecvault.token';

export interface ServerFacts {
  readonly version: string;
}

/** The server: `undefined` until it is known, `null` where there is none. */
export const server = new Store<ServerFacts | null | undefined>(undefined);

/** Whether a server is there. */
export const isServed = new Store(false);

/** Whether the server wants a token that it has not been shown. */
export const wantsToken = new Store(false);

/** The address of something on the server: relative to the page, so that it may stand below any path. */
export function serverUrl(path: string): string {
  return new URL(path, document.baseURI.replace(/#.*$/, '')).href;
}

/** Asks whether this page comes from a VecVault server; where it does, the first view is the server's backups. */
export async function findServer(): Promise<void> {
  server.value = await askHealth();
  isServed.value = server.value !== null;
  // `#/` is the view that opens files: only the bare address is left to us.
  if (server.value && location.hash === '') go('server', {}, { replace: true });
}

/** The token that was given in this tab. */
export function token(): string {
  try {
    return sessionStorage.getItem(KEY) ?? '';
  } catch {
    return unkept;
  }
}

/** Keeps a token until the tab is closed; an empty one forgets it. */
export function keepToken(text: string): void {
  unkept = text;
  try {
    if (text) sessionStorage.setItem(KEY, text);
    else sessionStorage.removeItem(KEY);
  } catch {
    // Storage is refused here: it lasts until the page is loaded anew.
  }
}

/** What a request shows. */
export function authorization(): Record<string, string> {
  const shown = token();
  return shown ? { authorization: `Bearer ${shown}` } : {};
}

let unkept = '';

async function askHealth(): Promise<ServerFacts | null> {
  if (!location.protocol.startsWith('http')) return null;
  try {
    const response = await fetch(serverUrl('health'), { headers: { accept: 'application/json' } });
    if (!response.ok) return null;
    const health: unknown = await response.json();
    const { status, version } = (health ?? {}) as Record<string, unknown>;
    return status === 'healthy' && typeof version === 'string' ? { version } : null;
  } catch {
    return null;
  }
}
