"use strict";

const bundle = JSON.parse(document.getElementById("bundle").textContent);
const records = bundle.records;
const byId = (id) => document.getElementById(id);
const utf8 = new TextEncoder();
const INDEXED = /^(.+)\/(?:0|[1-9][0-9]*)$/;
const AT_ONCE = 50;
const BODIES = ["title", "text", "shared/text", "removal_reason"];

/* Reading */

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function fieldsOf(record) {
  const fields = new Map();
  for (const part of record.parts) {
    const match = INDEXED.exec(part.path);
    const name = match ? match[1] : part.path;
    if (!fields.has(name)) fields.set(name, []);
    const spans = fields.get(name);
    const last = spans[spans.length - 1];
    if (part.digest !== undefined) {
      if (last && last.code === part.exemption) last.count += 1;
      else spans.push({ code: part.exemption, count: 1 });
    } else {
      const text = part.value !== undefined ? part.value : "(binary)";
      if (typeof last === "string") spans[spans.length - 1] = last + text;
      else spans.push(text);
    }
  }
  return fields;
}

function label(name) {
  const attachment = /^attachment\/([0-9]+)\/(.+)$/.exec(name);
  if (attachment) return `Attachment ${Number(attachment[1]) + 1}, ${attachment[2]}`;
  const poll = /^(?:observed\/)?poll\/([0-9]+)\/(answer|votes)$/.exec(name);
  if (poll) return `Poll, ${poll[2]} ${Number(poll[1]) + 1}`;
  const reaction = /^observed\/reactions\/(.+)$/.exec(name);
  if (reaction) return `Reactions, ${reaction[1]}`;
  return bundle.fields[name] || name;
}

function moment(text) {
  return text.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z$/, "$1 $2 UTC");
}

function withMarks(parent, text, words) {
  if (!words.length) {
    parent.append(text);
    return;
  }
  const pattern = new RegExp(words.map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "giu");
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    parent.append(text.slice(at, match.index), element("mark", "", match[0]));
    at = match.index + match[0].length;
  }
  parent.append(text.slice(at));
}

function spansInto(parent, spans, words, change = (text) => text) {
  for (const span of spans) {
    if (typeof span === "string") {
      withMarks(parent, change(span), words);
      continue;
    }
    const title = bundle.titles[span.code] || "";
    const size = span.count === 1 ? "1 part withheld" : `${span.count} parts withheld`;
    const box = element("span", "box", span.code);
    box.title = title ? `${title} (${size})` : size;
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", `Redacted under ${span.code}, ${size}`);
    parent.append(box, " ");
  }
}

function fact(list, name, fill) {
  const value = element("dd");
  fill(value);
  list.append(element("dt", "", name), value);
}

const internal = (spans) => spans.every((span) => span.code === "internal");

function articleOf(record, words) {
  const article = element("article");
  article.id = `record-${record.number}`;
  const heading = element("h2", "", `Record ${record.number} of ${records.length}`);
  heading.append(element("span", `tag ${record.outcome}`, bundle.outcomes[record.outcome]));
  const check = element("span", "check");
  showCheck(check, checks.get(record.number));
  heading.append(check);
  article.append(heading);

  const header = JSON.parse(record.header);
  const facts = element("dl", "facts");
  const platform = header.data.platform || "";
  const named = bundle.platforms[platform] || platform.charAt(0).toUpperCase() + platform.slice(1);
  const source = `${named} ${header.data.kind || ""}`.trim();
  const version = header.data.version > 1 ? `, version ${header.data.version}` : "";
  fact(facts, "Source", (value) => value.append(source + version));
  const fields = fieldsOf(record);
  for (const [name, spans] of fields) {
    if ([...BODIES, "raw"].includes(name) || internal(spans)) continue;
    if (/^attachment\/[0-9]+\/(?:sha256|type)$/.test(name)) continue;
    fact(facts, label(name), (value) => spansInto(value, spans, words, moment));
  }
  fact(facts, "Captured", (value) => value.append(moment(header.at)));
  for (const code of record.exemptions) {
    fact(facts, "Exemption", (value) => value.append(`${code} ${bundle.titles[code] || ""}`));
  }
  if (record.reason) fact(facts, "Reason", (value) => value.append(record.reason));
  for (const name of record.attachments) {
    fact(facts, "File", (value) => {
      const link = element("a", "", name.split("/").pop());
      link.href = name.replace(/^data\//, "");
      value.append(link);
      const image = (record.images || []).find((one) => one.name === name);
      if (image) value.append(` (painted over under ${image.exemptions.join(", ")})`);
    });
  }
  article.append(facts);
  for (const name of BODIES) {
    if (!fields.has(name) || internal(fields.get(name))) continue;
    if (name.includes("/") || name.includes("_")) article.append(element("p", "said", label(name)));
    const paragraph = element("p", `text ${name.replace("/", "-")}`);
    spansInto(paragraph, fields.get(name), words);
    article.append(paragraph);
  }
  if (record.outcome === "withhold") {
    article.append(element("p", "text", "This record is withheld as a whole."));
  }
  article.append(evidenceOf(record, fields));
  return article;
}

function evidenceOf(record, fields) {
  const details = element("details");
  details.append(element("summary", "", `Evidence: log entry ${record.index}`));
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return;
    details.append(element("pre", "", record.header), element("p", "", record.proof));
    const raw = fields.get("raw");
    if (raw && !internal(raw)) {
      const text = element("pre");
      spansInto(text, raw, []);
      details.append(element("p", "", "The item as the source gave it:"), text);
    }
  });
  return details;
}

/* Search and filter */

const texts = records.map((record) =>
  record.parts.filter((part) => part.value !== undefined && part.path !== "raw")
    .map((part) => (INDEXED.test(part.path) ? part.value : ` ${part.value} `)).join("")
    .concat(" ", record.reason, " ", record.exemptions.join(" "), " ", record.record).toLowerCase());
let found = [];
let shown = 0;

function wordsSought() {
  return byId("words").value.toLowerCase().split(/\s+/).filter(Boolean);
}

function filter() {
  const words = wordsSought();
  const outcomes = new Set([...document.querySelectorAll("[name=outcome]:checked")].map((box) => box.value));
  const exemption = byId("exemption").value;
  found = records.filter((record, i) => outcomes.has(record.outcome) &&
    (!exemption || record.exemptions.includes(exemption)) &&
    words.every((word) => texts[i].includes(word)));
  byId("list").replaceChildren();
  shown = 0;
  byId("count").textContent = found.length === records.length
    ? `All ${records.length} records` : `${found.length} of ${records.length} records`;
  showMore();
}

function showMore() {
  const words = wordsSought();
  byId("list").append(...found.slice(shown, shown + AT_ONCE).map((record) => articleOf(record, words)));
  shown = Math.min(found.length, shown + AT_ONCE);
  byId("more").hidden = shown === found.length;
}

/* Verification: docs/format.md of Muniment, RFC 9162, C2SP tlog-checkpoint */

const checks = new Map();

function showCheck(place, check) {
  if (!check) return;
  place.className = check.ok ? "check good" : "check bad";
  place.textContent = check.ok ? "✓ verified" : `✗ ${check.why}`;
}

function joinBytes(...pieces) {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

const sha256 = async (...pieces) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", joinBytes(...pieces)));
const fromHex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const number32 = (value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);

function digestOf(part) {
  if (part.digest !== undefined) return fromHex(part.digest);
  const path = utf8.encode(part.path);
  const value = part.value !== undefined ? utf8.encode(part.value) : fromBase64(part.base64);
  return sha256(Uint8Array.of(0), fromHex(part.salt), Uint8Array.of(path.length >> 8, path.length), path, value);
}

async function rootFrom(leaf, index, size, path) {
  let position = index;
  let last = size - 1;
  let hash = leaf;
  for (const text of path) {
    if (last === 0) throw new Error("proof too long");
    const sibling = fromBase64(text);
    if (position % 2 === 1 || position === last) {
      hash = await sha256(Uint8Array.of(1), sibling, hash);
      while (position % 2 === 0 && position !== 0) {
        position /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = await sha256(Uint8Array.of(1), hash, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0) throw new Error("proof too short");
  return hash;
}

async function checkRecord(record, head) {
  const header = JSON.parse(record.header);
  if (header.subject !== record.record) return "the header is of another record";
  if (record.outcome !== "withhold") {
    const digests = await Promise.all(record.parts.map(digestOf));
    const commitment = await sha256(Uint8Array.of(2), number32(digests.length), ...digests);
    if (toHex(commitment) !== header.commitment) return "its parts are not what was captured";
  }
  if (record.index >= head.size) return "it stands outside the log";
  const leaf = await sha256(Uint8Array.of(0), utf8.encode(record.header));
  const root = await rootFrom(leaf, record.index, head.size, record.path);
  return toHex(root) === head.root ? "" : "it does not lead to the log's head";
}

function readHead() {
  const end = bundle.checkpoint.lastIndexOf("\n\n");
  const text = bundle.checkpoint.slice(0, end + 1);
  const [origin, size, root] = text.split("\n");
  const signatures = bundle.checkpoint.slice(end + 2).split("\n").filter(Boolean);
  return { text, origin, size: Number(size), root: toHex(fromBase64(root)), signatures };
}

async function checkSignature(head) {
  const [name, keyId, encoded] = bundle.key.split(/\+(.*?)\+(.*)/s);
  const typed = fromBase64(encoded);
  const expected = (await sha256(utf8.encode(`${name}\n`), typed)).slice(0, 4);
  if (typed[0] !== 1 || toHex(expected) !== keyId || name !== head.origin) return "the log's key is malformed";
  const line = head.signatures.find((candidate) => candidate.startsWith(`\u2014 ${name} `));
  if (!line) return "the log's head is not signed";
  const signature = fromBase64(line.slice(line.lastIndexOf(" ") + 1));
  if (toHex(signature.slice(0, 4)) !== keyId) return "the log's head is signed by another key";
  let key;
  try {
    key = await crypto.subtle.importKey("raw", typed.slice(1), { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
  const right = await crypto.subtle.verify({ name: "Ed25519" }, key, signature.slice(4), utf8.encode(head.text));
  return right ? "" : "the signature of the log's head is wrong";
}

function report(className, sentence, details) {
  const result = byId("result");
  result.className = className;
  result.replaceChildren(element("p", "", sentence));
  const list = element("ul");
  for (const line of details) list.append(element("li", "", line));
  result.append(list);
}

async function verify() {
  const button = byId("verify");
  const progress = byId("progress");
  if (!window.crypto || !crypto.subtle) {
    report("bad", "This browser offers no cryptography to this page.", ["VERIFY.md says how to check it without a browser."]);
    return;
  }
  button.disabled = true;
  progress.hidden = false;
  checks.clear();
  const wrong = [];
  let head = null;
  let signature = "the log's head cannot be read";
  try {
    head = readHead();
    signature = await checkSignature(head);
  } catch { /* reported below as an unreadable head */ }
  for (const [position, record] of records.entries()) {
    let why = "it cannot be read";
    try {
      if (head) why = await checkRecord(record, head);
    } catch { /* malformed evidence is reported as unreadable */ }
    checks.set(record.number, { ok: !why, why });
    if (why) wrong.push(`Record ${record.number}: ${why}`);
    if (position % 25 === 0) progress.value = position / records.length;
  }
  progress.hidden = true;
  button.disabled = false;
  const keyLine = `The log's key is ${bundle.key}. Compare it with the one that the public body publishes.`;
  if (wrong.length || signature) {
    const lines = signature ? [signature, ...wrong] : wrong;
    const rest = lines.length > 20 ? [`and ${lines.length - 20} more`] : [];
    report("bad", "This bundle does not verify.", [...lines.slice(0, 20), ...rest]);
  } else if (signature === null) {
    report("part", `All ${records.length} records lead to the log's head.`,
      ["This browser cannot check Ed25519 signatures, so who signed that head was not checked.", keyLine]);
  } else {
    report("good", `✓ All ${records.length} records are what was captured, and lead to the log's signed head.`, [keyLine]);
  }
  for (const article of byId("list").children) {
    const number = Number(article.id.slice("record-".length));
    showCheck(article.querySelector(".check"), checks.get(number));
  }
}

/* The page */

function start() {
  byId("body").textContent = bundle.body;
  byId("title").textContent = bundle.title;
  byId("subject").textContent = bundle.subject;
  const count = (outcome) => records.filter((record) => record.outcome === outcome).length;
  const figures = [["Received", bundle.received], ["Answered", bundle.date],
    ["Released", count("release")], ["Released in part", count("redact")], ["Withheld", count("withhold")]];
  for (const [name, value] of figures) {
    const pair = element("div");
    pair.append(element("dt", "", name), element("dd", "", String(value)));
    byId("figures").append(pair);
  }
  for (const [code, title] of Object.entries(bundle.titles)) {
    const option = element("option", "", `${code} ${title}`);
    option.value = code;
    byId("exemption").append(option);
    const row = element("tr");
    const used = records.filter((record) => record.exemptions.includes(code)).length;
    for (const cell of [code, title, String(used)]) row.append(element("td", "", cell));
    byId("exemptions").tBodies[0].append(row);
  }
  byId("key").textContent = bundle.key;
  byId("checkpoint").textContent = bundle.checkpoint;
  byId("tools").addEventListener("submit", (event) => event.preventDefault());
  byId("tools").addEventListener("input", filter);
  byId("more").addEventListener("click", showMore);
  byId("verify").addEventListener("click", verify);
  filter();
  if (location.hash === "#verify-now") verify();
}

start();
