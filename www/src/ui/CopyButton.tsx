import { useEffect, useState } from 'preact/hooks';

/** Copies a text; says so for a moment. `name` is what is copied, for who cannot see where the button stands. */
export function CopyButton({ text, name, label = 'Copy' }: { text: string | (() => string); name: string; label?: string }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(''), 1500);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
      setSaid('Copied');
    } catch {
      setSaid('Not allowed here');
    }
  };
  return (
    <button type="button" class="quiet small" onClick={copy} aria-label={said ? undefined : `${label} ${name}`}>
      <span aria-live="polite">{said || label}</span>
    </button>
  );
}
