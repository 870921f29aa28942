// The conversation of this browser: its messages, what is waited for, and what went wrong; no view in here.
//
// Its token stands in localStorage, so that a reload, another page of the site and another tab go on with it. Whoever
// shares a computer ends it with 'wis mijn gegevens'.

import { ChatApi, Failure, type FailureKind, type Message, type Session } from "./transport.js";

const STORED = "kandidaat-chat.session";
const CHANGED = "kandidaat-chat.changed";
const SLOW_MS = 4_000;

export type Outgoing = { text: string } | { payload: string; title: string };

export interface State {
  messages: Message[];
  waiting: boolean;
  slow: boolean;
  failure: { kind: FailureKind; message: string; seconds: number } | null;
  erased: boolean;
}

export class Conversation extends EventTarget {
  state: State = { messages: [], waiting: false, slow: false, failure: null, erased: false };
  private readonly api: ChatApi;
  private counting: number | undefined;

  constructor(server: string) {
    super();
    this.api = new ChatApi(server);
    addEventListener("storage", (event) => {
      if (event.key === CHANGED || event.key === STORED) {
        void this.resume();
      }
    });
    addEventListener("online", () => this.forgive("offline"));
  }

  /** Go on with the stored conversation, or begin one; called when the panel opens. */
  async open(): Promise<void> {
    if (!this.state.messages.length) {
      await ((await this.resume()) || this.begin());
    }
  }

  /** Show the stored conversation; false where there is none (any more). */
  async resume(): Promise<boolean> {
    const session = stored();
    if (!session) {
      this.change({ messages: [], failure: null });
      return false;
    }
    try {
      this.change({ messages: await this.api.history(session.token), failure: null, erased: false });
      return true;
    } catch (error) {
      if (kindOf(error) === "expired") {
        localStorage.removeItem(STORED);
        return false;
      }
      this.fail(error);
      return true;
    }
  }

  async begin(): Promise<boolean> {
    return this.attempt(async () => {
      const begun = await this.api.begin();
      localStorage.setItem(STORED, JSON.stringify({ token: begun.token, expires_at: begun.expires_at }));
      this.change({ messages: begun.messages, erased: false });
    });
  }

  /** Send what was typed or chosen; false where it did not arrive, so that nothing that was typed gets lost. */
  async send(outgoing: Outgoing): Promise<boolean> {
    const session = stored();
    if (!session) {
      this.fail(new Failure("expired"));
      return false;
    }
    const before = this.state.messages;
    const text = "text" in outgoing ? outgoing.text : outgoing.title;
    this.change({ messages: [...before, { from: "user", text }], erased: false });
    const arrived = await this.attempt(async () => {
      const body = "text" in outgoing ? { text: outgoing.text } : { payload: outgoing.payload };
      const answers = await this.api.send(session.token, body);
      this.change({ messages: [...this.state.messages, ...answers] });
      localStorage.setItem(CHANGED, String(Date.now()));
    });
    if (!arrived) {
      this.change({ messages: before });
    }
    return arrived;
  }

  /** End this conversation and begin another; true when the new one is there. */
  async restart(): Promise<boolean> {
    await this.end();
    localStorage.removeItem(STORED);
    this.change({ messages: [], failure: null });
    return this.begin();
  }

  /** Have everything removed, and say so; true when it is gone. */
  async erase(): Promise<boolean> {
    const gone = await this.attempt(() => this.end(true));
    if (gone) {
      localStorage.removeItem(STORED);
      this.change({ messages: [], failure: null, erased: true });
    }
    return gone;
  }

  private async end(mustSucceed = false): Promise<void> {
    const session = stored();
    if (!session) {
      return;
    }
    try {
      await this.api.end(session.token);
    } catch (error) {
      if (mustSucceed && kindOf(error) !== "expired") {
        throw error;
      }
    }
  }

  private async attempt(act: () => Promise<void>): Promise<boolean> {
    const late = setTimeout(() => this.change({ slow: true }), SLOW_MS);
    this.change({ waiting: true, failure: null });
    try {
      await act();
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    } finally {
      clearTimeout(late);
      this.change({ waiting: false, slow: false });
    }
  }

  private fail(error: unknown): void {
    const failure = error instanceof Failure ? error : new Failure("down");
    this.change({ failure: { kind: failure.kind, message: failure.message, seconds: failure.seconds } });
    if (failure.kind === "limited") {
      this.countDown();
    }
  }

  private countDown(): void {
    clearInterval(this.counting);
    this.counting = window.setInterval(() => {
      const failure = this.state.failure;
      if (failure?.kind !== "limited" || failure.seconds <= 1) {
        clearInterval(this.counting);
        this.forgive("limited");
      } else {
        this.change({ failure: { ...failure, seconds: failure.seconds - 1 } });
      }
    }, 1_000);
  }

  private forgive(kind: FailureKind): void {
    if (this.state.failure?.kind === kind) {
      this.change({ failure: null });
    }
  }

  private change(changes: Partial<State>): void {
    this.state = { ...this.state, ...changes };
    this.dispatchEvent(new Event("change"));
  }
}

function kindOf(error: unknown): FailureKind {
  return error instanceof Failure ? error.kind : "down";
}

function stored(): Session | null {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? "null"); // whether it is over, the server's clock tells
  } catch {
    return null;
  }
}
