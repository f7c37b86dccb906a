/* What a word means, where the mouse rests on it or the keyboard reaches it. */

const tip = (() => {
  const box = byId("tip");
  let owner = null;

  function show(element) {
    const found = term(element.dataset.kind, element.dataset.name);
    if (!found) return;
    owner = element;
    box.replaceChildren(
      make("strong", {}, found.title),
      make("p", {}, found.text),
      ...(found.rfc ? [make("p", { class: "rfc" }, found.rfc)] : []),
    );
    box.hidden = false;
    element.setAttribute("aria-describedby", "tip");
    const place = element.getBoundingClientRect(), own = box.getBoundingClientRect();
    const left = Math.max(8, Math.min(place.left, window.innerWidth - own.width - 8));
    const below = place.bottom + 6 + own.height < window.innerHeight;
    box.style.left = `${left}px`;
    box.style.top = `${below ? place.bottom + 6 : Math.max(8, place.top - own.height - 6)}px`;
  }

  function hide() {
    if (owner) owner.removeAttribute("aria-describedby");
    owner = null;
    box.hidden = true;
  }

  const found = (event) => (event.target instanceof Element ? event.target.closest("[data-kind]") : null);
  document.addEventListener("mouseover", (event) => {
    const element = found(event);
    if (element) show(element);
    else if (!box.contains(event.target) && owner !== document.activeElement) hide();
  });
  document.addEventListener("focusin", (event) => (found(event) ? show(found(event)) : hide()));
  document.addEventListener("focusout", hide);
  document.addEventListener("scroll", hide, { passive: true, capture: true });
  return { hide, get open() { return !box.hidden; } };
})();

/** A word that explains itself; plain text where nothing is known of it. */
function explained(kind, name, text = name) {
  if (!term(kind, name)) return make("span", {}, text);
  return make("span", { class: "term", tabindex: 0, role: "term", "data-kind": kind, "data-name": name }, text);
}
