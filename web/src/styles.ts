// How the element looks: the city's red on white by default, dark where the visitor wants it, system colours where they set them.

import { css } from "lit";

export const styles = css`
  :host {
    --accent: var(--kandidaat-chat-accent, #b3001b);
    --on-accent: var(--kandidaat-chat-on-accent, #ffffff);
    --surface: var(--kandidaat-chat-surface, #ffffff);
    --text: var(--kandidaat-chat-text, #1c1c1c);
    --muted: var(--kandidaat-chat-muted, #55565a);
    --soft: var(--kandidaat-chat-soft, #f3f1ee);
    --line: var(--kandidaat-chat-line, #767676);
    --focus: var(--kandidaat-chat-focus, #0b57d0);
    --font: var(--kandidaat-chat-font, system-ui, "Segoe UI", Roboto, Arial, sans-serif);
    color: var(--text);
    font: 1rem/1.5 var(--font);
  }
  @media (prefers-color-scheme: dark) {
    :host {
      --accent: var(--kandidaat-chat-accent-dark, #ff8a94);
      --on-accent: var(--kandidaat-chat-on-accent-dark, #1c1c1c);
      --surface: var(--kandidaat-chat-surface-dark, #1b1c1f);
      --text: var(--kandidaat-chat-text-dark, #f2f2f2);
      --muted: var(--kandidaat-chat-muted-dark, #c4c5c9);
      --soft: var(--kandidaat-chat-soft-dark, #2b2d31);
      --line: var(--kandidaat-chat-line-dark, #9a9ba0);
      --focus: var(--kandidaat-chat-focus-dark, #8ab4f8);
    }
  }
  * {
    box-sizing: border-box;
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  button,
  textarea {
    font: inherit;
    color: inherit;
  }
  button {
    min-height: 2.75rem;
    padding: 0.25rem 0.875rem;
    border: 1px solid var(--line);
    border-radius: 0.5rem;
    background: var(--surface);
    cursor: pointer;
  }
  button:hover {
    background: var(--soft);
  }
  :focus-visible {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  .launcher {
    position: fixed;
    inset-block-end: 1rem;
    inset-inline-end: 1rem;
    z-index: 2147483000;
    max-width: calc(100vw - 2rem);
    padding: 0.5rem 1.25rem;
    border-radius: 1.5rem;
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
    box-shadow: 0 2px 8px rgb(0 0 0 / 30%);
  }
  .launcher:hover,
  .primary:hover {
    background: var(--text);
    color: var(--surface);
  }
  :host([position="left"]) .launcher,
  :host([position="left"]) dialog {
    inset-inline: 1rem auto;
  }
  dialog {
    position: fixed;
    inset: auto 1rem 1rem auto;
    z-index: 2147483001;
    width: min(26rem, calc(100vw - 2rem));
    height: min(42rem, calc(100dvh - 2rem));
    max-width: none;
    max-height: none;
    margin: 0;
    padding: 0;
    border: 1px solid var(--line);
    border-radius: 0.75rem;
    background: var(--surface);
    color: var(--text);
    overflow: hidden;
    box-shadow: 0 4px 24px rgb(0 0 0 / 30%);
  }
  dialog[open] {
    display: flex;
    flex-direction: column;
  }
  .top {
    flex: none;
    padding: 0.5rem 0.5rem 0.5rem 1rem;
    border-block-end: 1px solid var(--line);
  }
  .bar {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem;
  }
  h2 {
    margin: 0;
    font-size: 1.125rem;
    line-height: 1.3;
  }
  .notice {
    margin: 0.125rem 0.5rem 0 0;
    color: var(--muted);
    font-size: 0.875rem;
    line-height: 1.4;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    padding: 0.5rem 1rem;
    border-block-end: 1px solid var(--line);
  }
  .icon {
    min-width: 2.75rem;
    padding: 0.25rem 0.5rem;
    border-color: transparent;
  }
  .scroll {
    flex: 1 1 auto;
    min-height: 0;
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: 1rem;
  }
  .message {
    max-width: 90%;
    margin: 0 0 0.75rem;
    padding: 0.5rem 0.875rem;
    border: 1px solid transparent;
    border-radius: 0.75rem;
    background: var(--soft);
    overflow-wrap: anywhere;
    unicode-bidi: isolate;
  }
  .message p {
    margin: 0;
    unicode-bidi: plaintext;
  }
  .text {
    white-space: pre-wrap;
  }
  [hidden] {
    display: none !important;
  }
  .user {
    margin-inline-start: auto;
    width: fit-content;
    background: var(--accent);
    color: var(--on-accent);
  }
  .extra {
    margin: 0.5rem 0 0;
  }
  a {
    color: inherit;
    text-underline-offset: 0.15em;
  }
  .choices {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    margin: 0 0 0.75rem;
    padding: 0;
    border: 0;
    min-width: 0;
  }
  .choices button {
    border-color: var(--accent);
    text-align: start;
    overflow-wrap: anywhere;
  }
  .status {
    margin: 0 0 0.75rem;
    padding: 0.5rem 0.875rem;
    border: 1px solid var(--line);
    border-inline-start: 0.25rem solid var(--accent);
    border-radius: 0.25rem;
    overflow-wrap: anywhere;
  }
  .status p {
    margin: 0 0 0.5rem;
  }
  .status p:last-child {
    margin: 0;
  }
  .dots {
    color: var(--muted);
    margin: 0 0 0.75rem;
  }
  @media (prefers-reduced-motion: no-preference) {
    .dots {
      animation: breathe 1.2s ease-in-out infinite alternate;
    }
    @keyframes breathe {
      from {
        opacity: 1;
      }
      to {
        opacity: 0.55;
      }
    }
  }
  form {
    flex: none;
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 0.25rem 0.5rem;
    padding: 0.5rem 1rem 0.75rem;
    border-block-start: 1px solid var(--line);
  }
  label {
    flex: 1 0 100%;
    font-size: 0.875rem;
    font-weight: 600;
  }
  textarea {
    flex: 1 1 8rem;
    min-width: 0;
    min-height: 2.75rem;
    max-height: 8rem;
    padding: 0.5rem 0.75rem;
    border: 1px solid var(--line);
    border-radius: 0.5rem;
    background: var(--surface);
    resize: none;
    field-sizing: content;
  }
  .primary {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  .counter {
    flex: 1 0 100%;
    margin: 0;
    color: var(--muted);
    font-size: 0.875rem;
  }
  /* A phone, or 400 % zoom: the whole screen, and everything scrolls so that the conversation stays readable. */
  @media (max-width: 30rem), (max-height: 26rem) {
    dialog {
      inset: 0;
      width: 100vw;
      height: 100dvh;
      border: 0;
      border-radius: 0;
    }
    :host([position="left"]) dialog {
      inset: 0;
    }
  }
  @media (max-height: 26rem) {
    dialog[open] {
      display: block;
      overflow-y: auto;
    }
    .scroll {
      overflow: visible;
    }
  }
  @media (forced-colors: active) {
    .message,
    .status,
    dialog,
    .icon {
      border-color: CanvasText;
    }
    .user {
      border-color: Highlight;
    }
  }
`;
