/** Parts of the page that are loaded when they are wanted, on the page and in its worker. */

/** What loading one in the worker rejects with. */
export class NotLoaded extends Error {
  override readonly name = 'NotLoaded';
}

/** A part, loaded once; where that fails, the next call tries again. */
export function part<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => (loading ??= hostAnswers().then(load).catch((cause: unknown) => {
    loading = undefined;
    throw new NotLoaded('the server does not answer', { cause });
  }));
}

/** To be asked before an import: Firefox remembers that one failed for as long as the page is there. */
export function hostAnswers(): Promise<unknown> {
  return fetch(location.href, { method: 'HEAD', cache: 'no-store' });
}
