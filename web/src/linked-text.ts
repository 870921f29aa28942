// Turns the plain text of a message into nodes: addresses and telephone numbers become links, and nothing else does.

import { html, type TemplateResult } from "lit";
import type { Texts } from "./texts.js";

const LINKABLE = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)])|([\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(\b0\d{1,3}(?: \d{2}){3,4}\b)/g;

export function linkedText(text: string, texts: Texts): Array<string | TemplateResult> {
  const parts: Array<string | TemplateResult> = [];
  let end = 0;
  for (const match of text.matchAll(LINKABLE)) {
    const [found, url, email] = match;
    parts.push(text.slice(end, match.index));
    parts.push(url ? outside(url, url, texts) : html`<a href=${hrefOf(found, email)}>${found}</a>`);
    end = match.index + found.length;
  }
  return [...parts, text.slice(end)];
}

/** Return a link to another page, or its title alone where the address is not one of the web. */
export function outside(url: string, title: string, texts: Texts): string | TemplateResult {
  if (!/^https?:\/\//i.test(url)) {
    return title;
  }
  return html`<a href=${url} target="_blank" rel="noopener noreferrer"
    >${title}<span class="hidden"> ${texts.newTab}</span></a
  >`;
}

function hrefOf(found: string, email: string | undefined): string {
  return email ? `mailto:${email}` : `tel:+32${found.replaceAll(" ", "").slice(1)}`;
}
