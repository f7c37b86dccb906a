"use strict";
(() => {
  const sheet = document.getElementById("sheet");
  const said = document.getElementById("said");
  const fields = [...sheet.querySelectorAll("[name]")];
  let unsaved = false;

  const filled = () => {
    const answers = {}, student = {};
    for (const field of fields) {
      const value = field.value.trim();
      if (value === "") continue;
      if (field.name.startsWith("student.")) student[field.name.slice(8)] = value;
      else answers[field.name] = value;
    }
    const { format, version, capture, stream, seed } = sheet.dataset;
    return { format, version: Number(version), capture, stream: Number(stream), seed: Number(seed), student, answers };
  };

  document.getElementById("save").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(filled(), null, 2) + "\n"], { type: "application/json" }));
    link.download = "answers.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    unsaved = false;
    said.textContent = said.dataset.saved;
  });

  document.getElementById("load").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    try {
      const saved = JSON.parse(await file.text());
      if (saved.capture !== sheet.dataset.capture || String(saved.seed) !== sheet.dataset.seed) throw new Error();
      for (const field of fields) {
        const from = field.name.startsWith("student.") ? saved.student : saved.answers;
        const name = field.name.replace(/^student\./, "");
        if (from && Object.hasOwn(from, name)) field.value = String(from[name]);
      }
      said.textContent = said.dataset.loaded;
    } catch {
      said.textContent = said.dataset.other;
    }
  });

  document.getElementById("print").addEventListener("click", () => window.print());
  sheet.addEventListener("input", (event) => { if (event.target.name) unsaved = true; });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
})();
