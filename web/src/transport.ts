// Speaks the chat API (docs/chat-api.md) and turns whatever goes wrong into one of five kinds of failure.

export interface Button {
  title: string;
  payload: string;
}

export interface Link {
  title: string;
  url: string;
}

export interface Attachment {
  title: string;
  filename: string;
  mime: string;
  data: string;
}

export interface Message {
  from: "user" | "bot";
  text: string;
  buttons?: Button[];
  links?: Link[];
  attachment?: Attachment;
}

export interface Session {
  token: string;
  expires_at: string;
}

export type FailureKind = "offline" | "expired" | "limited" | "refused" | "down";

export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    message = "",
    readonly seconds = 0,
  ) {
    super(message);
  }
}

const TIMEOUT_MS = 20_000;

export class ChatApi {
  constructor(private readonly server: string) {}

  async begin(): Promise<Session & { messages: Message[] }> {
    const begun = await this.call("POST", "sessions");
    return { token: begun.token, expires_at: begun.expires_at, messages: fromBot(begun.messages) };
  }

  async send(token: string, body: { text: string } | { payload: string }): Promise<Message[]> {
    return fromBot((await this.call("POST", "messages", token, body)).messages);
  }

  async history(token: string): Promise<Message[]> {
    return (await this.call("GET", "messages", token)).messages;
  }

  async end(token: string): Promise<void> {
    await this.call("DELETE", "sessions", token);
  }

  private async call(method: string, path: string, token?: string, body?: unknown): Promise<any> {
    const reply = await this.reach(method, path, token, body);
    if (reply.status === 204) {
      return {};
    }
    const answer = await reply.json().catch(() => ({}));
    if (reply.ok) {
      return answer;
    }
    throw failureOf(reply, answer?.message ?? "");
  }

  private async reach(method: string, path: string, token?: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = {};
    if (token) {
      headers["Authorization"] = `Bearer ${token}`;
    }
    if (body) {
      headers["Content-Type"] = "application/json";
    }
    try {
      return await fetch(`${this.server}/webhooks/website/${path}`, {
        method,
        headers,
        body: body ? JSON.stringify(body) : undefined,
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch {
      throw new Failure(navigator.onLine ? "down" : "offline");
    }
  }
}

function failureOf(reply: Response, message: string): Failure {
  switch (reply.status) {
    case 401:
      return new Failure("expired", message);
    case 429:
      return new Failure("limited", message, Number(reply.headers.get("Retry-After")) || 30);
    case 400:
    case 403:
    case 413:
      return new Failure("refused", message);
    default:
      return new Failure("down", message);
  }
}

function fromBot(messages: Message[]): Message[] {
  return messages.map((message) => ({ ...message, from: "bot" }));
}
