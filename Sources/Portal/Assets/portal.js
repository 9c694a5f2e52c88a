// What script adds to the pages. Every page works without it: elements that need script carry the attributes
// `hidden` and `data-script` and are shown here. Texts come from attributes, so that the catalogues stay on the server.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const fill = (text, values) => (text || "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

  // Counter of a text: UTF-16 units and segments (70 units, or 67 each of a longer text).
  // <textarea data-counter="ID of the output" data-signature="ID of the control with the signature">
  // <p id class="counter" data-text="{units} 字，计 {segments} 条" data-saving="再删 {units} 个字可少计 1 条"
  //    data-varies="…" hidden data-script><span></span><span class="saving"></span></p>
  // A surrogate pair is never split. A signature is put before a text that has none.
  function segments(text) {
    if (text.length <= 70) return text ? 1 : 0;
    let count = 0, start = 0;
    for (; start < text.length; count += 1) {
      start += 67;
      if (start < text.length && /[\uD800-\uDBFF]/.test(text[start - 1])) start -= 1;
    }
    return count;
  }
  const isSigned = (text) => text.startsWith("【") || text.endsWith("】");
  // How many units to delete for one segment less, if at most `most`; else 0.
  function surplus(text, most) {
    const before = segments(text);
    for (let units = 1; before > 1 && units <= most; units += 1) if (segments(text.slice(0, -units)) < before) return units;
    return 0;
  }
  function counter(area) {
    const output = document.getElementById(area.dataset.counter);
    if (!output) return;
    const signature = document.getElementById(area.dataset.signature || "");
    const [line, saving] = output.children;
    const count = () => {
      let text = area.value.replace(/\r\n?/g, "\n");
      const prefix = signature ? signature.value : area.dataset.prefix || "";
      if (prefix && !isSigned(text)) text = (prefix.startsWith("【") ? prefix : `【${prefix}】`) + text;
      if (!area.value) text = "";
      const less = surplus(text, 15);
      line.textContent = fill(output.dataset.text, { units: grouped(text.length), segments: segments(text) });
      const varies = output.dataset.varies && /\{[^{}\n]{1,40}\}/.test(text);
      saving.textContent = varies
        ? output.dataset.varies
        : less ? fill(output.dataset.saving, { units: less }) : "";
    };
    area.addEventListener("input", count);
    if (signature) signature.addEventListener("change", count);
    count();
  }

  // Counter of typed telephone numbers. <textarea data-numbers="ID of the output">
  // <p id class="counter" data-text="{valid} 个号码" data-repeated="{n} 个重复" data-invalid="{n} 个无效" …>
  const digits = (text) => text.normalize("NFKC").replace(/[^\d+]/g, "").replace(/^(\+|00)?86(?=1\d{10}$)/, "");
  function numbers(area) {
    const output = document.getElementById(area.dataset.numbers);
    if (!output) return;
    const count = () => {
      const seen = new Set();
      let repeated = 0, invalid = 0;
      for (const item of area.value.split(/[\n,;，；、\t]+/)) {
        if (!item.trim()) continue;
        const number = digits(item);
        if (!/^(1\d{10}|\+\d{6,18}|00\d{6,18})$/.test(number)) invalid += 1;
        else if (seen.has(number)) repeated += 1;
        else seen.add(number);
      }
      const { text, repeated: again, invalid: wrong } = output.dataset;
      output.children[0].textContent = fill(text, { valid: grouped(seen.size) });
      output.children[1].textContent = [repeated && fill(again, { n: grouped(repeated) }), invalid && fill(wrong, { n: grouped(invalid) })]
        .filter(Boolean).join(" · ");
    };
    let timer = 0;
    area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(count, 150); });
    count();
  }

  // Polling. <section id="progress" data-refresh="ADDRESS" data-every="2"> is replaced by the element of the same id in
  // the answer (a fragment or the whole page); it ends when the new element has no data-refresh.
  function refresh(element) {
    const { id, dataset: { refresh: address, every } } = element;
    const pause = Math.max(1, Number(every) || 3) * 1000;
    let failures = 0, ended = false;
    const again = () => { if (!ended) setTimeout(tick, Math.min(60000, pause * 2 ** failures)); };
    const tick = async () => {
      if (document.hidden) { document.addEventListener("visibilitychange", tick, { once: true }); return; }
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), 10000);
      try {
        const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: deadline.signal });
        if (answer.redirected || [401, 403, 404].includes(answer.status)) { location.reload(); ended = true; return; }
        if (!answer.ok) throw new Error(String(answer.status));
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
        const current = document.getElementById(id);
        if (!fresh) { location.reload(); ended = true; return; } // What was waited for is another page now.
        if (!current) { ended = true; return; }
        failures = 0;
        replace(current, document.importNode(fresh, true));
        ended = !fresh.dataset.refresh;
      } catch { failures = Math.min(failures + 1, 5); } finally { clearTimeout(timer); }
      again();
    };
    again();
  }
  // Keeps what is opened, chosen and focused, as far as it has an id.
  function replace(current, fresh) {
    for (const open of all("details[open][id]", current)) fresh.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute("open", "");
    for (const box of all("input:checked[id]", current)) { const same = fresh.querySelector(`#${CSS.escape(box.id)}`); if (same) same.checked = true; }
    const focus = current.contains(document.activeElement) ? document.activeElement.id : null;
    if (focus === "" ) return; // Something without an id has the focus: the next turn replaces it.
    current.replaceWith(fresh);
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    enhance(fresh);
  }

  // Selection in a table. <input type="checkbox" data-select-all="NAME of the boxes" hidden data-script>
  // <output data-selected="NAME" data-text="已选 {n} 条">; a button with data-needs="NAME" is off while none is chosen.
  function selection(root, name) {
    const boxes = () => all(`input[type=checkbox][name="${CSS.escape(name)}"]`);
    const show = () => {
      const every = boxes(), chosen = every.filter((box) => box.checked).length;
      for (const head of all(`[data-select-all="${CSS.escape(name)}"]`)) {
        head.checked = chosen > 0 && chosen === every.length;
        head.indeterminate = chosen > 0 && chosen < every.length;
      }
      for (const output of all(`[data-selected="${CSS.escape(name)}"]`)) output.textContent = fill(output.dataset.text, { n: grouped(chosen) });
      for (const button of all(`button[data-needs="${CSS.escape(name)}"]`)) button.toggleAttribute("disabled", chosen === 0);
    };
    let last = null;
    for (const box of boxes()) box.addEventListener("click", (event) => {
      const every = boxes();
      if (event.shiftKey && last) {
        const [from, to] = [every.indexOf(last), every.indexOf(box)].sort((a, b) => a - b);
        for (const between of every.slice(from, to + 1)) between.checked = box.checked;
      }
      last = box;
      show();
    });
    for (const head of all(`[data-select-all="${CSS.escape(name)}"]`, root)) head.addEventListener("change", () => {
      for (const box of boxes()) box.checked = head.checked;
      show();
    });
    show();
  }

  // <button type="button" data-copy="ID" data-done="已复制" hidden data-script>复制</button>
  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    const text = source.value ?? source.textContent;
    try { await navigator.clipboard.writeText(text); } catch {
      const range = document.createRange(); // Without TLS there is no clipboard interface.
      range.selectNodeContents(source);
      const chosen = getSelection();
      chosen.removeAllRanges(); chosen.addRange(range);
      if (source.select) source.select();
      if (!document.execCommand("copy")) return;
      chosen.removeAllRanges();
      button.focus();
    }
    const before = button.dataset.label ?? (button.dataset.label = button.textContent);
    button.textContent = button.dataset.done || "✓";
    setTimeout(() => { button.textContent = before; }, 2000);
  }

  // <label class="drop" data-drop>…<input type="file">…</label>
  function drop(zone) {
    const input = zone.querySelector("input[type=file]");
    if (!input) return;
    for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
    for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length !== 1) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // <form data-unsaved>: leaving with unsaved changes asks. The warning's words are the browser's.
  function unsaved(form) {
    let changed = false;
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    addEventListener("beforeunload", (event) => { if (changed) { event.preventDefault(); event.returnValue = ""; } });
  }

  function enhance(root) {
    const own = (selector) => [...(root.matches?.(selector) ? [root] : []), ...all(selector, root)];
    for (const element of own("[data-script]")) element.hidden = false;
    own("textarea[data-counter]").forEach(counter);
    own("textarea[data-numbers]").forEach(numbers);
    own("[data-refresh][id]").forEach((element) => { if (root === document) refresh(element); });
    new Set(own("[data-select-all]").map((head) => head.dataset.selectAll)).forEach((name) => selection(root, name));
    own("[data-drop]").forEach(drop);
    own("form[data-unsaved]").forEach(unsaved);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.dataset.copy) copy(button);
    if ("print" in button.dataset) print();
    if (button.dataset.reveal) { // <button type="button" data-reveal="ID of the password field" aria-pressed="false">
      const field = document.getElementById(button.dataset.reveal), shown = field.type === "text";
      field.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
    }
  });
  // data-confirm stands on a form or on its submit button; a form that changes something is sent once.
  document.addEventListener("submit", (event) => {
    const form = event.target, question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
    if (form.dataset.sent || (question && !confirm(question))) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    if (form.method !== "post" || "again" in form.dataset) return;
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 15000);
  }, true);
  addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) delete form.dataset.sent; });
  // The drawer of narrow pages is the address #nav: Escape closes it.
  addEventListener("keydown", (event) => { if (event.key === "Escape" && location.hash === "#nav") location.hash = "#main"; });

  enhance(document);
  document.getElementById("errors")?.focus();
})();
