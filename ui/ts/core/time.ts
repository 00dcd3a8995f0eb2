// Relative times: "3 hours ago" in place of a date, with the full date on hover.
import { whenPresent } from "./dom";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60],
];
const format = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });

function show(element: HTMLElement): void {
  const seconds = (Date.parse(element.getAttribute("datetime") ?? "") - Date.now()) / 1000;
  if (Number.isNaN(seconds)) return;
  element.title ||= element.textContent?.trim() ?? "";
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  element.textContent = unit === "second" ? "just now" : format.format(Math.round(seconds / size), unit);
}

/** Serves `time[data-relative]`, now and once a minute. */
export function watchTimes(): void {
  whenPresent("time[data-relative]", show);
  setInterval(() => document.querySelectorAll<HTMLElement>("time[data-relative]").forEach(show), 60000);
}
