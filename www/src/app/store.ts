import { useEffect, useReducer } from 'preact/hooks';

/** A value that changes, and who is told. */
export class Store<T> {
  readonly #listeners = new Set<() => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Tells of every change from now on; gives what ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The store's value; the component is drawn again where it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const seen = store.value;
  useEffect(() => {
    // It may have changed between drawing and subscribing.
    if (!Object.is(store.value, seen)) redraw(undefined);
    return store.subscribe(() => redraw(undefined));
  }, [store]);
  return seen;
}
