// What the page's script tag runs: reads the tag's own attributes, and puts the element at the end of the page.

import { KandidaatChat } from "./kandidaat-chat.js";
import { TEXTS } from "./texts.js";

declare const PRIVACY: string; // the build puts the address of the city's privacy page here

const tag = document.currentScript as HTMLScriptElement | null;

function mount(): void {
  const settings = tag?.dataset ?? {};
  const chat = new KandidaatChat();
  chat.server = (settings["server"] ?? new URL(tag?.src ?? location.href).origin).replace(/\/+$/, "");
  chat.faq = settings["faq"] ?? "";
  chat.privacy = settings["privacy"] ?? PRIVACY;
  chat.position = settings["position"] ?? "right";
  chat.texts = {
    ...TEXTS,
    launcher: settings["launcher"] ?? TEXTS.launcher,
    title: settings["title"] ?? TEXTS.title,
    contact: settings["contact"] ?? TEXTS.contact,
  };
  document.body.append(chat);
}

if (!customElements.get("kandidaat-chat")) {
  customElements.define("kandidaat-chat", KandidaatChat);
  if (document.readyState === "loading") {
    addEventListener("DOMContentLoaded", mount);
  } else {
    mount();
  }
}
