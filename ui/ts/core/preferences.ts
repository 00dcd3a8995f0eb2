// Theme, density and the sidebar: kept in cookies, so that the server draws the next page right from the start.

const YEAR = 60 * 60 * 24 * 365;

function keep(name: string, value: string): void {
  const age = value ? YEAR : 0;
  document.cookie = `trellis_${name}=${value}; path=/; max-age=${age}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
}

/** Sets or removes an attribute that the stylesheet reads. */
function mark(element: HTMLElement, name: string, value: string): void {
  if (value) element.dataset[name] = value;
  else delete element.dataset[name];
}

function onClick(event: MouseEvent): void {
  const button = (event.target as Element).closest<HTMLElement>("[data-theme-set], [data-density-set], [data-nav-toggle]");
  if (!button) return;
  const { themeSet, densitySet } = button.dataset;
  if (themeSet) {
    const value = themeSet === "system" ? "" : themeSet;
    mark(document.documentElement, "theme", value);
    keep("theme", value);
  } else if (densitySet) {
    const value = densitySet === "default" ? "" : densitySet;
    mark(document.documentElement, "density", value);
    keep("density", value);
  } else {
    const value = document.body.dataset["nav"] === "rail" ? "" : "rail";
    mark(document.body, "nav", value);
    keep("nav", value);
    button.setAttribute("aria-expanded", String(!value));
  }
  showChoice();
}

/** Menu items for the choice in force are checked. */
function showChoice(): void {
  const { theme = "system", density = "default" } = document.documentElement.dataset;
  document.querySelectorAll<HTMLElement>("[role='menuitemradio'][data-theme-set]").forEach((item) => {
    item.setAttribute("aria-checked", String(item.dataset["themeSet"] === theme));
  });
  document.querySelectorAll<HTMLElement>("[role='menuitemradio'][data-density-set]").forEach((item) => {
    item.setAttribute("aria-checked", String(item.dataset["densitySet"] === density));
  });
}

/** Serves `[data-theme-set]`, `[data-density-set]` and `[data-nav-toggle]`. */
export function watchPreferences(): void {
  document.addEventListener("click", onClick);
  showChoice();
}
