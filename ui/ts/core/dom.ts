// Small readings of the page that several parts share: parsing, visibility, additions.

/** Parses an HTML answer, whole page or fragment. Rows and `<hx-partial>` survive, which a plain parse would drop. */
export function parse(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html
    .replace(/<hx-partial(?=[\s>])/g, "<template data-partial")
    .replace(/<\/hx-partial>/g, "</template>");
  return template.content;
}

/** Puts every `<hx-partial hx-target="#x">` of an answer into its target. */
export function placePartials(answer: DocumentFragment): void {
  for (const part of answer.querySelectorAll<HTMLTemplateElement>("template[data-partial]")) {
    const target = document.querySelector(part.getAttribute("hx-target") ?? ":not(*)");
    if (part.getAttribute("hx-swap") === "outerHTML") target?.replaceWith(part.content.cloneNode(true));
    else target?.replaceChildren(part.content.cloneNode(true));
  }
}

/** Whether the person is typing here, so that no shortcut may fire. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select, [role='combobox']")) return true;
  return target instanceof HTMLInputElement && !/^(checkbox|radio|button|submit|reset)$/.test(target.type);
}

/** Calls `visit` for each element that matches now and for each that is added later. */
export function whenPresent<E extends HTMLElement>(selector: string, visit: (element: E) => void): void {
  const scan = (root: ParentNode): void => {
    if (root instanceof HTMLElement && root.matches(selector)) visit(root as E);
    root.querySelectorAll<E>(selector).forEach(visit);
  };
  scan(document);
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node instanceof HTMLElement) scan(node);
    }
  }).observe(document.body, { childList: true, subtree: true });
}

/** An icon of the page's sprite, found through any icon that the server has drawn. */
export function icon(name: string): SVGSVGElement | null {
  const drawn = document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0];
  if (!drawn) return null;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${drawn}#${name}`);
  svg.append(use);
  return svg;
}

/** Makes an element: `make("p", { class: "help" }, "text", child)`. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string | null)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}
