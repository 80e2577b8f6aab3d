import { useStore } from './store.ts';
import { chooseTheme, isDark, theme } from './theme.ts';

/** Changes between dark and light; what it says is what it does. */
export function ThemeToggle() {
  useStore(theme);
  const dark = isDark();
  return (
    <button type="button" class="quiet icon" onClick={() => chooseTheme(dark ? 'light' : 'dark')} aria-label={dark ? 'Use light colours' : 'Use dark colours'}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="1.5" />
        <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />
      </svg>
    </button>
  );
}
