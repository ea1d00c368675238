"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (where, what) => [...where.querySelectorAll(what)];
  const data = JSON.parse($("data").textContent);
  const byCode = new Map(data.projects.map((one) => [one.code, one]));
  const tabs = all(document, "[role=tab]");
  const inputs = { q: $("q"), state: $("f-state"), status: $("f-status"), pm: $("f-pm"), change: $("f-change"), over: $("f-over") };
  const collator = new Intl.Collator("zh-CN", { numeric: true });
  const fold = (text) => text.normalize("NFKC").toLocaleLowerCase("zh-CN");

  // Small builder: text only, so that nothing in the data can become markup.
  function make(tag, attributes, ...inside) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    node.append(...inside.filter((one) => one !== null && one !== ""));
    return node;
  }

  // -- what a row says, for the search -------------------------------------------------------------
  const texts = new WeakMap();
  function textOf(row) {
    if (!texts.has(row)) {
      const one = byCode.get(row.dataset.code);
      const more = one ? [...one.missing, ...one.awaited.map((a) => Object.values(a).join(" ")),
        ...one.findings.map((f) => `${f.rule} ${f.place} ${f.text}`), one.failure, one.stage].join(" ") : "";
      const titles = all(row, "[title]").map((cell) => cell.title).join(" ");
      texts.set(row, fold(`${row.textContent} ${more} ${titles}`));
    }
    return texts.get(row);
  }

  // -- filter --------------------------------------------------------------------------------------
  let view = $("projects");
  const rowsOf = (where) => all(where, "tbody > tr.row, tbody > tr.item");
  function fits(row, words) {
    const set = row.dataset;
    if (view.id === "projects") {
      const state = inputs.state.value;
      if (state === "*open" ? "ended" in set : state && set.state !== state) return false;
      if (inputs.status.value && set.status !== inputs.status.value) return false;
      if (inputs.pm.value && set.pm !== inputs.pm.value) return false;
      if (inputs.change.checked && !("change" in set)) return false;
    }
    if ((view.id === "people" || view.id === "equipment") && inputs.over.checked && !("over" in set)) return false;
    return words.every((word) => textOf(row).includes(word));
  }
  function filter() {
    const words = fold(inputs.q.value).split(/\s+/).filter(Boolean);
    const rows = rowsOf(view);
    let shown = 0;
    for (const row of rows) {
      const fit = fits(row, words);
      if (row.hidden === fit) row.hidden = !fit;
      const detail = row.nextElementSibling;
      if (detail && detail.classList.contains("detail")) detail.hidden = !fit;
      shown += fit;
    }
    $("shown").textContent = rows.length ? `显示 ${shown} / ${rows.length}` : "";
    rove();
  }

  // -- sort ----------------------------------------------------------------------------------------
  function key(row, column) {
    const cell = row.cells[column];
    if (!cell) return "";
    return "sort" in cell.dataset ? cell.dataset.sort : cell.textContent.trim();
  }
  function sort(button) {
    const head = button.closest("th"), table = button.closest("table"), body = table.tBodies[0];
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const column = head.cellIndex, sign = down ? -1 : 1;
    const rows = all(body, ":scope > tr.row, :scope > tr.item").map((row, place) => [key(row, column), place, row]);
    const numbers = rows.every(([text]) => text !== "" && !Number.isNaN(Number(text)));
    rows.sort((a, b) => sign * (numbers ? a[0] - b[0] : collator.compare(a[0], b[0])) || a[1] - b[1]);
    const sorted = document.createDocumentFragment();
    for (const [, , row] of rows) {
      const detail = row.nextElementSibling;
      sorted.append(row);
      if (detail && detail.classList.contains("detail")) sorted.append(detail);
    }
    body.prepend(sorted);
    rove();
  }

  // -- details -------------------------------------------------------------------------------------
  const severities = { error: ["e", "错误"], warning: ["w", "警告"], info: ["i", "提示"] };
  const block = (title, ...inside) => make("div", {}, make("h3", {}, title), ...inside);
  const list = (rows, none) => rows.length ? make("ul", {}, ...rows.map((row) => make("li", {}, row))) : make("p", { class: "dim" }, none);
  function issue(one) {
    const [tone, word] = severities[one.severity];
    const badge = make("span", {}, make("span", { class: `badge ${tone}` }, one.pending ? "未到期" : word));
    const what = make("span", {}, one.text);
    return make("li", {}, badge, make("span", { class: "dim" }, one.rule), what, make("span", { class: "where" }, [one.place, one.remedy].filter(Boolean).join(" · ")));
  }
  function files(one) {
    const folders = one.folders.map((folder) => make("div", {}, folder.href ? make("a", { href: folder.href }, folder.name) : folder.name,
      make("ul", {}, ...folder.files.map((file) => make("li", {}, make("a", { href: file.href }, file.title || file.name), file.title ? make("span", { class: "sub" }, file.name) : "")))));
    return folders.length ? make("div", { class: "files" }, ...folders) : make("p", { class: "dim" }, "还没有文件。");
  }
  function details(one) {
    if (one.masked) return make("p", { class: "dim" }, "秘密项目：名称、问题和文件不在本页显示。");
    const inside = make("div", { class: "blocks" });
    if (one.failure) inside.append(make("div", { class: "wide bad" }, `最近一次运行没有完成：${one.failure}`));
    inside.append(
      block(one.gate ? `下一关口：${one.gate}，还缺` : "下一关口", list(one.missing, one.gate ? "无" : "没有下一关口")),
      block(one.since ? `等谁签字（自 ${one.since}）` : "等谁签字", list(one.awaited.map((a) => `${a.what} — ${[a.role, a.person].filter(Boolean).join(" ")}`), "无")),
      block("概况", list([one.stage && `当前阶段：${one.stage}`, one.kind && `类别：${one.kind}`, one.ran && `最近运行：${one.ran}`].filter(Boolean), "无")));
    const rest = [one.more && `另有 ${one.more} 条，见校验报告。`, one.hidden && `涉及秘密项目的 ${one.hidden} 条不显示。`].filter(Boolean);
    const issues = one.findings.length ? make("ul", { class: "issues" }, ...one.findings.map(issue)) : make("p", { class: "dim" }, rest.length ? "" : "没有问题。");
    const found = block("问题", issues, ...rest.map((text) => make("p", { class: "dim" }, text)));
    const made = block("文件", files(one));
    found.classList.add("wide");
    made.classList.add("wide");
    inside.append(found, made);
    return inside;
  }
  function toggle(row, open = true) {
    const button = row.querySelector(".open"), next = row.nextElementSibling;
    const there = next && next.classList.contains("detail");
    if (open === Boolean(there)) return;
    if (there) next.remove();
    else row.after(make("tr", { class: "detail", id: `d-${row.dataset.code}` }, make("td", { colspan: row.cells.length }, details(byCode.get(row.dataset.code)))));
    button.setAttribute("aria-expanded", String(open));
    if (open) button.setAttribute("aria-controls", `d-${row.dataset.code}`);
    else button.removeAttribute("aria-controls");
  }
  const isOpen = (row) => row.querySelector(".open").getAttribute("aria-expanded") === "true";

  // -- keyboard ------------------------------------------------------------------------------------
  const visible = () => all($("projects"), "tr.row:not([hidden])");
  function rove(to) {
    const rows = visible();
    const now = to || rows.find((row) => row.querySelector(".open").tabIndex === 0) || rows[0];
    for (const button of all($("projects"), ".open[tabindex='0']")) button.tabIndex = -1;
    if (now) now.querySelector(".open").tabIndex = 0;
  }
  function go(row) {
    if (!row) return;
    rove(row);
    row.querySelector(".open").focus();
  }
  const steps = { ArrowDown: (rows, at) => rows[Math.min(at + 1, rows.length - 1)], ArrowUp: (rows, at) => rows[at - 1],
    Home: (rows) => rows[0], End: (rows) => rows[rows.length - 1] };
  function onRow(event, row) {
    const rows = visible(), at = rows.indexOf(row);
    if (event.key in steps) {
      event.preventDefault();
      const next = steps[event.key](rows, at);
      if (next) go(next); else inputs.q.focus();
    } else if (event.key === "Escape" && isOpen(row)) toggle(row, false);
  }
  function onTab(event) {
    const at = tabs.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    select(next);
    next.focus();
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.matches("input[type=search], select");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      inputs.q.focus();
      inputs.q.select();
    } else if (event.target === inputs.q && event.key === "ArrowDown" && view.id === "projects") {
      event.preventDefault();
      go(visible()[0]);
    } else if (event.target === inputs.q && event.key === "Escape") {
      inputs.q.value = "";
      filter();
    } else if (event.target.matches("[role=tab]")) onTab(event);
    else if (event.target.matches(".open")) onRow(event, event.target.closest("tr"));
  });

  // -- views ---------------------------------------------------------------------------------------
  function select(tab) {
    for (const other of tabs) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      $(other.getAttribute("aria-controls")).hidden = !chosen;
    }
    view = $(tab.getAttribute("aria-controls"));
    for (const tool of all(document, "[data-for]")) tool.hidden = !tool.dataset.for.split(" ").includes(view.id);
    filter();
  }
  function follow() {
    const word = decodeURIComponent(location.hash.slice(1));
    const tab = tabs.find((one) => one.getAttribute("aria-controls") === word);
    if (tab) select(tab);
    const row = byCode.has(word) && $(`p-${word}`);
    if (!row) return;
    select(tabs[0]);
    if (row.hidden) reset();
    toggle(row, true);
    go(row);
    row.scrollIntoView({ block: "start" });
  }
  function show(card) {
    reset();
    select(tabs.find((one) => one.getAttribute("aria-controls") === card.dataset.view));
    inputs.state.value = card.dataset.state;
    inputs.status.value = card.dataset.status;
    filter();
    $("main").scrollIntoView({ block: "nearest" });
  }
  function reset() {
    for (const one of Object.values(inputs)) if (one.type === "checkbox") one.checked = false; else one.value = "";
    filter();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("thead button");
    if (button) return sort(button);
    const tab = event.target.closest("[role=tab]");
    if (tab) return select(tab);
    const card = event.target.closest("button.card");
    if (card) return show(card);
    const row = event.target.closest("tr.row");
    if (row && !event.target.closest("a") && !String(getSelection())) {
      toggle(row, !isOpen(row));
      rove(row);
    }
    return undefined;
  });
  for (const one of Object.values(inputs)) one.addEventListener("input", filter);
  $("reset").addEventListener("click", reset);
  window.addEventListener("hashchange", follow);
  select(tabs[0]);
  follow();
})();
