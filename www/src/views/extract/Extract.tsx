/** Some collections of the open backup as a file of their own: a backup, or JSON lines. */
import { useId, useState } from 'preact/hooks';

import { announce } from '../../app/announce.ts';
import { href } from '../../app/route.ts';
import { canStream, chooseDestination, fileName, offer } from '../../app/save.ts';
import { useStore } from '../../app/store.ts';
import { Tasks } from '../../app/task.ts';
import { CollectionPicks } from '../../ui/CollectionPicks.tsx';
import { Empty } from '../../ui/Empty.tsx';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { SaveHint } from '../../app/SaveHint.tsx';
import { bytes, plural } from '../../ui/format.ts';
import type { BackupViewProps } from '../index.ts';

/** It goes on while other views of the file are looked at. */
const extractions = new Tasks('extract');

type Form = 'backup' | 'lines';

export default function Extract({ backup, query }: BackupViewProps) {
  const id = useId();
  const { collections } = backup;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => wantedOf(query['collections'], collections.map(({ name }) => name)));
  const [form, setForm] = useState<Form>('backup');
  const [name, setName] = useState(backup.info.name);
  const extraction = extractions.of('extract');
  const task = useStore(extraction);
  const picked = collections.filter((each) => chosen.has(each.name));
  const size = picked.reduce((sum, each) => sum + each.bytes, 0);
  const records = picked.reduce((sum, { count }) => sum + count, 0);
  const problem = problemOf(picked.length, form, name);
  if (collections.length === 0) return <Empty title="This backup holds no collections"><p>So there is nothing to take out of it.</p></Empty>;
  const start = async (event: Event) => {
    event.preventDefault();
    const file = form === 'lines' ? fileName(picked[0]?.name ?? '', '.jsonl') : fileName(name.trim(), '.backup');
    const to = await chooseDestination(file);
    if (to === null) return;
    await extraction.start({ handle: backup.handle, collections: picked.map((each) => each.name), as: form, name: name.trim(), to });
    const now = extraction.value;
    if (now.state === 'done') offer(now.value, file);
    announce(now.state === 'done' ? 'Saved, every record proved.' : now.state === 'cancelled' ? 'Cancelled. Nothing was saved.' : '');
  };
  return (
    <>
      <h1>Extract</h1>
      <p class="lead">Take collections out as a file of their own. Every record is proved on the way.</p>
      <form class="form" onSubmit={start}>
        <CollectionPicks collections={collections} chosen={chosen} onChoose={setChosen} />
        <fieldset class="picks">
          <legend>As</legend>
          <label class="pick">
            <input type="radio" name={id} checked={form === 'backup'} onChange={() => setForm('backup')} />
            <span>a backup, with an id of its own</span>
          </label>
          <label class="pick">
            <input type="radio" name={id} checked={form === 'lines'} onChange={() => setForm('lines')} />
            <span>JSON lines, one record each: <code>{'{"id","vector","metadata"}'}</code></span>
          </label>
        </fieldset>
        {form === 'backup' && (
          <div class="field">
            <label for={`${id}-name`}>Name of the new backup</label>
            <input id={`${id}-name`} type="text" maxLength={255} autocomplete="off" value={name} onInput={(event) => setName(event.currentTarget.value)} />
          </div>
        )}
        {problem ? <p class="problem" role="status">{problem}</p> : <SaveHint size={size} />}
        {task.state === 'running' ? (
          <section class="panel"><ProgressBar label="Extracting" progress={task.progress} onCancel={() => extraction.cancel()} /></section>
        ) : (
          <p class="actions"><button type="submit" class="primary" disabled={problem !== ''}>Save {plural(picked.length, 'collection')}, {plural(records, 'record')}{canStream && '…'}</button></p>
        )}
      </form>
      {task.state === 'cancelled' && <p class="note" role="status">Cancelled. Nothing was saved.</p>}
      {task.state === 'failed' && <FailureNote title="It could not be taken out" failure={task.failure}><p><a href={href('verify')}>Verify the file</a> to see where it is damaged; other collections may be whole.</p></FailureNote>}
      {task.state === 'done' && <p class="note good" role="status">Saved: {bytes(task.value.bytes)}, every record proved.</p>}
    </>
  );
}

function problemOf(chosen: number, form: Form, name: string): string {
  if (chosen === 0) return 'Choose at least one collection.';
  if (form === 'lines' && chosen > 1) return 'JSON lines hold one collection: choose one, or save a backup.';
  if (form === 'backup' && name.trim() === '') return 'Give the new backup a name.';
  return '';
}

/** The collections that the address names; else all. */
function wantedOf(text: string | undefined, all: readonly string[]): ReadonlySet<string> {
  try {
    const names: unknown = text === undefined ? undefined : JSON.parse(text);
    if (Array.isArray(names)) return new Set(all.filter((name) => names.includes(name)));
  } catch {
    // An address that somebody has cut short.
  }
  return new Set(all);
}
