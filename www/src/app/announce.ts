/** How long work ended, for who does not see it: told in the one live region of the page, which `index.html` has. */

/** Says it; also where the same was said before. */
export function announce(text: string): void {
  const region = document.getElementById('announcements');
  // A region that says the same again says nothing.
  if (region) region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}
