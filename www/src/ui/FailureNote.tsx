import type { ComponentChildren } from 'preact';

import type { Failure } from '../worker/protocol.ts';
import { advice } from './advice.ts';
import { number } from './format.ts';
import { sentence, withoutPlace } from './message.ts';

/** What happened, where in the file, and what to do. */
export function FailureNote({ title, failure, children }: { title: string; failure: Failure; children?: ComponentChildren }) {
  const todo = advice(failure);
  return (
    <section class="note bad" role="alert">
      <h2>{title}</h2>
      <p>{sentence(withoutPlace(failure))}</p>
      <p class="where">
        {failure.offset !== undefined && <>Byte <code>{number(failure.offset)}</code></>}
        {failure.path && <> · path <code>{failure.path}</code></>}
        {failure.collection && <> · collection <code>{failure.collection}</code></>}
        {failure.record && <> · record <code>{failure.record}</code></>}
        <span class="muted"> {failure.offset !== undefined && '· '}code <code>{failure.code}</code></span>
      </p>
      {todo && <p>{todo}</p>}
      {children}
    </section>
  );
}
