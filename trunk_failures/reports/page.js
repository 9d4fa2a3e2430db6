"use strict";
// Texts of tests become text nodes and attributes that hold text, never HTML. All that there is to
// see is in the address: a view can be sent to somebody, and Back works.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const about = data.page;
  const PER_PAGE = 50;
  const DAY = 86400;
  const NUMBERS = new Intl.NumberFormat("en");
  const FIELDS = [
    "key", "place", "configuration", "verdict", "passes", "runs", "interval", "since", "listed",
    "modes", "owner", "packed", "failures", "spans", "path", "entry", "advice",
  ];
  const VERDICTS = about.verdicts.map((each) => each[0]);
  const COLUMNS = about.columns.map(([name, time, commit, branch, remark]) => (
    { name, time, commit, branch, remark }
  ));
  const OUTCOMES = about.outcomes;
  const TESTS = data.rows.map((values, order) => {
    const test = { order };
    FIELDS.forEach((field, number) => { test[field] = values[number]; });
    return test;
  });
  // The times that bars of disabled tests are drawn between.
  const TIMES = [
    ...about.curves.flatMap((curve) => curve.slice(1).map((point) => point[0])),
    ...COLUMNS.map((column) => column.time),
  ];
  const START = TIMES.length ? TIMES.reduce((a, b) => Math.min(a, b)) : 0;
  const END = TIMES.reduce((a, b) => Math.max(a, b), START + 1);

  // Elements.

  const byId = (id) => document.getElementById(id);

  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else node.setAttribute(name, value);
    }
    for (const child of children) {
      if (child === null || child === undefined || child === "") continue;
      node.append(child);
    }
    return node;
  }
  const el = (tag, attributes, ...children) => (
    fill(document.createElement(tag), attributes, children)
  );
  const svg = (tag, attributes, ...children) => (
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children)
  );
  function show(node, ...children) {
    node.textContent = "";
    return fill(node, null, children);
  }

  // What an address says may be the name of what every object has.
  const has = (object, name) => Object.prototype.hasOwnProperty.call(object, name);

  // Words.

  const counted = (count, noun) => `${NUMBERS.format(count)} ${noun}${count === 1 ? "" : "s"}`;
  const moment = (time) => new Date(time * 1000).toISOString().slice(0, 16).replace("T", " ");
  const day = (time) => moment(time).slice(0, 10);
  const percent = (share) => `${Math.floor(share * 1000) / 10}\u00a0%`;
  const isLink = (text) => /^https?:\/\/[^\s"'<>\\]+$/.test(text);

  function link(text, shown) {
    if (!isLink(text)) return text;
    return el("a", { href: text, rel: "noreferrer noopener" }, shown || text);
  }
  // The issue of a test: its entry's, or that which trunk has for it.
  function issue(test) {
    const field = test.entry.find(([name]) => name === "issue");
    return field ? field[1] : test.spans.length ? test.spans[test.spans.length - 1][2] : "";
  }
  function number(address) {
    const found = isLink(address) && /\/(?:issues|pull)\/(\d+)$/.exec(address);
    return found ? Number(found[1]) : 0;
  }
  function age(since) {
    const days = Math.max(0, Math.floor((about.time - since) / DAY));
    return days < 1 ? "today" : days < 730 ? counted(days, "day") : `${(days / 365.25).toFixed(1)} years`;
  }
  const commit = (name) => (
    about.commits && /^[0-9a-f]{7,64}$/.test(name)
      ? link(about.commits + name, name.slice(0, 12)) : name.slice(0, 12)
  );
  const run = (column) => [column.name, moment(column.time), column.commit.slice(0, 12)]
    .filter(Boolean).join(", ");
  const verdict = (name) => (
    el("span", { class: `verdict v-${name.replace(/\W+/g, "-")}` }, name || "not judged")
  );

  // What a test came to: "P3F" is three passes and a failure.

  function blocks(test) {
    return Array.from(test.packed.matchAll(/(\D)(\d*)/g), (match) => (
      { letter: match[1], count: Number(match[2] || 1) }
    ));
  }
  function letters(test) {
    return blocks(test).map((block) => block.letter.repeat(block.count)).join("");
  }
  function told(test) {
    const counts = {};
    blocks(test).forEach((block) => {
      counts[block.letter] = (counts[block.letter] || 0) + block.count;
    });
    return Object.keys(OUTCOMES).filter((letter) => counts[letter])
      .map((letter) => `${counts[letter]} ${OUTCOMES[letter][1]}`).join(", ");
  }
  function strip(test, most) {
    const last = letters(test).slice(-most);
    const parts = last.match(/(.)\1*/g) || [];
    return el("span", { class: "strip", role: "img", "aria-label": `The last ${last.length} runs: ${
      told({ packed: last })}` }, ...parts.map((part) => (
      el("span", { class: `o${part[0]}` }, (OUTCOMES[part[0]][0] || "\u00a0").repeat(part.length))
    )));
  }
  function bars(test, wide) {
    const whole = END - START;
    const days = test.spans.reduce((sum, [since, until]) => (
      sum + ((until === null ? about.time : until) - since) / DAY
    ), 0);
    const place = (time) => 100 * Math.min(1, Math.max(0, (time - START) / whole));
    return svg("svg", { class: wide ? "spans span-wide" : "spans", role: "img",
      "aria-label": `Disabled ${test.spans.length === 1 ? "once" : `${test.spans.length} times`}, ${
        counted(Math.round(days), "day")} in all` },
    svg("line", { class: "base", x1: "0", x2: "100%", y1: "50%", y2: "50%" }),
    ...test.spans.map(([since, until]) => {
      const from = place(since);
      const width = Math.max(0.6, place(until === null ? END : until) - from);
      return svg("rect", { x: `${Math.min(from, 99.4)}%`, width: `${width}%`, y: "15%", height: "70%" });
    }));
  }

  // The state, and the address that says it. What is not said of a choice is "any"; said and empty
  // is "none".

  const CHOICES = ["verdict", "listed", "mode", "configuration", "owner", "age"];
  const AGES = {
    "<7": "less than a week", "<30": "less than a month", ">30": "more than a month",
    ">90": "more than 3 months", ">365": "more than a year",
  };
  const state = {};

  function read() {
    const given = new URLSearchParams(location.hash.slice(1));
    state.q = given.get("q") || "";
    CHOICES.forEach((name) => { state[name] = given.get(name); });
    if (!has(AGES, state.age)) state.age = null;
    state.sort = given.get("sort") || "";
    state.page = Math.max(1, Math.floor(Number(given.get("page"))) || 1);
    state.view = given.get("view") === "grid" && COLUMNS.length ? "grid" : "table";
    state.test = given.get("test") === null ? null : [
      given.get("test"), given.get("file") || "", given.get("in") || "",
    ];
  }
  function address(changes) {
    const wanted = Object.assign({}, state, changes);
    const given = new URLSearchParams();
    if (wanted.q) given.set("q", wanted.q);
    CHOICES.forEach((name) => { if (wanted[name] !== null) given.set(name, wanted[name]); });
    if (wanted.sort) given.set("sort", wanted.sort);
    if (wanted.page > 1) given.set("page", wanted.page);
    if (wanted.view !== "table") given.set("view", wanted.view);
    if (wanted.test) {
      ["test", "file", "in"].forEach((name, number) => {
        if (wanted.test[number] || !number) given.set(name, wanted.test[number]);
      });
    }
    return `#${given}`;
  }
  let timer = 0;
  function keep() {
    // Browsers allow so many changes in so much time, fewer than somebody types.
    clearTimeout(timer);
    timer = setTimeout(kept, 120);
  }
  function kept() {
    if (!timer) return;
    drop();
    history.replaceState(null, "", address({}));
  }
  function drop() {
    clearTimeout(timer);
    timer = 0;
  }
  function change(changes) {
    Object.assign(state, { page: 1 }, changes);
    list();
    keep();
  }

  // Which tests, in which order.

  // What a test has of a choice; of modes it may have several.
  const values = (test, name) => (
    name !== "mode" ? [test[name]] : test.modes.length ? test.modes : [""]
  );
  const OF_AGE = (test) => (test.since === null ? null : (about.time - test.since) / DAY);
  const SORTS = {
    test: (test) => test.key,
    verdict: (test) => VERDICTS.indexOf(test.verdict),
    rate: (test) => (test.runs ? test.passes / test.runs : null),
    since: (test) => test.since,
    listed: (test) => [test.listed, ...test.modes].join(" ").trim() || null,
    configuration: (test) => test.configuration || null,
    owner: (test) => test.owner || null,
    issue: (test) => number(issue(test)) || issue(test) || null,
  };
  function text(test) {
    if (test.text === undefined) {
      test.text = [
        test.key, test.place, test.owner, test.advice, test.path,
        ...test.failures.map((failure) => data.errors[failure[0]]),
        ...test.entry.map((field) => field[1]), ...test.spans.map((span) => span[2]),
      ].join("\n").toLowerCase();
    }
    return test.text;
  }
  function chosen() {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const same = CHOICES.filter((name) => name !== "age" && state[name] !== null);
    const days = state.age && Number(state.age.slice(1));
    return TESTS.filter((test) => (
      same.every((name) => values(test, name).includes(state[name]))
      && (!days || (test.since !== null
        && (state.age[0] === "<" ? OF_AGE(test) < days : OF_AGE(test) > days)))
      && words.every((word) => text(test).includes(word))
    ));
  }
  function sorted(tests) {
    const column = state.sort.replace(/^-/, "");
    if (!has(SORTS, column)) return tests;
    const value = SORTS[column];
    const turn = state.sort[0] === "-" ? -1 : 1;
    const keyed = tests.map((test) => [value(test), test]);
    // Where there is nothing to compare a test by, it comes last, whichever way.
    keyed.sort(([a, one], [b, other]) => {
      if (a === b) return one.order - other.order;
      if (a === null) return 1;
      if (b === null) return -1;
      return a < b ? -turn : turn;
    });
    return keyed.map((each) => each[1]);
  }

  // The list.

  const HEADS = [
    { id: "test", name: "Test", cell: null, some: () => true },
    { id: "configuration", name: "Configuration", cell: (test) => test.configuration,
      some: (test) => test.configuration },
    { id: "verdict", name: "Verdict", cell: (test) => verdict(test.verdict), some: () => true },
    { id: "rate", name: "Passes", number: true, some: (test) => test.runs,
      cell: (test) => (test.runs ? fill(document.createDocumentFragment(), null, [
        percent(test.passes / test.runs),
        el("small", null, `of ${NUMBERS.format(test.runs)}`),
      ]) : "") },
    { id: "since", name: "Since", some: (test) => test.since !== null,
      cell: (test) => (test.since === null ? "" : fill(document.createDocumentFragment(), null, [
        day(test.since), el("small", null, age(test.since)),
      ])) },
    { id: "listed", name: "Listed", some: (test) => test.listed,
      cell: (test) => fill(document.createDocumentFragment(), null, [
        test.listed, test.modes.length ? el("small", null, test.modes.join(", ")) : "",
      ]) },
    { id: "owner", name: "Owner", cell: (test) => test.owner, some: (test) => test.owner },
    { id: "issue", name: "Issue", some: issue,
      cell: (test) => {
        const address = issue(test);
        return link(address, number(address) ? `#${number(address)}` : "link");
      } },
    { id: "", some: () => true,
      name: COLUMNS.length ? "Last runs" : `Disabled, ${day(START)} to ${day(END)}`,
      cell: (test) => (test.packed ? strip(test, 30) : test.spans.length ? bars(test) : "") },
  ].filter((head) => TESTS.some(head.some));

  const self = (test) => [test.key, test.place, test.configuration];
  const opener = (test) => (
    el("a", { class: "mono", href: address({ test: self(test) }), "data-order": test.order }, test.key)
  );

  function head(each) {
    const attributes = { scope: "col", class: each.number ? "number" : null };
    if (!each.id) return el("th", attributes, el("span", null, each.name));
    const way = state.sort === each.id ? "ascending" : state.sort === `-${each.id}` ? "descending" : null;
    attributes["aria-sort"] = way;
    return el("th", attributes, el("button", { type: "button", "data-sort": each.id,
      onclick: () => {
        change({ sort: way === "ascending" ? `-${each.id}` : each.id });
        document.querySelector(`[data-sort="${each.id}"]`).focus();
      } }, each.name));
  }
  function row(test) {
    return el("tr", { class: test.verdict === "not seen" ? "gone" : null }, ...HEADS.map((each) => (
      each.cell === null
        ? el("th", { scope: "row" }, opener(test), test.place && el("small", null, test.place))
        : el("td", { class: each.number ? "number" : null }, each.cell(test))
    )));
  }
  function table(tests) {
    return el("div", { class: "scroll wide-scroll" }, el("table", { class: "tests" },
      el("caption", { class: "out" }, "Tests; the buttons in the heads sort"),
      el("thead", null, el("tr", null, ...HEADS.map(head))),
      el("tbody", null, ...tests.map(row))));
  }

  function months() {
    // Runs of one month stand below one head, or of one day where there are enough to write it.
    const days = new Set(COLUMNS.map((column) => day(column.time)));
    const size = COLUMNS.length > 6 * days.size ? 10 : 7;
    const form = (column) => day(column.time).slice(0, size);
    const found = [];
    COLUMNS.forEach((column) => {
      const last = found[found.length - 1];
      if (last && last.name === form(column)) last.span += 1;
      else found.push({ name: form(column), span: 1 });
    });
    return found;
  }
  function grid(tests) {
    const width = 320 + COLUMNS.length * 14;
    const cell = (test) => (letter, number) => el("td", { class: `o${letter}`, tabindex: "-1",
      "data-run": number, "aria-label": OUTCOMES[letter][1] }, OUTCOMES[letter][0]);
    const found = el("table", { class: "runs", role: "grid", "aria-rowcount": tests.length + 2 },
      el("caption", { class: "out" }, "Tests by runs, the oldest first; the arrow keys move"),
      el("thead", null,
        el("tr", null, el("th", { class: "corner", scope: "col", rowspan: "2" }, "Test"),
          ...months().map((each) => (
            el("th", { scope: "colgroup", colspan: each.span, title: each.name },
              each.span > 3 ? each.name : el("span", { class: "out" }, each.name))
          ))),
        el("tr", null, ...COLUMNS.map((column) => (
          el("th", { scope: "col", class: column.remark ? "aside" : null,
            title: [run(column), column.remark].filter(Boolean).join(": "), "aria-label": run(column) })
        )))),
      el("tbody", null, ...tests.map((test) => el("tr", null,
        el("th", { scope: "row", title: [test.key, test.place, test.configuration].filter(Boolean).join("\n") },
          opener(test), test.configuration && el("span", { class: "soft" }, ` ${test.configuration}`)),
        ...Array.from(letters(test).padStart(COLUMNS.length, "-"), cell(test))))));
    found.addEventListener("keydown", moved);
    const say = (event) => {
      const at = event.target.closest("td");
      if (at) byId("cell").textContent = said(at);
    };
    found.addEventListener("focusin", say);
    found.addEventListener("mouseover", say);
    const first = found.querySelector("tbody tr td:last-child");
    if (first) first.tabIndex = 0;
    const scroller = el("div", { class: "grid", "data-width": width }, found);
    return [scroller, el("p", { id: "cell" },
      "Point at a run, or move there with the arrow keys, to see which it is.")];
  }
  function said(cell) {
    const column = COLUMNS[Number(cell.dataset.run)];
    const name = cell.parentNode.querySelector("a").textContent;
    const remark = column.remark ? `; ${column.remark}` : "";
    return `${name}: ${cell.getAttribute("aria-label")} in ${run(column)}${remark}`;
  }
  function moved(event) {
    const cell = event.target.closest("td");
    if (!cell) return;
    const all = (line) => Array.from(line.querySelectorAll("td"));
    const line = cell.parentNode;
    const here = all(line);
    const number = here.indexOf(cell);
    const above = line.previousElementSibling;
    const below = line.nextElementSibling;
    const next = {
      ArrowLeft: () => here[number - 1], ArrowRight: () => here[number + 1],
      Home: () => here[0], End: () => here[here.length - 1],
      ArrowUp: () => above && all(above)[number], ArrowDown: () => below && all(below)[number],
      Enter: () => { line.querySelector("a").click(); },
    }[event.key];
    if (!next) return;
    event.preventDefault();
    const target = next();
    if (!target) return;
    cell.tabIndex = -1;
    target.tabIndex = 0;
    target.focus();
  }

  function list() {
    const tests = sorted(chosen());
    const pages = Math.max(1, Math.ceil(tests.length / PER_PAGE));
    state.page = Math.min(state.page, pages);
    const start = (state.page - 1) * PER_PAGE;
    const shown = tests.slice(start, start + PER_PAGE);
    show(byId("count"), el("b", null, NUMBERS.format(tests.length)),
      tests.length === TESTS.length ? ` ${tests.length === 1 ? "test" : "tests"}`
        : ` of ${counted(TESTS.length, "test")}`);
    byId("reset").hidden = !state.q && CHOICES.every((name) => state[name] === null);
    show(byId("rows"), ...(!shown.length ? [el("p", { class: "soft" }, "No test is so.")]
      : state.view === "grid" ? grid(shown) : [table(shown)]));
    const scroller = document.querySelector(".grid");
    if (scroller) scroller.scrollLeft = scroller.scrollWidth; // The newest runs.
    show(byId("where"), shown.length
      ? `${NUMBERS.format(start + 1)} to ${NUMBERS.format(start + shown.length)} of ${NUMBERS.format(tests.length)}` : "");
    // Not `disabled`: the button that was pressed would lose the focus.
    byId("previous").setAttribute("aria-disabled", state.page === 1);
    byId("next").setAttribute("aria-disabled", state.page === pages);
    byId("views").querySelectorAll("button").forEach((button) => {
      button.setAttribute("aria-pressed", button.dataset.view === state.view);
    });
  }

  // One test.

  function rowsOf(caption, heads, rows) {
    return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      el("table", null, el("caption", { class: "out" }, caption),
        el("thead", null, el("tr", null, ...heads.map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", null, ...rows.map((cells) => el("tr", null, ...cells.map((cell) => el("td", null, cell)))))));
  }
  function facts(test) {
    const rate = test.runs && `${percent(test.passes / test.runs)} of ${counted(test.runs, "run")}, ${
      percent(test.interval[0])} to ${percent(test.interval[1])} at 95\u00a0%`;
    const meaning = about.verdicts.find((each) => each[0] === test.verdict);
    const given = [
      ["Verdict", el("span", null, verdict(test.verdict), meaning && el("span", { class: "soft" }, ` ${meaning[1]}`))],
      ["Passes", rate],
      ["Since", test.since !== null && `${moment(test.since)} UTC, ${age(test.since)}`],
      ["Listed", test.listed && [test.listed, ...test.modes].join(", ")],
      ["Entry", test.path && el("span", { class: "mono" }, test.path)],
      ["Owner", test.owner],
      ...test.entry.filter(([name]) => name !== "owner")
        .map(([name, value]) => [name[0].toUpperCase() + name.slice(1), link(value)]),
    ].filter((pair) => pair[1]);
    return el("dl", { class: "facts" }, ...given.flatMap(([name, value]) => (
      [el("dt", null, name), el("dd", null, value)]
    )));
  }
  function timeline(test) {
    if (!test.packed) return [];
    const all = Array.from(letters(test).padStart(COLUMNS.length, "-"));
    const ran = all.map((letter, number) => ({ letter, column: COLUMNS[number] }))
      .filter((each) => each.letter !== "-").reverse();
    return [
      el("h3", null, "Runs, the oldest first"),
      el("div", { class: "line-of-runs", role: "img", "aria-label": told(test) },
        ...all.map((letter, number) => el("span", { class: `o o${letter}`,
          title: `${OUTCOMES[letter][1]} in ${run(COLUMNS[number])}` }, OUTCOMES[letter][0]))),
      document.querySelector("#tests .symbols").cloneNode(true),
      el("details", null, el("summary", null, `The ${counted(ran.length, "run")} that ran it, as a table`),
        rowsOf("Runs, the newest first", ["Run", "Time, UTC", "Commit", "Branch", "Outcome"],
          ran.map(({ letter, column }) => [
            column.name, moment(column.time), commit(column.commit), column.branch,
            el("span", null, el("span", { class: `o o${letter}`, "aria-hidden": "true" }, OUTCOMES[letter][0]),
              ` ${OUTCOMES[letter][1]}`),
          ]))),
    ];
  }
  let sharing = null;
  function shared(error) {
    if (sharing === null) {
      sharing = new Map();
      // A test is one, whatever configurations it fails in.
      TESTS.forEach((test) => test.failures.forEach(([found]) => {
        if (!sharing.has(found)) sharing.set(found, new Set());
        sharing.get(found).add(`${test.key}\n${test.place}`);
      }));
    }
    const others = sharing.get(error).size - 1;
    const found = Object.assign({}, EMPTY, { q: data.errors[error].slice(0, 300) });
    return others ? el("a", { href: address(found) }, counted(others, "other")) : "no other";
  }
  function errors(test) {
    if (!test.failures.length) return [];
    const at = (number) => (COLUMNS[number] ? run(COLUMNS[number]) : "");
    return [el("h3", null, "Errors"), rowsOf("Errors", ["Error", "Runs", "First in", "Last in", "Tests that share it"],
      test.failures.map(([error, count, first, last]) => [
        el("span", { class: "mono" }, data.errors[error] || "no message"), NUMBERS.format(count),
        at(first), at(last), shared(error),
      ]))];
  }
  function disabled(test) {
    if (!test.spans.length) return [];
    return [el("h3", null, "Disabled on trunk"), bars(test, true),
      rowsOf("Disabled on trunk", ["From", "Until", "Days", "Issue", "Platforms"],
        test.spans.map(([since, until, issue, where]) => [
          moment(since), until === null ? "now" : moment(until),
          NUMBERS.format(Math.round(((until === null ? about.time : until) - since) / DAY)),
          link(issue), where || "all",
        ]))];
  }
  function detail(test, wanted) {
    const title = el("h2", { id: "test-title", tabindex: "-1" }, wanted[0]);
    const back = el("p", null, el("a", { href: address({ test: null }), id: "back" }, "\u2190 All tests"));
    if (!test) {
      show(byId("test"), back, title, el("p", { class: "where" }, "This page has no test of that name."));
    } else {
      show(byId("test"), back, title,
        el("p", { class: "where" }, [test.place, test.configuration].filter(Boolean).join(", ")),
        facts(test), test.advice && el("p", { class: "advice" }, test.advice),
        ...timeline(test), ...errors(test), ...disabled(test));
    }
    title.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  // The page as a whole.

  const EMPTY = { q: "", sort: "", page: 1, view: "table", test: null };
  CHOICES.forEach((name) => { EMPTY[name] = null; });

  function choices(name, label) {
    // An option's value is its number: any text can be an owner's name.
    const select = byId(name);
    const seen = name === "age" ? Object.keys(AGES).filter(() => TESTS.some((test) => test.since !== null))
      : name === "verdict" ? VERDICTS.filter((each) => TESTS.some((test) => test.verdict === each))
        : Array.from(new Set(TESTS.flatMap((test) => values(test, name)))).sort();
    const options = [null, ...seen];
    const words = { null: "any", "": name === "listed" || name === "mode" ? "not listed" : "none" };
    select.append(...options.map((value, number) => (
      el("option", { value: number }, value in words && (value === null || value === "") ? words[value]
        : name === "age" ? AGES[value] : value)
    )));
    select.parentNode.hidden = seen.filter(Boolean).length < (name === "configuration" ? 2 : 1);
    select.addEventListener("change", () => change({ [name]: options[Number(select.value)] }));
    return () => {
      const number = options.indexOf(state[name]);
      select.value = number < 0 ? "" : String(number);
    };
  }
  const settled = CHOICES.map((name) => choices(name));

  function page() {
    drop();
    read();
    const was = byId("test").hidden ? null : byId("test").dataset.order;
    byId("overview").hidden = Boolean(state.test);
    byId("test").hidden = !state.test;
    if (state.test) {
      const test = TESTS.find((each) => self(each).every((value, number) => value === state.test[number]));
      byId("test").dataset.order = test ? test.order : "";
      document.title = `${state.test[0]} \u00b7 ${about.title}`;
      detail(test, state.test);
      return;
    }
    document.title = about.title;
    byId("q").value = state.q;
    settled.forEach((settle) => settle());
    list();
    const opened = was && document.querySelector(`[data-order="${was}"]`);
    if (opened) opened.focus();
  }

  function cursor() {
    const drawing = byId("curve");
    if (!drawing) return;
    const [start, end] = [Number(drawing.dataset.start), Number(drawing.dataset.end)];
    const line = byId("cursor");
    drawing.addEventListener("pointermove", (event) => {
      const box = drawing.getBoundingClientRect();
      const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
      const time = start + share * (end - start);
      const at = about.curves.filter((curve) => curve.length > 1).map(([name, ...points]) => {
        const past = points.filter((point) => point[0] <= time);
        return past.length ? `${name} ${NUMBERS.format(past[past.length - 1][1])}` : "";
      });
      line.setAttribute("x1", `${100 * share}%`);
      line.setAttribute("x2", `${100 * share}%`);
      line.removeAttribute("hidden");
      byId("at").textContent = [day(time), ...at].filter(Boolean).join(" \u00b7 ");
    });
    drawing.addEventListener("pointerleave", () => {
      line.setAttribute("hidden", "");
      byId("at").textContent = "";
    });
  }

  byId("tests").hidden = false;
  byId("views").hidden = !COLUMNS.length;
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("q").addEventListener("input", () => change({ q: byId("q").value }));
  byId("reset").addEventListener("click", () => {
    change(Object.assign({}, EMPTY, { view: state.view }));
    byId("q").value = "";
    settled.forEach((settle) => settle());
    byId("q").focus(); // The button is gone.
  });
  byId("views").addEventListener("click", (event) => {
    if (event.target.dataset.view) change({ view: event.target.dataset.view, page: state.page });
  });
  [["previous", -1], ["next", 1]].forEach(([id, step]) => byId(id).addEventListener("click", (event) => {
    if (event.currentTarget.getAttribute("aria-disabled") !== "true") change({ page: state.page + step });
  }));
  document.querySelectorAll(".summary a").forEach((each) => each.addEventListener("click", () => {
    // The browser goes to the address first.
    setTimeout(() => byId("tests-title").focus(), 0);
  }));
  document.querySelector(".skip").addEventListener("click", (event) => {
    // Its address would take the place of the one that says what is shown.
    event.preventDefault();
    (state.test ? byId("test-title") : byId("tests-title")).focus();
  });
  window.addEventListener("hashchange", page);
  // Before a link is followed, or Back would lead to what was before.
  document.addEventListener("click", kept, true);
  cursor();
  page();
})();
