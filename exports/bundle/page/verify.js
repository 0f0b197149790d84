/* What the reader sees of verification: the state of each record, what was checked and what was not. */

const checks = new Map();
const MOST_TOLD = 20;
let bagged = false;
let reported = null;

function showCheck(place, record) {
  const fault = checks.get(record.number);
  if (fault === undefined) {
    place.className = "check";
    place.textContent = "not verified yet";
    return;
  }
  const { all, hidden, kept } = countsOf(record);
  const seen = record.outcome === "withhold" ? "verified: in the log, its parts withheld"
    : `verified: ${all - hidden - kept} of ${plural(all, "part")} shown`;
  place.className = fault ? "check bad" : "check good";
  place.textContent = fault ? `✗ ${fault}` : `✓ ${seen}`;
}

function showChecks() {
  for (const article of byId("list").querySelectorAll("article")) {
    const number = Number(article.id.slice("record-".length));
    showCheck(article.querySelector(".check"), records[number - 1]);
  }
}

function say(id, className, sentence) {
  byId(id).className = `result ${className}`;
  byId(id).replaceChildren(element("p", "", sentence));
}

function listInto(parent, heading, lines) {
  if (!lines.length) return;
  const list = element("ul");
  for (const line of lines.slice(0, MOST_TOLD)) list.append(foreign("li", "", line));
  if (lines.length > MOST_TOLD) list.append(element("li", "", `and ${plural(lines.length - MOST_TOLD, "more", "more")}`));
  parent.append(element("h3", "", heading), list);
}

/* Everything that this page can check of itself. */
async function verify() {
  if (!window.crypto || !crypto.subtle) {
    say("result", "bad", "This browser offers no cryptography to this page. VERIFY.md says how to check the bundle without a browser.");
    return;
  }
  busy(true);
  const wrong = [];
  let head = null;
  let key = null;
  let signature = "";
  try {
    if (!(await digestsAgree())) throw new Error("digests differ");
    head = readHead(bundle.checkpoint);
    key = readKey(bundle.key);
    signature = await signatureFault(head, key);
  } catch {
    signature = !head ? "The log's head cannot be read" : "The log's key cannot be read";
  }
  checks.clear();
  await inSlices(records, (record) => {
    const fault = head ? faultOf(record, head) : "there is no head of the log to compare it with";
    checks.set(record.number, fault);
    if (fault) wrong.push(`Record ${record.number}: ${fault}`);
  }, progress);
  busy(false);
  reported = { head, signature, wrong };
  report(reported);
  showChecks();
  byId("state").disabled = false;
}

function report({ head, signature, wrong }) {
  const total = plural(records.length, "record");
  const details = byId("details");
  details.replaceChildren();
  if (wrong.length || signature) {
    const what = wrong.length ? `${wrong.length.toLocaleString("en")} of ${total} ${wrong.length === 1 ? "fails" : "fail"}`
      : "the log's head fails";
    say("result", "bad", `✗ This bundle does not verify: ${what}.`);
    listInto(details, "What does not hold", signature ? [capital(signature), ...wrong] : wrong);
  } else if (signature === null) {
    say("result", "part", `All ${total} lead to the log's head. Who signed it was not checked: this browser cannot check Ed25519 signatures.`);
  } else {
    say("result", "good", `✓ ${records.length === 1 ? "The record is" : `All ${total} are`} what was captured, and the log's signed head covers ${records.length === 1 ? "it" : "them"}.`);
  }
  if (head) listInto(details, "What was checked", checkedOf(head, signature));
  listInto(details, "What redaction hides", hiddenOf());
  listInto(details, "What was not checked", uncheckedOf(signature));
}

function checkedOf(head, signature) {
  const parts = { shown: 0, hidden: 0, kept: 0 };
  for (const record of records) {
    const { all, hidden, kept } = countsOf(record);
    parts.shown += all - hidden - kept;
    parts.hidden += hidden;
    parts.kept += kept;
  }
  const others = parts.hidden + parts.kept;
  const why = `${parts.hidden.toLocaleString("en")} hidden by exemptions, ${parts.kept.toLocaleString("en")} kept back as the archive's own workings`;
  const committed = records.filter((record) => record.outcome !== "withhold").length;
  const lines = [
    `The digests of ${plural(parts.shown, "shown part")}; with those of ${plural(others, "part")} not shown (${why}) they lead to ${plural(committed, "commitment")}.`,
    `The leaves and proofs of ${plural(records.length, "record")}, against the log ${head.origin} of ${plural(head.size, "entry", "entries")}.`,
  ];
  if (signature === "") lines.push("The signature (Ed25519) of the log's head, by the key below. Compare that key with the one that the public body publishes.");
  return lines;
}

function hiddenOf() {
  return [...usesOf()].map(([code, use]) => {
    const some = use.parts ? `${use.parts.toLocaleString("en")} of ${plural(use.of, "part")} hidden under ${code} in ${plural(use.redacted, "record")}` : "";
    const whole = use.withheld ? `${plural(use.withheld, "record")} withheld as a whole under ${code}` : "";
    return `${[some, whole].filter(Boolean).join("; ")}: ${titleOf(bundle.titles, code)}`;
  });
}

function uncheckedOf(signature) {
  const lines = [];
  if (signature === null) lines.push("The signature of the log's head.");
  if (!bagged) lines.push(`The bundle's files${attachments() ? `, ${plural(attachments(), "attachment")} among them` : ""}. A page may not read the files beside it: choose them below.`);
  if (bundle.stamp) lines.push(`The time stamp in data/proofs/timestamp.tsr: ${bundle.stamp}. VERIFY.md says how to check it.`);
  lines.push("Which field a hidden part belongs to, which exemption hides it, what a record answers, and the reasons: they are the public body's word.");
  lines.push("Whether a record was left out. Whoever passes a bundle on could take one away: the public body's log holds the SHA-256 of the zip that it issued. Ask for it, and compare.");
  lines.push("This page itself. Who altered it could alter what it says, and its SHA-256 in manifest-sha256.txt as well: VERIFY.md says how to check without it.");
  return lines;
}

const attachments = () => records.reduce((sum, record) => sum + record.attachments.length, 0);

/* The files, as the reader chose or dropped them. */
async function checkFiles(found) {
  if (!found.length) return;
  byId("file-details").replaceChildren();
  say("file-result", "", "Checking the files…");
  busy(true);
  let bag = null;
  try {
    const files = looksZipped(found) ? await filesOfZip(found[0][1]) : filesOfFolder(found);
    bag = await new Bag(files, progress).check();
  } catch (error) {
    const why = error instanceof NotAsIssued ? error.message : "it cannot be read";
    say("file-result", "bad", `✗ This is not the bundle as it was issued: ${why}.`);
  }
  busy(false);
  if (bag) reportFiles(bag, looksZipped(found));
}

function reportFiles(bag, zipped) {
  bagged = true;
  if (reported) report(reported);
  const total = plural(bag.files.size, "file");
  const wrong = new Set(bag.problems.map((problem) => problem.place)).size;
  const details = byId("file-details");
  if (wrong) say("file-result", "bad", `✗ ${plural(wrong, "file is", "files are")} not as issued, of ${total}.`);
  else if (bag.large.length) say("file-result", "part", `All files that were read are as listed; ${plural(bag.large.length, "is", "are")} too large for a browser.`);
  else say("file-result", "good", `✓ All ${total} are those that the manifests list, and hold what this page holds.`);
  listInto(details, "What does not hold", bag.problems.map((problem) => `${problem.place}: ${problem.what}`));
  const checked = [
    `SHA-256 and SHA-512 of ${plural(bag.digests.size, "file")}, against the four manifests; ${plural(attachments(), "attachment")} against the digests in the records.`,
    "records.jsonl, the proofs, the log's head and its key, against what this page holds.",
  ];
  const unchecked = bag.large.map((name) => `${name}: larger than 1 GiB; VERIFY.md says how to check it.`);
  unchecked.push("Whether response.pdf, records.csv and withheld.csv say what records.jsonl says.");
  if (zipped) unchecked.push("The bytes between the files of the zip. The public body's log holds the SHA-256 of the whole zip.");
  listInto(details, "What was checked", checked);
  listInto(details, "What was not checked", unchecked);
}

function progress(share) {
  byId("progress").value = share;
}

function busy(on) {
  byId("progress").hidden = !on;
  progress(0);
  for (const id of ["verify", "zip", "folder"]) byId(id).disabled = on;
}

/* The key, to be compared with the one that the body publishes. */
function showKey() {
  byId("key").textContent = bundle.key;
  byId("checkpoint").textContent = bundle.checkpoint;
  try {
    byId("fingerprint").textContent = fingerprintOf(readKey(bundle.key)).replace(/(.{4})(?!$)/g, "$1 ");
  } catch {
    byId("fingerprint").textContent = "The key cannot be read.";
  }
}

function compareKey() {
  const given = byId("published").value.replace(/\s+/g, "");
  if (!given) {
    say("key-result", "", "");
    return;
  }
  let own = [bundle.key];
  try {
    own = [bundle.key, fingerprintOf(readKey(bundle.key))];
  } catch { /* an unreadable key is like no other */ }
  const equal = own.includes(given) || own.includes(given.toLowerCase());
  say("key-result", equal ? "good" : "bad", equal ? "✓ The same key." : "✗ Not the key in this bundle.");
}
