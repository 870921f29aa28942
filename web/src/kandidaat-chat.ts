// The element: a launcher, and a panel with the conversation.
//
// WCAG 2.2 AA, criterion by criterion:
// 1.3.1, 4.1.2  native dialog, button, form, label, textarea; role=log and role=status have names
// 1.4.1         who speaks is said in hidden words, and shown by place as well as by colour
// 1.4.3, 1.4.11 colours of styles.ts: text 4.5:1 or more, borders and focus 3:1 or more, in light and dark
// 1.4.4, 1.4.10 rem everywhere; 320 by 256 CSS pixels become one scrolling page; long words break
// 1.4.12        no height is fixed where text stands
// 2.1.1, 2.1.2  everything by keyboard; Escape closes; full screen is a modal dialog, which the browser makes inert behind
// 2.2.1         no time limit of ours; when the conversation ends it says so and keeps what was typed
// 2.3.3         the only movement stops with prefers-reduced-motion
// 2.4.3         opening moves focus to the input, closing gives it back to the launcher
// 2.4.7, 2.4.11 a 3-pixel outline; the focused part scrolls into view
// 2.5.3         what a button shows is its name
// 2.5.8         44 pixels high
// 3.1.1         lang=nl-BE on the dialog
// 3.3.1, 3.3.3  each failure in words, with what to do
// 4.1.3         new messages are announced once: by the log when the panel is open, by the status when it is closed

import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { Conversation, type Outgoing, type State } from "./conversation.js";
import { linkedText, outside } from "./linked-text.js";
import { styles } from "./styles.js";
import { TEXTS, type Texts } from "./texts.js";
import type { Attachment, Message } from "./transport.js";

const MOST_CHARACTERS = 1000;
const COUNT_FROM = 100; // characters left
const SMALL = "(max-width: 30rem), (max-height: 26rem)";

export class KandidaatChat extends LitElement {
  static override styles = styles;
  static override properties = {
    server: {},
    faq: {},
    privacy: {},
    position: { reflect: true },
    texts: { attribute: false },
    opened: { state: true },
    showsTools: { state: true },
    draft: { state: true },
    news: { state: true },
  };

  declare server: string;
  declare faq: string;
  declare privacy: string;
  declare position: string;
  declare texts: Texts;
  declare opened: boolean;
  declare showsTools: boolean;
  declare draft: string;
  declare news: string;
  private conversation!: Conversation;
  private seen = 0;

  constructor() {
    super();
    this.server = "";
    this.faq = "";
    this.privacy = "";
    this.position = "right";
    this.texts = TEXTS;
    this.opened = false;
    this.showsTools = false;
    this.draft = "";
    this.news = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.conversation = new Conversation(this.server);
    this.conversation.addEventListener("change", () => this.requestUpdate());
  }

  override render(): TemplateResult {
    const { texts, opened } = this;
    return html`
      <button class="launcher" aria-haspopup="dialog" aria-expanded=${opened} ?hidden=${opened} @click=${this.open}>
        ${texts.launcher}
      </button>
      <div class="hidden" role="status" lang="nl-BE">${this.news}</div>
      <dialog lang="nl-BE" aria-labelledby="title" @cancel=${this.cancel} @keydown=${this.keydown}>
        ${opened ? this.panel(this.conversation.state) : nothing}
      </dialog>
    `;
  }

  private panel(state: State): TemplateResult {
    const { texts } = this;
    return html`
      <div class="top">
        <div class="bar">
          <h2 id="title">${texts.title}</h2>
          <div>
            <button class="icon" aria-expanded=${this.showsTools} aria-controls="tools" @click=${this.toggleTools}>
              ${texts.menu}
            </button>
            <button class="icon" aria-label=${texts.minimise} @click=${this.close}>
              <span aria-hidden="true">&#x2715;</span>
            </button>
          </div>
        </div>
        <p class="notice">${texts.notice} ${this.privacy ? outside(this.privacy, texts.privacy, texts) : nothing}</p>
      </div>
      <div class="tools" id="tools" ?hidden=${!this.showsTools}>
        ${this.showsTools
          ? html`
              <button @click=${this.restart}>${texts.restart}</button>
              <button @click=${this.erase}>${texts.erase}</button>
              <button @click=${this.download} ?disabled=${!state.messages.length}>${texts.download}</button>
            `
          : nothing}
      </div>
      <div class="scroll">
        <div role="log" aria-label=${texts.log} tabindex="0">${state.messages.map((each) => this.message(each))}</div>
        ${this.choices(state)}
        ${state.waiting ? html`<p class="dots">${state.slow ? texts.slow : texts.waiting}</p>` : nothing}
        <div role="status">${this.condition(state)}</div>
      </div>
      <form @submit=${this.submit}>
        <label for="input">${texts.input}</label>
        <textarea
          id="input"
          rows="1"
          maxlength=${MOST_CHARACTERS}
          autocomplete="off"
          enterkeyhint="send"
          aria-describedby="counter"
          .value=${this.draft}
          @input=${this.typed}
          @keydown=${this.sendOnEnter}
        ></textarea>
        <button class="primary" aria-disabled=${state.waiting}>${texts.send}</button>
        <p class="counter" id="counter" aria-live="polite">
          ${MOST_CHARACTERS - this.draft.length <= COUNT_FROM ? texts.left(MOST_CHARACTERS - this.draft.length) : nothing}
        </p>
      </form>
    `;
  }

  private message(message: Message): TemplateResult {
    const { texts } = this;
    const links = (message.links ?? []).filter((link) => !message.text.includes(link.url));
    return html`<div class="message ${message.from === "user" ? "user" : "bot"}">
      <span class="hidden">${message.from === "user" ? texts.you : texts.assistant}: </span>
      <p class="text" dir="auto">${message.from === "user" ? message.text : linkedText(message.text, texts)}</p>
      ${links.map((link) => html`<p class="extra">${outside(link.url, link.title, texts)}</p>`)}
      ${message.attachment ? this.file(message.attachment) : nothing}
    </div>`;
  }

  private file(attachment: Attachment): TemplateResult {
    return html`<p class="extra">
      <button @click=${() => save(attachment.filename, attachment.mime, attachment.data)}>${attachment.title}</button>
    </p>`;
  }

  private choices(state: State): TemplateResult | typeof nothing {
    const last = state.messages.at(-1);
    if (state.waiting || last?.from !== "bot" || !last.buttons?.length) {
      return nothing;
    }
    return html`<fieldset class="choices">
      <legend class="hidden">${this.texts.choices}</legend>
      ${last.buttons.map(
        (button) => html`<button type="button" @click=${() => this.send(button)}>${button.title}</button>`,
      )}
    </fieldset>`;
  }

  private condition(state: State): TemplateResult | typeof nothing {
    const { texts } = this;
    if (state.erased) {
      return html`<div class="status">
        <p>${texts.erased}</p>
        <p><button @click=${this.restart}>${texts.restart}</button></p>
      </div>`;
    }
    switch (state.failure?.kind) {
      case undefined:
        return nothing;
      case "offline":
        return html`<div class="status"><p>${texts.offline}</p></div>`;
      case "limited":
        return html`<div class="status"><p>${texts.limited(state.failure.seconds)}</p></div>`;
      case "refused":
        return html`<div class="status"><p>${state.failure.message}</p></div>`;
      case "expired":
        return html`<div class="status">
          <p>${texts.expired}</p>
          <p><button @click=${this.restart}>${texts.restart}</button></p>
        </div>`;
      case "down":
        return html`<div class="status">
          <p>${texts.down} ${linkedText(texts.contact, texts)}.</p>
          ${this.faq ? html`<p>${outside(this.faq, texts.faq, texts)}</p>` : nothing}
          <p><button @click=${this.retry}>${texts.retry}</button></p>
        </div>`;
    }
  }

  private open = async (): Promise<void> => {
    this.opened = true;
    this.news = "";
    await this.updateComplete;
    const small = matchMedia(SMALL).matches;
    if (small) {
      this.dialog.showModal();
    } else {
      this.dialog.show();
    }
    this.input?.focus();
    await this.conversation.open();
  };

  private close = async (): Promise<void> => {
    this.dialog.close();
    this.opened = false;
    this.showsTools = false;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".launcher")?.focus();
  };

  private cancel = (event: Event): void => {
    event.preventDefault();
    void this.close();
  };

  private keydown = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      void this.close();
    }
  };

  private toggleTools = (): void => {
    this.showsTools = !this.showsTools;
  };

  private typed = (event: Event): void => {
    this.draft = (event.target as HTMLTextAreaElement).value;
  };

  private sendOnEnter = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      void this.submitDraft();
    }
  };

  private submit = (event: Event): void => {
    event.preventDefault();
    void this.submitDraft();
  };

  private async submitDraft(): Promise<void> {
    const text = this.draft.trim();
    if (!text || this.conversation.state.waiting) {
      return;
    }
    this.draft = "";
    if (!(await this.send({ text }))) {
      this.draft = this.draft ? `${text}\n${this.draft}` : text;
    }
  }

  private async send(outgoing: Outgoing): Promise<boolean> {
    this.input?.focus();
    return this.conversation.send(outgoing);
  }

  private retry = async (): Promise<void> => {
    this.input?.focus();
    if (this.draft.trim()) {
      await this.submitDraft();
    } else {
      await ((await this.conversation.resume()) || this.conversation.begin());
    }
  };

  private restart = async (): Promise<void> => {
    this.showsTools = false;
    this.input?.focus();
    await this.conversation.restart();
  };

  private erase = async (): Promise<void> => {
    this.showsTools = false;
    this.input?.focus();
    await this.conversation.erase();
  };

  private download = (): void => {
    const { texts } = this;
    const lines = this.conversation.state.messages.map(
      (each) => `${each.from === "user" ? texts.you : texts.assistant}:\n${each.text}\n`,
    );
    save(texts.downloadFile, "text/plain", lines.join("\n"));
  };

  protected override updated(_changed: PropertyValues): void {
    const { messages } = this.conversation.state;
    if (messages.length > this.seen) {
      if (this.opened) {
        // The question on top, so that the answer is read from its beginning and the quick replies are below it.
        const asked = [...this.renderRoot.querySelectorAll(".user")].at(-1);
        asked?.scrollIntoView({ block: "start" });
      } else if (messages.at(-1)?.from === "bot") {
        this.news = this.texts.news;
      }
    }
    this.seen = messages.length;
  }

  private get dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector("dialog") as HTMLDialogElement;
  }

  private get input(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector("textarea");
  }
}

function save(filename: string, mime: string, data: string): void {
  const address = URL.createObjectURL(new Blob([data], { type: mime }));
  const link = document.createElement("a");
  link.href = address;
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
