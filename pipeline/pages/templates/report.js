// Sorts, filters and saves the tables of the page, and opens the list a link leads to. Without it every table stands as it is printed: nothing is
// fetched, nothing is remembered, and what is saved is what the table shows.
(() => {
  "use strict";
  const say = document.getElementById("main").dataset;
  const FEW = 6;

  const text = (cell) => (cell.dataset.csv ?? cell.textContent).replace(/\s+/g, " ").trim();

  // «<10», «10–25», «≥90», «1 234», «12 %»: by the first number; what has none comes last.
  const weight = (cell) => {
    const found = text(cell).replace(/(\d)[\u00a0 ,](?=\d{3})/g, "$1").match(/-?\d+(\.\d+)?/);
    if (!found) return Infinity;
    return Number(found[0]) - (text(cell).startsWith("<") ? 0.5 : 0);
  };

  const lines = (table) => [...table.tBodies].flatMap((body) => [...body.rows]).filter((row) => !row.classList.contains("g"));

  function sort(table, place, up) {
    const numeric = lines(table).some((row) => row.cells[place] && Number.isFinite(weight(row.cells[place])))
      && table.tHead.rows[0].cells[place].matches(".num, .y, .w");
    const last = (cell) => numeric && !Number.isFinite(weight(cell));
    for (const body of table.tBodies) {
      const rows = [...body.rows].filter((row) => !row.classList.contains("g"));
      rows.map((row, at) => ({ row, at, cell: row.cells[place] }))
        .sort((a, b) => {
          const order = numeric
            ? weight(a.cell) - weight(b.cell) || 0
            : text(a.cell).localeCompare(text(b.cell), document.documentElement.lang);
          return last(a.cell) - last(b.cell) || (up ? order : -order) || a.at - b.at;
        })
        .forEach(({ row }) => body.append(row));
    }
  }

  function sortable(table, tell) {
    table.tHead.dataset.sort = say.sort;
    [...table.tHead.rows[0].cells].forEach((head, place) => {
      const words = head.textContent.trim();
      if (!words || head.colSpan > 1) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        sort(table, place, up);
        tell(`${say.sorted} ${words}, ${up ? say.up : say.down}`);
      });
    });
  }

  function filter(table, asked, tell) {
    const wanted = asked.toLocaleLowerCase();
    const rows = lines(table);
    for (const row of rows) row.hidden = !text(row).toLocaleLowerCase().includes(wanted);
    for (const body of table.tBodies) {
      const own = [...body.rows].filter((row) => !row.classList.contains("g"));
      const title = [...body.rows].find((row) => row.classList.contains("g"));
      // A table's own line answers for all its fields.
      if (title && wanted && text(title.cells[0]).toLocaleLowerCase().includes(wanted)) own.forEach((row) => { row.hidden = false; });
      if (title) title.hidden = own.every((row) => row.hidden);
    }
    tell(`${rows.filter((row) => !row.hidden).length} ${say.of} ${rows.length}`);
  }

  // A spreadsheet runs what begins with one of these.
  const safe = (value) => (/^[=+\-@\t]/.test(value) ? `'${value}` : value);
  const quoted = (value) => `"${safe(value).replaceAll('"', '""')}"`;

  function csv(table) {
    const group = table.querySelector("tr.g");
    const out = [];
    const told = (row) => [...row.cells].filter((cell) => !cell.matches("[aria-hidden]"));
    for (const row of table.tHead.rows) out.push([...(group ? [say.table] : []), ...told(row).map(text)]);
    for (const body of table.tBodies) {
      let name = "";
      for (const row of body.rows) {
        if (row.classList.contains("g")) name = text(row.cells[0]);
        const cells = told(row).flatMap((cell) => [text(cell), ...Array(cell.colSpan - 1).fill("")]);
        if (!row.hidden) out.push([...(group ? [name] : []), ...cells]);
      }
    }
    return out.map((row) => row.map(quoted).join(say.between)).join("\r\n") + "\r\n";
  }

  function save(table) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff", csv(table)], { type: "text/csv;charset=utf-8" }));
    link.download = `${table.dataset.name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function tools(table) {
    const bar = document.createElement("div");
    const told = document.createElement("span");
    bar.className = "tools";
    told.className = "told";
    told.setAttribute("role", "status");
    const tell = (words) => { told.textContent = words; };
    if (lines(table).length >= FEW) {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = "search";
      input.addEventListener("input", () => filter(table, input.value.trim(), tell));
      label.append(`${say.filter} `, input);
      bar.append(label);
    }
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say.save;
    button.setAttribute("aria-label", `${say.save}: ${table.dataset.title}`);
    button.addEventListener("click", () => save(table));
    bar.append(button, told);
    (table.closest(".scroll") ?? table).before(bar);
    if (lines(table).length > 1) sortable(table, tell);
  }

  // Whoever follows a link to a flag wants its list, which stands folded.
  function unfold(hash) {
    const flag = hash.length > 1 ? document.getElementById(hash.slice(1)) : null;
    if (!flag?.matches(".flag")) return;
    flag.querySelector("details").open = true;
    flag.scrollIntoView();
  }

  document.querySelectorAll("table[data-name]").forEach(tools);
  addEventListener("hashchange", () => unfold(location.hash));
  // The same link once more changes no address.
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#flag-"]');
    if (link) requestAnimationFrame(() => unfold(link.hash));
  });
  unfold(location.hash);
})();
