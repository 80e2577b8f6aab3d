import { CopyButton } from './CopyButton.tsx';

/** A hash or an id in full, in small; it can be copied. */
export function Hash({ text, name }: { text: string; name: string }) {
  return (
    <span class="hash">
      <code>{text}</code>
      <CopyButton text={text} name={name} />
    </span>
  );
}
