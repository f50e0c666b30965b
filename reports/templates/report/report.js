(() => {
  const main = document.getElementById("text");
  const words = main.dataset;
  const fold = document.querySelector("nav details");
  if (window.innerWidth < 900) fold.open = false;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.activeElement.blur();
    document.body.classList.add("quiet");
  });
  document.addEventListener("pointermove", () => document.body.classList.remove("quiet"));
  const value = (row, column) => row.cells[column].textContent.trim();
  const number = (text) => {
    const plain = text.replace(/[,%\s]/g, "").replace("−", "-");
    return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null;
  };
  const compare = (a, b) => {
    const [x, y] = [number(a), number(b)];
    if (x !== null && y !== null) return x - y;
    if (x !== null || y !== null) return x === null ? 1 : -1;
    return a.localeCompare(b, document.documentElement.lang);
  };
  for (const table of main.querySelectorAll("table")) {
    const body = table.tBodies[0];
    const rows = body ? [...body.rows] : [];
    if (rows.length < 3 || !table.tHead) continue;
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = words.sort;
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const falling = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", falling ? "descending" : "ascending");
        rows.sort((a, b) => compare(value(a, column), value(b, column)) * (falling ? -1 : 1));
        body.append(...rows);
      });
    });
    if (rows.length < 9) continue;
    const box = document.createElement("input");
    box.type = "search";
    box.placeholder = words.find;
    box.setAttribute("aria-label", words.find);
    box.addEventListener("input", () => {
      const wanted = box.value.trim().toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    table.parentElement.before(box);
  }
})();
