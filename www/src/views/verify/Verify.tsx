/** Is the file whole, and what was written? With progress, and where the damage lies. */
import { useEffect, useState } from 'preact/hooks';
import type { Finding, VerifyReport } from 'vecvault';

import { useStore } from '../../app/store.ts';
import type { TaskState } from '../../app/task.ts';
import { verification } from '../../app/verification.ts';
import { isNoBackup } from '../../ui/advice.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { bytes, duration, number, plural } from '../../ui/format.ts';
import type { OpenedBackup } from '../../worker/protocol.ts';
import type { FileViewProps } from '../index.ts';
import { FileStrip } from './FileStrip.tsx';
import { Findings, elementIdOf } from './Findings.tsx';

type Verification = TaskState<'verify'>;

/** Past this many the core stops telling. */
const MOST_FINDINGS = 1_000;

export default function Verify({ subject }: FileViewProps) {
  const current = useStore(verification);
  const backup = subject.state === 'open' ? subject.backup : undefined;
  const size = sizeOf(subject, current);
  const [chosen, setChosen] = useState<number>();
  const report = current.state === 'done' ? current.value : undefined;
  useEffect(() => {
    if (chosen === undefined) return;
    const element = document.getElementById(elementIdOf(chosen));
    element?.scrollIntoView({ block: 'center' });
    element?.focus({ preventScroll: true });
    setChosen(undefined);
  }, [chosen]);
  const select = (finding: Finding) => setChosen(report?.findings.indexOf(finding));
  return (
    <>
      <h1>Verify</h1>
      {current.state !== 'running' && <Choice verification={current} onChoose={(quick) => void verification.start({ source: subject.source, quick })} />}
      <div aria-live="polite">
        {current.state === 'cancelled' && <p class="note">Cancelled. Nothing was found out.</p>}
        {current.state === 'done' && <Verdict report={current.value} seconds={current.seconds} backup={backup} />}
      </div>
      {current.state === 'failed' && <FailureNote title="The file could not be read" failure={current.failure} />}
      {current.state === 'running' && (
        <section class="panel">
          <ProgressBar label={current.takes.quick ? 'Checking head and index' : 'Verifying every byte'} progress={current.progress} onCancel={() => verification.cancel()} />
        </section>
      )}
      {size !== undefined && (
        <section aria-label="Where in the file">
          <FileStrip
            size={size}
            backup={backup}
            findings={report?.findings ?? []}
            read={readBytes(current, size)}
            proven={report?.verifiable === true}
            onSelect={select}
          />
        </section>
      )}
      {report && report.findings.length > 0 && (
        <section aria-labelledby="findings">
          <h2 id="findings">{plural(report.findings.length, 'finding')}{report.findings.length === MOST_FINDINGS && ', and perhaps more'}</h2>
          <Findings findings={report.findings} shown={(chosen ?? -1) + 1} />
        </section>
      )}
    </>
  );
}

function Choice({ verification: current, onChoose }: { verification: Verification; onChoose: (quick: boolean) => void }) {
  const isAgain = current.state === 'done' || current.state === 'failed';
  return (
    <>
      <p class="lead">Reads the whole file and compares every block, count and fingerprint with what was written.</p>
      <p class="actions">
        <button type="button" class="primary" onClick={() => onChoose(false)}>{isAgain ? 'Verify again' : 'Verify every byte'}</button>
        <button type="button" onClick={() => onChoose(true)}>Check head and index only</button>
      </p>
    </>
  );
}

function Verdict({ report, seconds, backup }: { report: VerifyReport; seconds: number; backup: OpenedBackup | undefined }) {
  const rate = seconds > 0.5 ? ` at ${bytes(report.bytes / seconds)}/s` : '';
  const read = `${plural(report.records, 'record')}, ${bytes(report.bytes)} in ${duration(seconds)}${rate}.`;
  if (!report.ok && report.findings.every(isNoBackup)) {
    return (
      <section class="note bad">
        <h2>This is not a backup</h2>
        <p>It does not begin as one, so there is nothing in it to verify. A backup is one JSON object in a <code>.backup</code> file.</p>
      </section>
    );
  }
  if (!report.ok) return <Damaged report={report} backup={backup} read={read} />;
  if (!report.verifiable) {
    return (
      <section class="note warn">
        <h2>It can be read from start to end, but nothing proves it</h2>
        <p>Another program wrote it, without hashes. {read}</p>
      </section>
    );
  }
  return report.depth === 'full' ? (
    <section class="note good">
      <h2>Every byte is as it was written</h2>
      <p>{read}</p>
    </section>
  ) : (
    <section class="note good">
      <h2>Head and index are as they were written</h2>
      <p>The records were not looked at: verify every byte to prove them too.</p>
    </section>
  );
}

function Damaged({ report, backup, read }: { report: VerifyReport; backup: OpenedBackup | undefined; read: string }) {
  const hit = new Set(report.findings.map(({ collection }) => collection));
  const whole = report.depth === 'full' ? (backup?.collections.filter(({ name }) => !hit.has(name)) ?? []) : [];
  return (
    <section class="note bad">
      <h2>This file is damaged</h2>
      <p>{read} Copy it again from where it was made, or open an older backup.</p>
      {whole.length > 0 && report.verifiable && (
        <p>
          Undamaged: {whole.slice(0, 8).map(({ name }, at) => <>{at > 0 && ', '}<strong>{name}</strong></>)}
          {whole.length > 8 && ` and ${number(whole.length - 8)} more`}. {whole.length === 1 ? 'It' : 'They'} can still be restored by name.
        </p>
      )}
    </section>
  );
}

function sizeOf(subject: FileViewProps['subject'], current: Verification): number | undefined {
  if (subject.state === 'open') return subject.backup.info.size;
  if (typeof subject.source !== 'string') return subject.source.size;
  return current.state === 'done' ? current.value.bytes : undefined;
}

function readBytes(current: Verification, size: number): number {
  if (current.state === 'running') return current.takes.quick ? 0 : (current.progress?.bytes ?? 0);
  return current.state === 'done' && current.value.depth === 'full' ? size : 0;
}
