/** The frame around every view of a file: which file it is, its tabs, and what became of opening it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { VIEWS } from '../views/index.ts';
import { Badge } from '../ui/Badge.tsx';
import { FailureNote } from '../ui/FailureNote.tsx';
import { ProgressBar } from '../ui/ProgressBar.tsx';
import { isNoBackup } from '../ui/advice.ts';
import { bytes } from '../ui/format.ts';
import { go, href } from './route.ts';
import { useStore } from './store.ts';
import { keyOf, standings } from './standing.ts';
import { closeSubject, type Subject } from './subject.ts';

type Chosen = Exclude<Subject, { state: 'none' }>;

export function FileFrame({ subject, current, children }: { subject: Chosen; current: string; children: ComponentChildren }) {
  const isUsable = VIEWS.find((view) => view.name === current)?.of === 'file' || subject.state === 'open';
  return (
    <>
      <FileBar subject={subject} />
      <Tabs subject={subject} current={current} />
      {subject.state === 'opening' && <Opening subject={subject} />}
      {subject.state === 'failed' && !isUsable && <DoesNotOpen subject={subject} />}
      {children}
    </>
  );
}

function FileBar({ subject }: { subject: Chosen }) {
  const size = subject.state === 'open' ? subject.backup.info.size : typeof subject.source === 'string' ? undefined : subject.source.size;
  const close = () => {
    closeSubject();
    go('');
  };
  return (
    <div class="file-bar">
      <p class="file-name mono" title={subject.label}>{subject.label}</p>
      {size !== undefined && <span class="muted nowrap">{bytes(size)}</span>}
      <StateBadge subject={subject} />
      <button type="button" class="quiet" onClick={close}>Close</button>
    </div>
  );
}

/** What is known of the file by now. */
function StateBadge({ subject }: { subject: Chosen }) {
  const standing = useStore(standings).get(keyOf(subject.source));
  if (standing === 'damaged') return <Badge tone="bad">Damaged</Badge>;
  if (standing === 'verified') return <Badge tone="good">Verified</Badge>;
  if (subject.state === 'failed') return <Badge tone="bad">Does not open</Badge>;
  if (subject.state !== 'open') return null;
  return subject.backup.provenance.kind === 'indexed' ? (
    <Badge tone="plain" title="It carries an index and hashes, so every byte can be verified.">Not verified</Badge>
  ) : (
    <Badge tone="warn" title="Another program wrote it: it carries no hashes to verify it against.">Foreign</Badge>
  );
}

function Tabs({ subject, current }: { subject: Chosen; current: string }) {
  const tabs = VIEWS.filter((view) => view.of === 'file' || view.of === 'backup');
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a narrow screen they are more than it holds.
    row.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current, subject.state]);
  if (subject.state === 'opening') return null;
  return (
    <nav class="tabs" aria-label="Backup" ref={row}>
      {tabs.map((view) => {
        const isOff = subject.state === 'failed' && view.of === 'backup' && view.name !== 'overview';
        if (isOff) return <span key={view.name} class="off" aria-disabled="true">{view.label}</span>;
        return (
          <a key={view.name} href={href(view.name)} aria-current={view.name === current ? 'page' : undefined}>
            {view.label}
          </a>
        );
      })}
    </nav>
  );
}

function Opening({ subject }: { subject: Extract<Subject, { state: 'opening' }> }) {
  if (!subject.progress) return <p class="muted" aria-live="polite">Opening…</p>;
  return (
    <section class="panel">
      <p>Another program wrote this file: it has no index, so it is read through once.</p>
      <ProgressBar label="Reading the file" progress={subject.progress} onCancel={() => (subject.cancel(), go(''))} />
    </section>
  );
}

function DoesNotOpen({ subject }: { subject: Extract<Subject, { state: 'failed' }> }) {
  const damaged = subject.failure.offset !== undefined;
  return (
    <FailureNote title={damaged ? 'This file does not open as a backup' : 'This file could not be read'} failure={subject.failure}>
      {damaged && !isNoBackup(subject.failure) && <p><a href={href('verify')}>Verify it</a> to see what else is wrong with it.</p>}
    </FailureNote>
  );
}
