/** One backup in the list. */
import { href } from '../../app/route.ts';
import { standings, type Standing } from '../../app/standing.ts';
import { useStore } from '../../app/store.ts';
import { openSubject } from '../../app/subject.ts';
import { remoteFile } from '../../server/api.ts';
import type { Job } from '../../server/types.ts';
import { Badge } from '../../ui/Badge.tsx';
import { bytes, date, plural } from '../../ui/format.ts';
import { matterOf, nameOf, timeOfId, type Entry } from './entries.ts';

interface Props {
  readonly entry: Entry;
  readonly jobs: readonly Job[];
  readonly isChosen: boolean;
  readonly onChoose: (is: boolean) => void;
  readonly onVerify: () => void;
  readonly onDownload: () => void;
  readonly onDelete: () => void;
}

/** How many names of collections a row has. */
const NAMES = 4;

export function BackupRow({ entry, jobs, isChosen, onChoose, onVerify, onDownload, onDelete }: Props) {
  const isVerifying = jobs.some((job) => job.kind === 'verify' && job.state === 'running' && job.request.backup_id === entry.id);
  const standing = useStore(standings).get(entry.id);
  const name = nameOf(entry);
  const open = () => {
    const { id, size } = entry.kind === 'whole' ? entry.backup : entry.damaged;
    void openSubject(remoteFile({ id, name, size }));
  };
  return (
    <article class={`backup-row ${entry.kind}`} aria-label={name}>
      <div class="backup-choice">
        {entry.kind === 'whole' && (
          <input type="checkbox" checked={isChosen} aria-label={`Compare ${name} of ${date(entry.backup.date)}`} onChange={(event) => onChoose(event.currentTarget.checked)} />
        )}
      </div>
      {entry.kind === 'whole' ? <Whole entry={entry} standing={standing} onOpen={open} /> : <Unopened entry={entry} />}
      <p class="backup-actions">
        <button type="button" class="small" onClick={open} aria-label={`Open ${name}`}>Open</button>
        {entry.kind === 'whole' && <a class="as-button small" href={href('server', { restore: entry.id })} aria-label={`Restore ${name}`}>Restore…</a>}
        <button type="button" class="small" onClick={() => isVerifying || onVerify()} aria-disabled={isVerifying} aria-label={`Verify ${name}`}>{isVerifying ? 'Verifying…' : 'Verify'}</button>
        <button type="button" class="small" onClick={onDownload} aria-label={`Download ${name}`}>Download</button>
        <button type="button" class="small danger" onClick={onDelete} aria-label={`Delete ${name}`}>Delete…</button>
      </p>
    </article>
  );
}

function Whole({ entry, standing, onOpen }: { entry: Extract<Entry, { kind: 'whole' }>; standing: Standing | undefined; onOpen: () => void }) {
  const { name, date: made, size, collections } = entry.backup;
  return (
    <div class="backup-facts">
      <h2>
        <button type="button" class="link" onClick={onOpen}>{name}</button>
        {standing === 'verified' && <Badge tone="good" title="Every byte was compared with what was written.">Verified</Badge>}
        {standing === 'damaged' && <Badge tone="bad">Damaged</Badge>}
      </h2>
      <p class="small">
        <time dateTime={made}>{date(made)}</time> <span class="muted">· {bytes(size)} · {plural(collections.length, 'collection')}</span>
      </p>
      {collections.length > 0 && (
        <p class="small muted backup-names">
          {collections.slice(0, NAMES).join(', ')}
          {collections.length > NAMES && ` and ${collections.length - NAMES} more`}
        </p>
      )}
    </div>
  );
}

const MATTERS = { damaged: 'Damaged', later: 'Of a later version', unread: 'Not readable' };

function Unopened({ entry }: { entry: Extract<Entry, { kind: 'damaged' }> }) {
  const [at, matter] = [timeOfId(entry.id), matterOf(entry.damaged)];
  return (
    <div class="backup-facts">
      <h2><span class="mono">{entry.id}</span> <Badge tone={matter === 'damaged' ? 'bad' : 'warn'}>{MATTERS[matter]}</Badge></h2>
      <p class="small">{at !== undefined && date(new Date(at).toISOString())} <span class="muted">· {bytes(entry.damaged.size)}</span></p>
      <p class="small">{entry.damaged.error}</p>
    </div>
  );
}
