/** One collection that is to be built: of which files, their first rows, its name and metric. */
import { useId } from 'preact/hooks';

import type { Preview } from '../../worker/building.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { bytes, number, plural } from '../../ui/format.ts';
import { CsvChoice } from './CsvChoice.tsx';
import { METRICS, addLines, changeDraft, look, removeDraft, type Draft } from './drafts.ts';

const KINDS: Readonly<Record<Preview['input']['kind'], string>> = { lines: 'JSON lines', csv: 'CSV', npy: 'NumPy matrix' };

export function DraftCard({ draft }: { draft: Draft }) {
  const { key, files, preview, failure } = draft;
  const label = files.map((file) => file.name).join(' and ');
  return (
    <section class="panel draft" aria-label={`Collection of ${label}`}>
      <div class="draft-head">
        <p class="mono draft-files">{label}</p>
        <span class="muted small">
          {preview && `${KINDS[preview.input.kind]} · `}{bytes(files.reduce((sum, file) => sum + file.size, 0))}
        </span>
        <button type="button" class="quiet small" aria-label={`Remove ${label}`} onClick={() => removeDraft(key)}>Remove</button>
      </div>
      {!preview && !failure && <p class="muted" role="status">Reading its first rows…</p>}
      {preview && <Fields draft={draft} preview={preview} />}
      {preview?.input.kind === 'csv' && <CsvChoice columns={preview.columns} chosen={preview.input.columns} onChoose={(columns) => void look(key, columns)} />}
      {preview?.input.kind === 'npy' && !preview.input.lines && <LinesChoice onChoose={(file) => addLines(key, file)} />}
      {failure && <FailureNote title="It cannot be read like this" failure={failure} />}
      {preview && !failure && preview.rows.length > 0 && <Rows preview={preview} />}
      {preview?.rounded && <Rounding {...preview.rounded} />}
    </section>
  );
}

function Fields({ draft: { key, name, metric }, preview }: { draft: Draft; preview: Preview }) {
  const id = useId();
  return (
    <div class="fields">
      <div class="field">
        <label for={`${id}-name`}>Collection</label>
        <input id={`${id}-name`} type="text" maxLength={255} autocomplete="off" value={name} onInput={(event) => changeDraft(key, { name: event.currentTarget.value })} />
      </div>
      <div class="field">
        <label for={`${id}-metric`}>Metric</label>
        <select id={`${id}-metric`} value={metric} onChange={(event) => changeDraft(key, { metric: event.currentTarget.value })}>
          {METRICS.map((each) => <option key={each}>{each}</option>)}
        </select>
      </div>
      <p class="field-fact numeric"><span class="muted">Dimension</span> {number(preview.dimension)}</p>
      {preview.count !== undefined && <p class="field-fact numeric"><span class="muted">Records</span> {number(preview.count)}</p>}
    </div>
  );
}

function Rows({ preview }: { preview: Preview }) {
  return (
    // It may be wider than the screen: the keyboard scrolls it too.
    <div class="table-frame" role="group" tabIndex={0} aria-label={`The first ${plural(preview.rows.length, 'record')}`}>
      <table class="preview">
        <thead>
          <tr><th scope="col">Id</th><th scope="col">Vector</th><th scope="col">Metadata</th></tr>
        </thead>
        <tbody>
          {preview.rows.map((row, at) => (
            <tr key={at}>
              <th scope="row" class="mono">{row.id}</th>
              <td class="mono">{row.vector}</td>
              <td class="mono">{row.metadata ?? <span class="muted">none</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LinesChoice({ onChoose }: { onChoose: (file: File) => void }) {
  return (
    <p class="actions">
      <label class="upload">
        <input class="visually-hidden" type="file" accept=".jsonl,.ndjson,.json" onChange={(event) => event.currentTarget.files?.[0] && onChoose(event.currentTarget.files[0])} />
        <span><span class="as-button">Add ids and metadata…</span></span>
      </label>
      <span class="small muted">JSON lines, one a row: <code>{'{"id":"…","metadata":{…}}'}</code>. Without them rows are numbered.</span>
    </p>
  );
}

function Rounding({ some, of }: { some: number; of: number }) {
  return (
    <p class={some > 0 ? 'note warn' : 'note'}>
      {some > 0
        ? `Its numbers have 64 bits, and a backup's have 32: ${number(some)} of the first ${number(of)} are not held exactly and will be rounded to the nearest.`
        : `Its numbers have 64 bits, and a backup's have 32: the first ${number(of)} are held exactly.`}
    </p>
  );
}
