let loading: Promise<void> | undefined;

/** Loads the style of the views that do not come first, once. */
export function laterStyles(): Promise<void> {
  loading ??= new Promise((resolve, reject) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL(`./${LATER_STYLES_FILE}`, import.meta.url).href;
    link.onload = () => resolve();
    link.onerror = () => {
      link.remove();
      loading = undefined;
      reject(new Error('its style did not load'));
    };
    document.head.append(link);
  });
  return loading;
}
