/** One of the two backups: which it is, or how to choose it. */
import { useId, useState } from 'preact/hooks';

import { useStore } from '../../app/store.ts';
import { subject } from '../../app/subject.ts';
import { remoteFile } from '../../server/api.ts';
import { isServed } from '../../server/session.ts';
import type { ServerBackup } from '../../server/types.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { bytes, date, plural } from '../../ui/format.ts';
import { chooseSide, clearSide, type Side, type SideName } from './sides.ts';

interface Props {
  readonly which: SideName;
  readonly side: Side;
  readonly backups: readonly ServerBackup[];
}

export function SideCard({ which, side, backups }: Props) {
  const letter = which.toUpperCase();
  return (
    <section class="side panel" aria-label={`Backup ${letter}`}>
      <p class="side-letter" aria-hidden="true">{letter}</p>
      <div class="side-body">
        {side.state === 'none' && <Choice which={which} backups={backups} />}
        {side.state === 'opening' && (side.progress ? <ProgressBar label={`Reading ${side.label}`} progress={side.progress} onCancel={() => clearSide(which)} /> : <p role="status">Opening {side.label}…</p>)}
        {side.state === 'failed' && <FailureNote title={`${side.label} does not open`} failure={side.failure} />}
        {side.state === 'open' && (
          <>
            <h2>{side.backup.info.name}</h2>
            <p class="small">
              <time dateTime={side.backup.info.date}>{date(side.backup.info.date)}</time>{' '}
              <span class="muted">· {bytes(side.backup.info.size)} · {plural(side.backup.collections.length, 'collection')}</span>
            </p>
            <p class="small muted">{side.serverId ? 'on the server' : side.label}</p>
          </>
        )}
      </div>
      {side.state !== 'none' && <button type="button" class="quiet small" aria-label={`Change backup ${letter}`} onClick={() => clearSide(which)}>Change</button>}
    </section>
  );
}

function Choice({ which, backups }: Omit<Props, 'side'>) {
  const id = useId();
  const letter = which.toUpperCase();
  const opened = useStore(subject);
  const served = useStore(isServed);
  const chooseFile = (input: HTMLInputElement) => {
    const file = input.files?.[0];
    input.value = '';
    if (file) void chooseSide(which, file);
  };
  const chooseServer = (wanted: string) => {
    const backup = backups.find((each) => each.id === wanted);
    if (backup) void chooseSide(which, remoteFile(backup), backup.id);
  };
  return (
    <div class="side-choice">
      {backups.length > 0 && (
        <div class="field">
          <label for={`${id}-server`}>A backup of the server</label>
          <select id={`${id}-server`} value="" onChange={(event) => chooseServer(event.currentTarget.value)}>
            <option value="">Choose…</option>
            {backups.map((each) => <option key={each.id} value={each.id}>{each.name} · {date(each.date)}</option>)}
          </select>
        </div>
      )}
      <p class="actions">
        <label class="upload">
          <input class="visually-hidden" type="file" accept=".backup,.json,application/json" aria-label={`Choose a file as ${letter}`} onChange={(event) => chooseFile(event.currentTarget)} />
          <span><span class="as-button">Choose a file…</span></span>
        </label>
        {opened.state === 'open' && <button type="button" onClick={() => void chooseSide(which, opened.source)}>The open backup</button>}
      </p>
      {/* The policy of a server lets its page ask nobody else. */}
      {!served && <AddressForm which={which} />}
    </div>
  );
}

function AddressForm({ which }: { which: SideName }) {
  const [address, setAddress] = useState('');
  return (
    <details>
      <summary class="small muted">or an address</summary>
      <form class="row" onSubmit={(event) => (event.preventDefault(), void chooseSide(which, address.trim()))}>
        <input type="text" inputMode="url" spellcheck={false} placeholder="https://…" aria-label={`Address of backup ${which.toUpperCase()}`} required pattern="https?://.+" value={address} onInput={(event) => setAddress(event.currentTarget.value)} />
        <button type="submit">Open</button>
      </form>
    </details>
  );
}
