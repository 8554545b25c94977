"use strict";
document.documentElement.classList.add("scripted");

async function copy(button) {
  const label = button.textContent;
  const template = button.parentElement.querySelector("template");
  const text = (template ? template.content : button.parentElement.querySelector("pre")).textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea"); // a page opened from a file may have no clipboard
    area.value = text;
    button.after(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = label; }, 1500);
}

for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", () => copy(button));
}

const filters = document.getElementById("filters");
const words = new Map(); // what the search looks through, by article; read at the first search

function wanted(article, form) {
  const { harm, operation, clause } = Object.fromEntries(form);
  if (harm && article.dataset.harm !== harm) return false;
  if (operation && article.dataset.operation !== operation) return false;
  if (clause && !article.dataset.clauses.split(" ").includes(clause)) return false;
  const search = form.get("words").trim().toLowerCase();
  if (!search) return true;
  if (!words.has(article)) words.set(article, article.textContent.toLowerCase());
  return search.split(/\s+/).every((word) => words.get(article).includes(word));
}

function filter() {
  const form = new FormData(filters);
  let matching = 0;
  for (const item of document.querySelectorAll(".ranked li")) {
    const article = document.getElementById(item.dataset.for);
    const shows = wanted(article, form);
    item.hidden = article.hidden = !shows;
    matching += shows;
  }
  for (const group of document.querySelectorAll(".harm-group")) {
    group.hidden = !group.querySelector("li:not([hidden])");
  }
  document.getElementById("matching").textContent = matching;
  document.getElementById("none").hidden = matching > 0;
}

function showTarget() { // a link to a finding that the filters hide shows all of them
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.hidden) {
    filters.reset();
    filter();
    target.scrollIntoView();
  }
}

if (filters) {
  filters.addEventListener("input", filter);
  filters.addEventListener("reset", () => setTimeout(filter));
  filters.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", showTarget);
  if (filters.elements.words.value || [...filters.querySelectorAll("select")].some((one) => one.value)) filter();
}
