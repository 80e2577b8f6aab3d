import { useEffect, useState } from 'preact/hooks';
import type { Progress } from 'vecvault';

import { call, failureIn } from '../worker/client.ts';
import type { Failure, Gives, Operation, Takes } from '../worker/protocol.ts';

/** What has become of a call. While another one runs, the last result is still there. */
export interface Called<T> {
  readonly value: T | undefined;
  readonly failure: Failure | undefined;
  readonly isRunning: boolean;
  readonly progress: Progress | undefined;
}

interface State<T> {
  /** What the result is of. */
  readonly key: string | undefined;
  readonly value?: T;
  readonly failure?: Failure;
  readonly progress?: Progress;
}

/**
 * Calls an operation of the worker whenever what it takes is another; a call that is overtaken is cancelled.
 * With `undefined` nothing is called, and there is no result.
 */
export function useCall<O extends Operation>(operation: O, takes: Takes<O> | undefined): Called<Gives<O>> {
  const key = takes === undefined ? undefined : `${operation} ${JSON.stringify(takes)}`;
  const [state, setState] = useState<State<Gives<O>>>({ key: undefined });
  useEffect(() => {
    if (takes === undefined) return setState({ key: undefined });
    const stop = new AbortController();
    const settle = (settled: State<Gives<O>>) => stop.signal.aborted || setState(settled);
    const onProgress = (progress: Progress) => stop.signal.aborted || setState((before) => ({ ...before, progress }));
    call(operation, takes, { signal: stop.signal, onProgress }).then(
      (value) => settle({ key, value }),
      (error) => settle({ key, failure: failureIn(error) }),
    );
    return () => stop.abort();
  }, [key]);
  const isRunning = key !== state.key;
  const { value, failure, progress } = state;
  return { value, failure, isRunning, progress: isRunning ? progress : undefined };
}
