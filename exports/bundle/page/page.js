/* The page: what it says at the top, and what its controls do. */

function usesOf() {
  const uses = new Map();
  for (const record of records) {
    const { codes, all } = countsOf(record);
    for (const code of new Set([...record.exemptions, ...codes.keys()])) {
      if (!uses.has(code)) uses.set(code, { records: 0, withheld: 0, redacted: 0, parts: 0, of: 0 });
      const use = uses.get(code);
      use.records += 1;
      if (record.outcome === "withhold") use.withheld += 1;
      if (!codes.has(code)) continue;
      use.redacted += 1;
      use.parts += codes.get(code);
      use.of += all;
    }
  }
  return new Map([...uses].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function showExemptions() {
  const uses = usesOf();
  byId("why").hidden = !uses.size;
  for (const [code, use] of uses) {
    const row = element("tr");
    const head = element("th", "", code);
    head.scope = "row";
    const show = element("button", "small", "Show");
    show.type = "button";
    show.setAttribute("aria-label", `Show the records under ${code}`);
    show.addEventListener("click", () => {
      byId("tools").reset();
      byId("exemption").value = code;
      filter();
      byId("list").focus();
      byId("records").scrollIntoView();
    });
    row.append(head, element("td", "", titleOf(bundle.titles, code)));
    for (const count of [use.records, use.withheld, use.parts]) row.append(element("td", "number", count.toLocaleString("en")));
    const cell = element("td");
    cell.append(show);
    row.append(cell);
    byId("exemptions").tBodies[0].append(row);
    option("exemption", code, `${code} ${titleOf(bundle.titles, code)}`);
  }
}

function option(id, value, text) {
  const made = element("option", "", text);
  made.value = value;
  byId(id).append(made);
}

function showChoices() {
  const kinds = new Set();
  const accounts = new Map();
  for (const record of records) {
    const facts = factsOf(record);
    if (facts.kind) kinds.add(facts.kind);
    if (facts.account) accounts.set(facts.account, platformOf(facts));
  }
  for (const kind of [...kinds].sort()) option("kind", kind, capital(kind));
  let unnamed = 0;
  for (const [account, platform] of accounts) {
    const name = titleOf(bundle.accounts, account);
    if (!name) unnamed += 1;
    option("account", account, name || `${platform}, an account not named here (${unnamed})`);
  }
}

function showHead() {
  byId("body").textContent = bundle.body;
  byId("title").textContent = bundle.title;
  byId("subject").textContent = bundle.subject;
  byId("supersedes").hidden = !bundle.supersedes;
  byId("supersedes").textContent = `Supersedes the bundle ${bundle.supersedes}`;
  const count = (outcome) => records.filter((record) => record.outcome === outcome).length.toLocaleString("en");
  const figures = [["Received", bundle.received], ["Answered", bundle.date],
    ["Released", count("release")], ["Released in part", count("redact")], ["Withheld", count("withhold")]];
  for (const [name, value] of figures) {
    const pair = element("div");
    pair.append(element("dt", "", name), element("dd", "", value));
    byId("figures").append(pair);
  }
}

function listen() {
  byId("tools").addEventListener("submit", (event) => event.preventDefault());
  byId("tools").addEventListener("input", filterSoon);
  byId("clear").addEventListener("click", clearFilters);
  byId("earlier").addEventListener("click", () => turn(-1));
  byId("later").addEventListener("click", () => turn(1));
  byId("verify").addEventListener("click", verify);
  byId("published").addEventListener("input", compareKey);
  byId("zip").addEventListener("change", (event) => checkFiles([...event.target.files].map((file) => [file.name, file])));
  byId("folder").addEventListener("change", (event) =>
    checkFiles([...event.target.files].map((file) => [file.webkitRelativePath, file])));
  for (const id of ["zip", "folder"]) {
    byId(id).addEventListener("click", (event) => { event.target.value = ""; });
  }
  const place = byId("drop");
  for (const type of ["dragenter", "dragover"]) {
    place.addEventListener(type, (event) => {
      event.preventDefault();
      place.classList.add("over");
    });
  }
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", async (event) => {
    event.preventDefault();
    place.classList.remove("over");
    try {
      checkFiles(await dropped(event.dataTransfer.items));
    } catch {
      say("file-result", "bad", "✗ This browser does not hand over what is dropped. Choose the zip or the folder instead.");
    }
  });
  window.addEventListener("hashchange", goToHash);
}

function start() {
  try {
    bundle = JSON.parse(byId("bundle").textContent);
    records = bundle.records.map(readable);
    showHead();
    showKey();
    showExemptions();
    showChoices();
    prepare();
    filter();
  } catch {
    byId("damaged").hidden = false;
    byId("whole").hidden = true;
    return;
  }
  listen();
  goToHash();
}

start();
