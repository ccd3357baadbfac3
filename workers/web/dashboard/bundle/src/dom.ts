// Elements without markup: what comes from outside is only ever text.

export type Child = Node | string | null | undefined | false;
type Props = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") node.addEventListener(name.replace(/^on/, ""), value as EventListener);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  fill(node, ...children);
  return node;
}

// Give an element new children; what was focused and comes again under its data-key keeps the focus.
export function fill(node: Element, ...children: Child[]): void {
  const focused = node.contains(document.activeElement) ? document.activeElement?.getAttribute("data-key") : null;
  node.replaceChildren(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  if (focused) node.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as T;
}

// Told to screen readers, once.
export function say(text: string): void {
  byId("news").textContent = text;
}

export const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function bring(node: Element, block: ScrollLogicalPosition = "center"): void {
  node.scrollIntoView({ block, behavior: calm() ? "auto" : "smooth" });
}
