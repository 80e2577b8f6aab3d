import type { RestoreStep } from '../../server/types.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { number, plural } from '../../ui/format.ts';

/** How many names are listed one by one. */
const NAMED = 12;

interface Props {
  readonly replaced: readonly RestoreStep[];
  /** Whether what is replaced is backed up before. */
  readonly isKept: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Names what a restore replaces, and wants a word typed that nobody types by accident. */
export function ReplaceDialog({ replaced, isKept, onConfirm, onClose }: Props) {
  const [first] = replaced;
  const typed = replaced.length === 1 && first ? first.restored_as : `replace ${replaced.length}`;
  return (
    <ConfirmDialog title={`Replace ${plural(replaced.length, 'collection')}?`} action="Replace and restore" typed={typed} onConfirm={onConfirm} onClose={onClose}>
      <ul class="replaced">
        {replaced.slice(0, NAMED).map(({ restored_as, live, count }) => (
          <li key={restored_as}>
            <strong>{restored_as}</strong>: {plural(live?.count ?? 0, 'record')} now, {number(count)} afterwards
          </li>
        ))}
        {replaced.length > NAMED && <li>and {plural(replaced.length - NAMED, 'other collection')}</li>}
      </ul>
      <p>{isKept ? 'What is there now is backed up first.' : 'What is there now is gone then, unless another backup has it.'}</p>
    </ConfirmDialog>
  );
}
