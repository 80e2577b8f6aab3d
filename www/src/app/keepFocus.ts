/**
 * Where what has the keyboard goes away, the browser gives it to the page's very beginning. Here it goes to what came in
 * its place, a result or what cancels, and else to the nearest heading that stays.
 */

let begun = false;

/** From now on, everywhere in the page's main part. */
export function keepFocus(): void {
  const main = document.querySelector('main');
  if (begun || !main) return;
  begun = true;
  let last: { readonly element: Element; readonly around: readonly Element[] } | undefined;
  main.addEventListener('focusin', ({ target }) => {
    const element = target as Element;
    const around: Element[] = [];
    for (let each = element.parentElement; each && each !== main.parentElement; each = each.parentElement) around.push(each);
    last = { element, around };
  });
  new MutationObserver((changes) => {
    const active = document.activeElement;
    if (!last || last.element.isConnected || (active && active !== document.body)) return;
    const { around } = last;
    last = undefined;
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) => node instanceof Element && node.isConnected) as Element[];
    const come = added.map((node) => firstOf(node, '.note, .progress button')).find(isSeen);
    const target = come ?? around.filter((each) => each.isConnected).map((each) => firstOf(each, 'h1, h2, h3')).find(isSeen) ?? main;
    if (!target.matches('button')) (target as HTMLElement).tabIndex = -1;
    (target as HTMLElement).focus({ preventScroll: target === main });
  }).observe(main, { childList: true, subtree: true });
}

function firstOf(element: Element, selector: string): Element | undefined {
  return element.matches(selector) ? element : (element.querySelector(selector) ?? undefined);
}

function isSeen(element: Element | undefined): element is Element {
  return element instanceof HTMLElement && element.offsetParent !== null;
}
