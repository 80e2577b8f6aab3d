/** The first view: choose a backup. */
import { useId, useState } from 'preact/hooks';

import { useStore } from '../../app/store.ts';
import { openSubject } from '../../app/subject.ts';
import { isServed } from '../../server/session.ts';
import type { PageViewProps } from '../index.ts';

export default function Open({ query }: PageViewProps) {
  const served = useStore(isServed);
  return (
    <div class="open">
      <h1>Open a backup</h1>
      <p class="lead">
        See what is in it, verify every byte, find a record. It is read on your machine; nothing is uploaded.
      </p>
      <FileChoice />
      {served ? <OwnServerOnly /> : <AddressForm initial={query['url'] ?? ''} />}
    </div>
  );
}

function FileChoice() {
  const choose = (input: HTMLInputElement) => {
    const file = input.files?.[0];
    // So that choosing the same file again is a change again.
    input.value = '';
    if (file) void openSubject(file);
  };
  return (
    <label class="drop-zone">
      <input class="visually-hidden" type="file" accept=".backup,.json,application/json" onChange={(event) => choose(event.currentTarget)} />
      <strong>Drop a <code>.backup</code> file here</strong>
      <span>or <span class="as-button">choose a file</span></span>
      <span class="muted">Any size: only what you look at is read.</span>
    </label>
  );
}

/** The policy of `vecvault serve` forbids the page to ask anybody else. */
function OwnServerOnly() {
  return <p class="address muted small">A backup at another address is downloaded first: this server lets its page read from nobody but itself.</p>;
}

function AddressForm({ initial }: { initial: string }) {
  const id = useId();
  const [address, setAddress] = useState(initial);
  const [problem, setProblem] = useState('');
  const open = (event: Event) => {
    event.preventDefault();
    const url = asAddress(address);
    setProblem(url ? '' : 'Write a whole address, such as https://example.org/nightly.backup');
    if (url) void openSubject(url);
  };
  return (
    <form class="address" onSubmit={open}>
      <label for={id}>Or give its address</label>
      <div class="row">
        <input
          id={id}
          type="text"
          inputMode="url"
          autocomplete="url"
          spellcheck={false}
          placeholder="https://…"
          value={address}
          aria-invalid={problem !== ''}
          aria-describedby={`${id}-hint`}
          onInput={(event) => setAddress(event.currentTarget.value)}
        />
        <button type="submit">Open address</button>
      </div>
      <p id={`${id}-hint`} class={problem ? 'problem' : 'muted small'} role={problem ? 'alert' : undefined}>
        {problem || 'Its server must answer range requests, and allow this page to read it (CORS).'}
      </p>
    </form>
  );
}

function asAddress(text: string): string | undefined {
  try {
    const url = new URL(text.trim());
    return ['http:', 'https:'].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}
