// htmx reads its settings from a <meta> when it is loaded, so this must be imported before it.
import { make } from "./dom";

const settings = {
  // Its indicator rules would need a style the policy forbids; ours are in the stylesheet.
  includeIndicatorCSS: false,
  // Going back reloads: the server's page is the truth, and islands start clean.
  history: "reload",
  defaultSwap: "outerHTML",
  defaultTimeout: 30000,
};

document.head.append(make("meta", { name: "htmx-config", content: JSON.stringify(settings) }));
