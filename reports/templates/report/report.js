(() => {
  const main = document.getElementById("text");
  const words = JSON.parse(main.dataset.words);
  const fold = document.querySelector("nav details");
  if (window.innerWidth < 900) fold.open = false;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.activeElement.blur();
    document.body.classList.add("quiet");
  });
  document.addEventListener("pointermove", () => document.body.classList.remove("quiet"));

  const made = (tag, properties, ...inside) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...inside);
    return element;
  };
  const said = (key, fields) => words[key].replace(/\{(\w+)\}/g, (_, name) => fields[name]);
  const text = (row, column) => row.cells[column].textContent.trim();
  const number = (words) => {
    const plain = words.replace(/[,%\s]/g, "").replace("−", "-");
    return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null;
  };
  const compare = (a, b, falling) => {
    const [x, y] = [number(a), number(b)];
    if (x !== null && y !== null) return falling ? y - x : x - y;
    if (x !== null || y !== null) return x === null ? 1 : -1; // what is no number comes last either way
    return a.localeCompare(b, document.documentElement.lang) * (falling ? -1 : 1);
  };
  const printed = []; // what brings each table back to what is printed, and what undoes that

  const enliven = (wrap) => {
    const table = wrap.querySelector("table");
    const body = table.tBodies[0];
    if (!body || !table.tHead) return;
    const isGap = (row) => [...row.cells].every((cell) => cell.textContent.trim() === "…");
    const gap = [...body.rows].find(isGap);
    const rows = [...body.rows].filter((row) => row !== gap);
    const behind = JSON.parse(wrap.querySelector("script")?.textContent ?? "[]");
    for (const [place, cells] of behind) {
      const row = rows[0].cloneNode(true);
      row.className = "rest";
      cells.forEach((words, column) => { row.cells[column].textContent = words; });
      rows.splice(place, 0, row);
    }
    if (rows.length < 3) return;
    const original = [...rows];
    if (gap) original.splice(behind[0][0], 0, gap);

    const heads = [...table.tHead.rows[0].cells];
    const names = heads.map((head) => head.textContent.trim());
    const tools = made("div", { className: "tools" });
    const box = made("input", { type: "search", placeholder: words.find });
    box.setAttribute("aria-label", words.find);
    const whole = made("input", { type: "checkbox" });
    const count = made("output", {});
    let sorted = null;
    const show = () => {
      const wanted = box.value.trim().toLowerCase();
      const isWhole = whole.checked || wanted || sorted;
      let seen = 0;
      for (const row of rows) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted) || (!isWhole && row.className === "rest");
        seen += !row.hidden;
      }
      if (gap) gap.hidden = Boolean(isWhole);
      body.append(...(sorted ?? original));
      count.textContent = wanted ? said("seen", { seen, rows: rows.length }) : "";
    };
    box.addEventListener("input", show);
    whole.addEventListener("change", () => {
      sorted = null;
      heads.forEach((head) => head.removeAttribute("aria-sort"));
      if (!whole.checked) box.value = "";
      show();
    });
    if (rows.length >= 9) tools.append(box);
    if (behind.length && rows.length > behind.length)
      tools.append(made("label", {}, whole, said("whole", { rows: rows.length })));
    tools.append(count);
    heads.forEach((head, column) => {
      const button = made("button", { type: "button", title: words.sort }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const falling = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", falling ? "descending" : "ascending");
        sorted = [...rows].sort((a, b) => compare(text(a, column), text(b, column), falling));
        whole.checked = true;
        show();
      });
    });
    const block = made("div", {}); // within which what is picked stays in sight
    wrap.before(block);
    block.append(tools, wrap);
    if (wrap.dataset.drawn) pickable(wrap, rows, names, tools);
    show();
    printed.push({ back: () => body.append(...original), again: show });
  };

  // Rows that are ticked, drawn below the table from its own cells.
  const pickable = (wrap, rows, heads, tools) => {
    const naming = wrap.dataset.names.split(",");
    const drawn = wrap.dataset.drawn.split(" ").map((places) => places.split(",").map(Number))
      .filter(([place]) => rows.some((row) => number(text(row, place)) !== null));
    if (!drawn.length) return;
    const called = new Map(rows.map((row) => [row, naming.map((column) => text(row, column)).join(" ")]));
    const ticks = new Map(rows.map((row) => {
      const tick = made("input", { type: "checkbox" });
      tick.setAttribute("aria-label", said("pick", { name: called.get(row) }));
      row.cells[0].prepend(tick);
      tick.addEventListener("change", () => draw());
      return [row, tick];
    }));
    const which = made("select", {}, ...drawn.map(([place], i) => made("option", { value: i }, heads[place])));
    const clear = made("button", { type: "button" }, words.clear);
    const list = made("ul", {});
    const note = made("p", { className: "note" });
    const panel = made("div", { className: "picked", hidden: true },
      made("div", { className: "tools" }, made("label", {}, words.drawn, which), clear), list, note);
    panel.setAttribute("aria-live", "polite");
    tools.append(made("span", {}, words.picks));
    wrap.after(panel);
    which.addEventListener("change", () => draw());
    clear.addEventListener("click", () => {
      ticks.forEach((tick) => { tick.checked = false; });
      draw();
      ticks.get(rows[0]).focus();
    });
    const draw = () => {
      const [place, ...ends] = drawn[which.value];
      const read = (row) => [place, ...ends].map((column) => number(text(row, column)));
      const field = rows.flatMap(read).filter((value) => value !== null);
      const [least, most] = [Math.min(...field), Math.max(...field)];
      const at = (value) => 2 + (96 * (value - least)) / (most - least || 1);
      const mark = (kind, from, to = from) => {
        const line = made("i", { className: kind });
        line.style.left = `${at(from)}%`;
        if (to !== from) line.style.width = `${at(to) - at(from)}%`;
        return line;
      };
      const entry = (name, marks, words) => {
        const track = made("span", { className: "track" }, ...marks);
        track.setAttribute("aria-hidden", "true");
        return made("li", {}, made("span", {}, name), track, made("span", { className: "value" }, words));
      };
      const picked = rows.filter((row) => ticks.get(row).checked);
      rows.forEach((row) => row.classList.toggle("ticked", ticks.get(row).checked));
      const lines = picked.map((row) => {
        const [value, low, high] = read(row);
        const hasEnds = ends.length > 0 && low !== null && high !== null;
        const marks = [hasEnds && mark("ends", low, high), value !== null && mark("dot", value)].filter(Boolean);
        const words = text(row, place) + (hasEnds ? ` (${text(row, ends[0])} – ${text(row, ends[1])})` : "");
        return entry(called.get(row), marks, words);
      });
      const known = rows.map((row) => [read(row)[0], text(row, place)]).filter(([value]) => value !== null);
      known.sort(([a], [b]) => a - b);
      const range = `${known[0][1]} – ${known[known.length - 1][1]}`;
      list.replaceChildren(...lines, entry(words.all, known.map(([value]) => mark("tick", value)), range));
      note.textContent = ends.length ? words.apart : "";
      panel.hidden = !picked.length;
    };
  };

  main.querySelectorAll(".wrap").forEach(enliven);
  window.addEventListener("beforeprint", () => printed.forEach((table) => table.back()));
  window.addEventListener("afterprint", () => printed.forEach((table) => table.again()));
})();
