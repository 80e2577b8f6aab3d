/** Ways to one record: by its number, by its id, by a text that it has. */
import { useId, useState } from 'preact/hooks';
import type { Progress } from 'vecvault';

import { go } from '../../app/route.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { number } from '../../ui/format.ts';
import { call, failureIn } from '../../worker/client.ts';
import type { Failure, Place } from '../../worker/protocol.ts';

interface Props {
  readonly place: Place;
  readonly count: number;
  /** The number of the record that a search goes on behind. */
  readonly after: number;
}

export function SearchBar({ place, count, after }: Props) {
  return (
    <div class="search-bar">
      <NumberForm place={place} count={count} />
      <IdForm place={place} />
      <TextForm place={place} count={count} after={after} />
    </div>
  );
}

function NumberForm({ place, count }: { place: Place; count: number }) {
  const id = useId();
  const [text, setText] = useState('');
  const jump = (event: Event) => {
    event.preventDefault();
    const at = Math.min(count, Math.max(1, Math.round(Number(text))));
    if (Number.isSafeInteger(at) && text !== '') go('records', { collection: place.collection, at });
  };
  return (
    <form onSubmit={jump}>
      <label for={id}>Record number</label>
      <div class="row">
        <input id={id} type="number" min={1} max={count} placeholder={`1 to ${number(count)}`} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <button type="submit">Go</button>
      </div>
    </form>
  );
}

function IdForm({ place }: { place: Place }) {
  const id = useId();
  const [text, setText] = useState('');
  const find = (event: Event) => {
    event.preventDefault();
    if (text !== '') go('records', { collection: place.collection, id: text });
  };
  return (
    <form onSubmit={find}>
      <label for={id}>Id, exactly</label>
      <div class="row">
        <input id={id} type="text" class="mono" spellcheck={false} autocomplete="off" value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <button type="submit">Find</button>
      </div>
    </form>
  );
}

type Searching = { progress: Progress | undefined; stop: AbortController } | { failure: Failure } | { text: string; found: boolean } | undefined;

function TextForm({ place, count, after }: { place: Place; count: number; after: number }) {
  const id = useId();
  const [text, setText] = useState('');
  const [searching, setSearching] = useState<Searching>();
  const search = async (event: Event) => {
    event.preventDefault();
    if (text === '') return;
    const stop = new AbortController();
    setSearching({ progress: undefined, stop });
    try {
      const options = { signal: stop.signal, onProgress: (progress: Progress) => setSearching({ progress, stop }) };
      const behind = await call('search', { ...place, from: after, to: count, text }, options);
      // At the end it goes on at the beginning.
      const position = behind ?? (await call('search', { ...place, from: 0, to: after, text }, options));
      setSearching(behind === undefined ? { text, found: position !== undefined } : undefined);
      if (position !== undefined) go('records', { collection: place.collection, at: position + 1 });
    } catch (error) {
      const failure = failureIn(error);
      setSearching(failure.code === 'cancelled' ? undefined : { failure });
    }
  };
  return (
    <>
      <form onSubmit={search}>
        <label for={id}>Text in id or metadata</label>
        <div class="row">
          <input id={id} type="search" spellcheck={false} autocomplete="off" value={text} onInput={(event) => setText(event.currentTarget.value)} />
          <button type="submit">Find next</button>
        </div>
      </form>
      <div class="search-state" aria-live="polite">
        {searching && 'stop' in searching && searching.progress && (
          <ProgressBar label="Searching the collection" progress={searching.progress} onCancel={() => searching.stop.abort()} />
        )}
        {searching && 'text' in searching && <p class="muted">{searching.found ? 'Past the end: this is the first record of all that has' : 'No record of this collection has'} “{searching.text}” in it.</p>}
        {searching && 'failure' in searching && <FailureNote title="The search stopped" failure={searching.failure} />}
      </div>
    </>
  );
}
