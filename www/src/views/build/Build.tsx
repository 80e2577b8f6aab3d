/** A backup out of files of this machine: JSON lines, CSV, or a NumPy matrix. */
import { useCallback, useId, useState } from 'preact/hooks';

import { announce } from '../../app/announce.ts';
import { useDrop } from '../../app/drop.ts';
import { go } from '../../app/route.ts';
import { canStream, chooseDestination, fileName, offer, savedFile } from '../../app/save.ts';
import { useStore } from '../../app/store.ts';
import { openSubject } from '../../app/subject.ts';
import { isServed } from '../../server/session.ts';
import type { Built } from '../../worker/building.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { SaveHint } from '../../app/SaveHint.tsx';
import { bytes, duration, plural } from '../../ui/format.ts';
import { upload } from '../../server/transfers.ts';
import { DraftCard } from './DraftCard.tsx';
import { addFiles, building, drafts, type Draft } from './drafts.ts';

const ACCEPT = '.jsonl,.ndjson,.json,.csv,.tsv,.npy';

export default function Build() {
  const id = useId();
  const all = useStore(drafts);
  const task = useStore(building);
  const [name, setName] = useState('');
  useDrop(useCallback((files) => addFiles(files), []));
  const problem = problemOf(all, name);
  const start = async (event: Event) => {
    event.preventDefault();
    const file = fileName(name.trim(), '.backup');
    const to = await chooseDestination(file);
    if (to === null) return;
    await building.start({ name: name.trim(), collections: all.flatMap(collectionOf), to });
    const now = building.value;
    if (now.state === 'done') offer(now.value, file);
    announce(now.state === 'done' ? `Built, and proved: ${plural(now.value.records, 'record')}.` : now.state === 'cancelled' ? 'Cancelled. Nothing was saved.' : '');
  };
  return (
    <>
      <h1>Build a backup</h1>
      <p class="lead">Out of vectors that you have as files. It is made on your machine, and any VecVault server restores it.</p>
      <FileChoice isFirst={all.length === 0} />
      <ul class="drafts">
        {all.map((draft) => <li key={draft.key}><DraftCard draft={draft} /></li>)}
      </ul>
      {all.length > 0 && (
        <form class="form" onSubmit={start}>
          <div class="field">
            <label for={id}>Name of the backup</label>
            <input id={id} type="text" maxLength={255} autocomplete="off" placeholder="first import" value={name} onInput={(event) => setName(event.currentTarget.value)} />
          </div>
          {problem ? <p class="muted" role="status">{problem}</p> : <SaveHint size={sizeOf(all)} />}
          {task.state === 'running' ? (
            <section class="panel"><ProgressBar label="Building" progress={task.progress} onCancel={() => building.cancel()} /></section>
          ) : (
            <p class="actions"><button type="submit" class="primary" disabled={problem !== ''}>Build and save{canStream && '…'}</button></p>
          )}
        </form>
      )}
      {task.state === 'cancelled' && <p class="note" role="status">Cancelled. Nothing was saved.</p>}
      {task.state === 'failed' && <FailureNote title="The backup was not built" failure={task.failure} />}
      {task.state === 'done' && <Done built={task.value} name={task.takes.name} to={task.takes.to} seconds={task.seconds} />}
    </>
  );
}

function FileChoice({ isFirst }: { isFirst: boolean }) {
  const choose = (input: HTMLInputElement) => {
    const files = [...(input.files ?? [])];
    input.value = '';
    if (files.length > 0) addFiles(files);
  };
  return (
    <label class={isFirst ? 'drop-zone' : 'drop-zone slim'}>
      <input class="visually-hidden" type="file" multiple accept={ACCEPT} onChange={(event) => choose(event.currentTarget)} />
      <strong>{isFirst ? 'Drop files here' : 'Add another collection'}</strong>
      <span>or <span class="as-button">choose files</span></span>
      {isFirst && (
        <span class="muted">
          JSON lines with <code>id</code>, <code>vector</code> and <code>metadata</code>; CSV with a column of vectors or a column a number;
          or a <code>.npy</code> matrix, with JSON lines of ids and metadata beside it. One collection each.
        </span>
      )}
    </label>
  );
}

function Done({ built, name, to, seconds }: { built: Built; name: string; to: FileSystemFileHandle | undefined; seconds: number }) {
  const served = useStore(isServed);
  const file = () => savedFile(built, to, fileName(name, '.backup'));
  return (
    <section class="note good" role="status">
      <h2>Built, and proved</h2>
      <p>{plural(built.records, 'record')}, {bytes(built.bytes)} in {duration(seconds)}.</p>
      {built.rounded > 0 && <p>{plural(built.rounded, 'number')} had more digits than 32-bit floats hold, and {built.rounded === 1 ? 'was' : 'were'} rounded to the nearest.</p>}
      <p class="actions">
        <button type="button" onClick={async () => void openSubject(await file())}>Open it</button>
        {served && <button type="button" onClick={async () => (void upload(await file()), go('server'))}>Upload it to the server</button>}
      </p>
    </section>
  );
}

function problemOf(all: readonly Draft[], name: string): string {
  if (all.some((draft) => !draft.preview && !draft.failure)) return 'Looking at the files…';
  if (all.some(({ failure, preview }) => failure || !preview || preview.dimension === 0)) return 'A file above cannot be read as it is: see there, or remove it.';
  if (all.some((draft) => draft.name.trim() === '')) return 'Each collection needs a name.';
  const names = all.map((draft) => draft.name.trim());
  if (new Set(names).size < names.length) return 'Two collections have the same name.';
  return name.trim() === '' ? 'Give the backup a name.' : '';
}

function collectionOf({ name, metric, preview }: Draft) {
  return preview ? [{ name: name.trim(), metric, dimension: preview.dimension, input: preview.input }] : [];
}

/** About how large it will be: a number takes some twelve characters. */
function sizeOf(all: readonly Draft[]): number {
  return all.reduce((sum, { preview, files }) => {
    const size = files.reduce((total, file) => total + file.size, 0);
    return sum + (preview?.count === undefined ? size : preview.count * preview.dimension * 12 + (files[1]?.size ?? 0));
  }, 0);
}
