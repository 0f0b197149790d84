/* Search, filters, threads, and pages of the list. */

const ON_A_PAGE = 50;
let texts = [];
let view = [];
let first = 0;
let waiting = 0;

const byLookup = new Map();

function parentOf(record) {
  const above = record.answers ? byLookup.get(record.answers) : undefined;
  return above && !above.includes(record) ? above[0] : null;
}

function prepare() {
  texts = records.map((record) => record.parts
    .filter((part) => part.value !== undefined && part.path !== "raw")
    .map((part) => (INDEXED.test(part.path) ? part.value : ` ${part.value} `)).join("")
    .concat(" ", record.reason || "", " ", record.exemptions.join(" "), " ", record.record || "").toLowerCase());
  for (const record of records) {
    const { lookup } = factsOf(record);
    if (!lookup) continue;
    if (!byLookup.has(lookup)) byLookup.set(lookup, []);
    byLookup.get(lookup).push(record);
  }
}

function wordsSought() {
  return byId("words").value.toLowerCase().split(/\s+/).filter(Boolean);
}

const stateTests = {
  "": () => true,
  good: (record) => checks.get(record.number) === "",
  bad: (record) => Boolean(checks.get(record.number)),
};

function matching() {
  const sought = wordsSought();
  const outcomes = new Set([...document.querySelectorAll("[name=outcome]:checked")].map((box) => box.value));
  const [exemption, kind, account, from, to, state] =
    ["exemption", "kind", "account", "from", "to", "state"].map((id) => byId(id).value);
  const fits = (record, i) => {
    if (record.outcome && !outcomes.has(record.outcome)) return false;
    if (exemption && !record.exemptions.includes(exemption)) return false;
    const facts = factsOf(record);
    const day = facts.when.slice(0, 10);
    return (!kind || facts.kind === kind) && (!account || facts.account === account)
      && (!from || day >= from) && (!to || day <= to) && stateTests[state](record)
      && sought.every((word) => texts[i].includes(word));
  };
  return records.filter(fits);
}

/* All versions of what is answered, then what answers it, each in order; no record twice. */
function threaded(found) {
  const wanted = new Set(found);
  const kept = new Set(found);
  for (const record of found) {
    for (let above = parentOf(record); above && !kept.has(above); above = parentOf(above)) kept.add(above);
  }
  const below = new Map();
  const roots = [];
  for (const record of records) {
    if (!kept.has(record)) continue;
    const above = parentOf(record);
    if (above) {
      if (!below.has(above)) below.set(above, []);
      below.get(above).push(record);
    } else {
      roots.push(record);
    }
  }
  const order = (a, b) => factsOf(a).when.localeCompare(factsOf(b).when) || a.number - b.number;
  for (const answers of below.values()) answers.sort(order);
  const out = [];
  const seen = new Set();
  const follow = (root) => {
    const stack = [[root, 0]];
    while (stack.length) {
      const [record, depth] = stack.pop();
      if (seen.has(record)) continue;
      seen.add(record);
      out.push({ record, depth, context: !wanted.has(record) });
      const versions = (byLookup.get(factsOf(record).lookup) || []).filter((one) => kept.has(one) && !seen.has(one));
      const next = [...versions.map((one) => [one, depth]), ...(below.get(record) || []).map((one) => [one, depth + 1])];
      stack.push(...next.reverse());
    }
  };
  roots.forEach(follow);
  for (const record of kept) follow(record);
  return out;
}

/* Typing goes on while the list waits. */
function filterSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(filter, 120);
}

function filter() {
  clearTimeout(waiting);
  const found = matching();
  view = byId("order").value === "thread" ? threaded(found)
    : found.map((record) => ({ record, depth: 0, context: false }));
  const more = view.length - found.length;
  byId("count").textContent = (found.length === records.length
    ? `All ${plural(records.length, "record")}` : `${found.length.toLocaleString("en")} of ${plural(records.length, "record")}`)
    + (more ? `, and ${more.toLocaleString("en")} that they answer` : "");
  showFrom(0);
}

function showFrom(start) {
  first = start;
  const sought = wordsSought();
  const shown = view.slice(first, first + ON_A_PAGE);
  byId("list").replaceChildren(...shown.map((one) => articleOf(one, sought)));
  if (!view.length) byId("list").append(element("p", "none", "No record fits. Take away a word or a filter."));
  byId("pages").hidden = view.length <= ON_A_PAGE;
  byId("place").textContent = `${(first + 1).toLocaleString("en")} to ${(first + shown.length).toLocaleString("en")} of ${view.length.toLocaleString("en")}`;
  byId("earlier").disabled = first === 0;
  byId("later").disabled = first + ON_A_PAGE >= view.length;
}

function turn(step) {
  showFrom(Math.min(Math.max(0, first + step * ON_A_PAGE), view.length - 1));
  byId("list").focus();
  byId("list").scrollIntoView();
}

function clearFilters() {
  byId("tools").reset();
  filter();
}

/* Shows a record wherever it is; filters that leave it out are cleared. */
function goTo(number) {
  const place = () => view.findIndex((one) => one.record.number === number);
  if (place() < 0 && records[number - 1]) clearFilters();
  const at = place();
  if (at < 0) return;
  showFrom(at - (at % ON_A_PAGE));
  byId(`record-${number}`).focus();
  byId(`record-${number}`).scrollIntoView();
}

function goToHash() {
  const match = /^#record-([0-9]+)$/.exec(location.hash);
  if (match) goTo(Number(match[1]));
}
