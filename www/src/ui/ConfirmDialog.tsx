/** Asks before something cannot be taken back. It begins at what harms nothing, so that Enter twice does not either. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

interface Props {
  readonly title: string;
  /** What the button that does it says. */
  readonly action: string;
  /** What must be typed first, if anything. */
  readonly typed?: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function ConfirmDialog({ title, action, typed, onConfirm, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [text, setText] = useState('');
  useEffect(() => dialog.current?.showModal(), []);
  const isMeant = typed === undefined || text.trim() === typed;
  const submit = (event: Event) => {
    event.preventDefault();
    if (isMeant) onConfirm();
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={`${id}-title`} onClose={onClose}>
      <form onSubmit={submit}>
        <h2 id={`${id}-title`}>{title}</h2>
        {children}
        {typed !== undefined && (
          <div class="field">
            <label for={`${id}-typed`}>Type <code>{typed}</code> to confirm</label>
            <input id={`${id}-typed`} type="text" autofocus autocomplete="off" spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </div>
        )}
        <p class="actions">
          <button type="submit" class="danger" disabled={!isMeant}>{action}</button>
          <button type="button" autofocus={typed === undefined} onClick={() => dialog.current?.close()}>Keep everything as it is</button>
        </p>
      </form>
    </dialog>
  );
}
