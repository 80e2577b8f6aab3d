import { useEffect, useState } from 'preact/hooks';

import { failureIn } from '../worker/client.ts';
import type { Failure } from '../worker/protocol.ts';

/** What has come of asking. While it is asked again, the last answer is still there, and why there was none. */
export interface LoadedValue<T> {
  readonly value: T | undefined;
  readonly failure: Failure | undefined;
  readonly isRunning: boolean;
}

/** Asks when the component is first shown, and again whenever the key is another. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>): LoadedValue<T> {
  const [state, setState] = useState<{ key?: string; value?: T; failure?: Failure }>({});
  useEffect(() => {
    const stop = new AbortController();
    load(stop.signal).then(
      (value) => stop.signal.aborted || setState({ key, value }),
      (error) => stop.signal.aborted || setState((before) => ({ ...before, key, failure: failureIn(error) })),
    );
    return () => stop.abort();
  }, [key]);
  return { value: state.value, failure: state.failure, isRunning: state.key !== key };
}
