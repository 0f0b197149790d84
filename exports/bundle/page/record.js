/* One record as it is read: its fields, its redactions and why, its state. */

const INDEXED = /^(.+)\/(?:0|[1-9][0-9]*)$/;
const BODIES = ["title", "text", "shared/text", "removal_reason"];
const INTERNAL = "internal";

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/* What a reader wrote stands by itself, whatever direction its characters ask for. */
function foreign(tag, className, text) {
  const made = element(tag, className, text);
  made.dir = "auto";
  return made;
}

const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
const isText = (value) => typeof value === "string";
const areTexts = (value) => Array.isArray(value) && value.every(isText);

function isPart(part) {
  if (!part || !isText(part.path)) return false;
  if (part.digest !== undefined) return isText(part.digest) && isText(part.exemption);
  return isText(part.salt) && isText(part.value !== undefined ? part.value : part.base64);
}

/* Images that leave with rectangles burnt into them. */
const imagesOf = (record) => (Array.isArray(record.images) ? record.images : []);

/* A record of another form is kept in its place, and said to be unreadable. */
function readable(record, position) {
  const formed = record && record.number === position + 1 && Number.isSafeInteger(record.index)
    && [record.record, record.outcome, record.header, record.reason, record.proof].every(isText)
    && [record.exemptions, record.attachments, record.path].every(areTexts)
    && imagesOf(record).every((one) => one && isText(one.name) && isText(one.sha256) && areTexts(one.exemptions))
    && Object.hasOwn(bundle.outcomes, record.outcome) && Array.isArray(record.parts) && record.parts.every(isPart);
  try {
    const { at, data } = JSON.parse(record.header);
    if (formed && isText(at) && data && typeof data === "object") return record;
  } catch { /* told as unreadable */ }
  return { unreadable: true, number: position + 1, outcome: "", parts: [], exemptions: [], attachments: [], header: "{}" };
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
      continue;
    }
    const text = part.value !== undefined ? part.value : "(binary)";
    if (isText(last)) spans[spans.length - 1] = last + text;
    else spans.push(last && !/^\s/.test(text) ? ` ${text}` : text);
  }
  return fields;
}

const noted = new Map();

/* What a record's header and parts say at a glance, read once. */
function factsOf(record) {
  if (noted.has(record)) return noted.get(record);
  const header = JSON.parse(record.header);
  const data = header.data || {};
  const posted = record.parts.find((part) => part.path === "occurred_at" && isText(part.value));
  const facts = {
    header,
    kind: String(data.kind || ""),
    platform: String(data.platform || ""),
    account: String(data.account || ""),
    lookup: String(data.lookup || ""),
    version: Number(data.version) || 1,
    when: posted ? posted.value : String(header.at || ""),
  };
  noted.set(record, facts);
  return facts;
}

function countsOf(record) {
  const codes = new Map();
  let kept = 0;
  for (const part of record.parts) {
    if (part.digest === undefined) continue;
    if (part.exemption === INTERNAL) kept += 1;
    else codes.set(part.exemption, (codes.get(part.exemption) || 0) + 1);
  }
  const hidden = [...codes.values()].reduce((sum, count) => sum + count, 0);
  return { codes, hidden, kept, all: record.parts.length };
}

const listed = (codes) => [...codes].map(([code, count], i, all) =>
  (all.length === 1 ? `under ${code}` : `${count} under ${code}`)).join(", ");

function hiddenText(record) {
  if (record.outcome === "withhold") return `All parts, under ${record.exemptions.join(", ")}`;
  const { codes, hidden, all } = countsOf(record);
  return hidden ? `${hidden} of ${plural(all, "part")} hidden, ${listed(codes)}` : "";
}

function label(name) {
  const attachment = /^attachment\/([0-9]+)\/(.+)$/.exec(name);
  if (attachment) return `Attachment ${Number(attachment[1]) + 1}, ${attachment[2]}`;
  const poll = /^(?:observed\/)?poll\/([0-9]+)\/(answer|votes)$/.exec(name);
  if (poll) return `Poll, ${poll[2]} ${Number(poll[1]) + 1}`;
  const reaction = /^observed\/reactions\/(.+)$/.exec(name);
  if (reaction) return `Reactions, ${reaction[1]}`;
  return titleOf(bundle.fields, name) || name;
}

const titleOf = (titles, code) => (Object.hasOwn(titles, code) ? String(titles[code]) : "");

function moment(text) {
  return text.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z$/, "$1 $2 UTC");
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const platformOf = (facts) => titleOf(bundle.platforms, facts.platform) || capital(facts.platform);

function withMarks(parent, text, sought) {
  if (!sought.length) {
    parent.append(text);
    return;
  }
  const pattern = new RegExp(sought.map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "giu");
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    parent.append(text.slice(at, match.index), element("mark", "", match[0]));
    at = match.index + match[0].length;
  }
  parent.append(text.slice(at));
}

function spansInto(parent, spans, sought, change = (text) => text) {
  for (const span of spans) {
    if (isText(span)) {
      withMarks(parent, change(span), sought);
      continue;
    }
    const size = `${plural(span.count, "part")} withheld`;
    const title = titleOf(bundle.titles, span.code);
    const box = element("span", "box", span.code);
    box.title = title ? `${title} (${size})` : size;
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", `Redacted under ${span.code}, ${size}`);
    parent.append(box);
  }
}

function fact(list, name, fill) {
  const value = foreign("dd");
  fill(value);
  const pair = element("div");
  pair.append(element("dt", "", name), value);
  list.append(pair);
}

const internal = (spans) => spans.every((span) => span.code === INTERNAL);

function linkTo(record) {
  const link = element("a", "", `record ${record.number}`);
  link.href = `#record-${record.number}`;
  return link;
}

function articleOf({ record, depth, context }, sought) {
  const article = element("article", context ? "context" : "");
  article.id = `record-${record.number}`;
  article.tabIndex = -1;
  if (depth) article.classList.add(`depth-${Math.min(depth, 5)}`);
  const heading = element("h3", "", `Record ${record.number} of ${records.length.toLocaleString("en")}`);
  const line = element("p", "states");
  line.append(element("span", `tag ${record.outcome}`, titleOf(bundle.outcomes, record.outcome) || "Unreadable"));
  if (context) line.append(element("span", "aside", "shown because a record below answers it"));
  const check = element("span", "check");
  showCheck(check, record);
  line.append(check);
  heading.id = `heading-${record.number}`;
  article.setAttribute("aria-labelledby", heading.id);
  article.append(heading, line);
  if (record.unreadable) {
    article.append(element("p", "text", "This record is damaged and cannot be shown."));
    return article;
  }
  const fields = fieldsOf(record);
  article.append(factsListOf(record, fields, sought));
  for (const name of BODIES) {
    if (!fields.has(name) || internal(fields.get(name))) continue;
    if (name.includes("/") || name.includes("_")) article.append(element("p", "said", label(name)));
    const paragraph = foreign("p", `text ${name.replace("/", "-")}`);
    spansInto(paragraph, fields.get(name), sought);
    article.append(paragraph);
  }
  if (record.outcome === "withhold") article.append(element("p", "text", "This record is withheld as a whole."));
  article.append(evidenceOf(record, fields));
  return article;
}

function factsListOf(record, fields, sought) {
  const list = element("dl", "facts");
  const facts = factsOf(record);
  const version = facts.version > 1 ? `, version ${facts.version}` : "";
  fact(list, "Source", (value) => value.append(`${platformOf(facts)} ${facts.kind}`.trim() + version));
  const account = titleOf(bundle.accounts, facts.account);
  if (account) fact(list, "Account", (value) => value.append(account));
  const above = parentOf(record);
  if (above) fact(list, "In reply to", (value) => value.append(linkTo(above)));
  else if (record.answers) fact(list, "In reply to", (value) => value.append("a record that is not in this bundle"));
  for (const [name, spans] of fields) {
    if ([...BODIES, "raw"].includes(name) || internal(spans)) continue;
    if (/^attachment\/[0-9]+\/(?:sha256|type)$/.test(name)) continue;
    fact(list, label(name), (value) => spansInto(value, spans, sought, moment));
  }
  fact(list, "Captured", (value) => value.append(moment(facts.header.at)));
  const hidden = hiddenText(record);
  if (hidden) fact(list, "Hidden", (value) => value.append(hidden));
  for (const code of record.exemptions) {
    fact(list, "Exemption", (value) => value.append(`${code} ${titleOf(bundle.titles, code)}`));
  }
  if (record.reason) fact(list, "Reason", (value) => withMarks(value, record.reason, sought));
  for (const name of record.attachments) fact(list, "File", (value) => value.append(fileLink(name), paintedText(record, name)));
  return list;
}

function fileLink(name) {
  if (!ATTACHED.test(name)) return foreign("bdi", "", name);
  const link = element("a", "", name.split("/").pop());
  link.href = name.slice("data/".length);
  return link;
}

function paintedText(record, name) {
  const image = imagesOf(record).find((one) => one.name === name);
  return image ? ` (painted over under ${image.exemptions.join(", ")})` : "";
}

function evidenceOf(record, fields) {
  const details = element("details");
  details.append(element("summary", "", `Evidence: log entry ${record.index}`));
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return;
    const { all, hidden, kept } = countsOf(record);
    const parts = record.outcome === "withhold" ? "No part is shown."
      : `${all - hidden - kept} of ${plural(all, "part")} shown, ${hidden} hidden by exemptions, ${kept} kept back as the archive's own workings.`;
    details.append(element("p", "", parts), element("p", "", `Proof: ${record.proof}`));
    details.append(element("p", "", "The entry's header:"), foreign("pre", "", record.header));
    const raw = fields.get("raw");
    if (raw && !internal(raw)) {
      const text = foreign("pre");
      spansInto(text, raw, []);
      details.append(element("p", "", "The item as the source gave it:"), text);
    }
  });
  return details;
}
