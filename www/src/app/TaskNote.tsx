import { FailureNote } from '../ui/FailureNote.tsx';
import { ProgressBar } from '../ui/ProgressBar.tsx';
import type { Operation } from '../worker/protocol.ts';
import type { TaskState } from './task.ts';

interface Props<O extends Operation> {
  readonly task: TaskState<O>;
  /** What is being done, while it is. */
  readonly doing: string;
  /** What the button that starts it says. */
  readonly ask: string;
  readonly onStart: () => void;
  readonly onCancel: () => void;
}

/** A task that is not done: a way to start it, how far it is, or why it stopped. */
export function TaskNote<O extends Operation>({ task, doing, ask, onStart, onCancel }: Props<O>) {
  if (task.state === 'running') {
    return (
      <section class="panel">
        <ProgressBar label={doing} progress={task.progress} onCancel={onCancel} />
      </section>
    );
  }
  return (
    <>
      {task.state === 'failed' && <FailureNote title="The collection could not be read to its end" failure={task.failure} />}
      {task.state === 'cancelled' && <p class="note" role="status">Cancelled.</p>}
      <p class="actions"><button type="button" class="primary" onClick={onStart}>{ask}</button></p>
    </>
  );
}
