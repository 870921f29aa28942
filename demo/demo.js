// Speaks the chat API (docs/chat-api.md): begins a conversation, sends what is typed or chosen, shows the answers as text.
"use strict";

const server = new URLSearchParams(location.search).get("server") || "http://localhost:5005";
const api = server.replace(/\/$/, "") + "/webhooks/website";
const log = document.getElementById("log");
const choices = document.getElementById("choices");
const field = document.getElementById("text");
let token = null;

function show(from, text) {
  const line = document.createElement("p");
  line.className = from;
  line.textContent = text;
  log.append(line);
  log.scrollTop = log.scrollHeight;
}

function showLink(url, title, filename) {
  const link = document.createElement("a");
  link.href = url;
  link.textContent = title;
  if (filename) link.download = filename;
  else link.rel = "noopener";
  log.append(link);
}

function showAll(messages) {
  choices.replaceChildren();
  for (const message of messages) {
    show("bot", message.text);
    for (const link of message.links || []) {
      if (link.url.startsWith("https://")) showLink(link.url, link.title);
    }
    if (message.attachment) {
      const { data, mime, title, filename } = message.attachment;
      showLink(URL.createObjectURL(new Blob([data], { type: mime })), title, filename);
    }
    for (const button of message.buttons || []) {
      const choice = document.createElement("button");
      choice.type = "button";
      choice.textContent = button.title;
      choice.addEventListener("click", () => send({ payload: button.payload }, button.title));
      choices.append(choice);
    }
  }
}

async function call(method, path, body) {
  const headers = token ? { Authorization: "Bearer " + token } : {};
  const options = { method, headers };
  if (body) {
    headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(api + path, options);
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    show("error", error instanceof TypeError ? "De assistent is niet bereikbaar." : error.message);
  }
}

function send(body, words) {
  show("user", words);
  return attempt(async () => showAll((await call("POST", "/messages", body)).messages));
}

function begin() {
  log.replaceChildren();
  token = null;
  return attempt(async () => {
    const begun = await call("POST", "/sessions");
    token = begun.token;
    showAll(begun.messages);
  });
}

document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  send({ text }, text);
});
document.getElementById("restart").addEventListener("click", begin);
begin();
