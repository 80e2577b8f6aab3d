import { useStore } from '../../app/store.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { transfer } from './transfers.ts';

/** What is on its way, or how that ended. */
export function TransferNote() {
  const current = useStore(transfer);
  if (!current) return null;
  const { doing, name, state, progress, failure } = current;
  const forget = <button type="button" class="quiet small" onClick={() => (transfer.value = undefined)}>Close</button>;
  if (state === 'running') {
    const total = progress?.totalBytes;
    const isProving = doing === 'Uploading' && total !== undefined && progress?.bytes === total;
    const label = isProving ? `${name} was sent; the server proves it` : `${doing} ${name}`;
    return (
      <section class="panel">
        <ProgressBar label={label} progress={progress} onCancel={current.cancel} />
      </section>
    );
  }
  if (state === 'failed' && failure) {
    return <FailureNote title={`${doing} ${name} failed`} failure={failure}><p>{forget}</p></FailureNote>;
  }
  return (
    <p class={state === 'done' ? 'note good' : 'note'} role="status">
      <span>
        {state === 'cancelled' ? `${doing} ${name} was cancelled.` : doing === 'Uploading' ? `${name} was uploaded, and every byte of it proved.` : `${name} was downloaded.`} {forget}
      </span>
    </p>
  );
}
