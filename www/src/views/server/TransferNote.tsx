import { LARGE_BLOB, canStream } from '../../app/save.ts';
import { useStore } from '../../app/store.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { transfer } from '../../server/transfers.ts';

/** What is on its way, or how that ended. */
export function TransferNote() {
  const current = useStore(transfer);
  if (!current) return null;
  const { doing, name, state, progress, failure } = current;
  const forget = <button type="button" class="quiet small" onClick={() => (transfer.value = undefined)}>Close</button>;
  if (state === 'running') {
    const total = progress?.totalBytes;
    const isProving = doing === 'Uploading' && total !== undefined && progress?.bytes === total;
    const isStrain = doing === 'Downloading' && !canStream && (total ?? 0) > LARGE_BLOB;
    const label = isProving ? `${name} was sent; the server proves it` : `${doing} ${name}`;
    return (
      <section class="panel">
        <ProgressBar label={label} progress={progress} onCancel={current.cancel} />
        {isStrain && <p class="small">This browser must hold all of it before it is saved, and may run out of room. Chromium, Chrome and Edge write as it comes; so does <code>vecvault download</code>.</p>}
      </section>
    );
  }
  if (state === 'failed' && failure) {
    return <FailureNote title={`${name} was not ${doing === 'Uploading' ? 'uploaded' : 'downloaded'}`} failure={failure}><p>{forget}</p></FailureNote>;
  }
  return (
    <p class={state === 'done' ? 'note good' : 'note'} role="status">
      <span>
        {state === 'cancelled' ? `${doing} ${name} was cancelled.` : doing === 'Uploading' ? `${name} was uploaded, and every byte of it proved.` : `${name} was downloaded.`} {forget}
      </span>
    </p>
  );
}
