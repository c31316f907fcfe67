/* What the theme leaves without a name, or with another than it shows, for those who hear a page. */
document.addEventListener("DOMContentLoaded", () => {
  for (const each of document.querySelectorAll("summary:has(> .toctree-toggle)")) {
    const link = each.closest("li")?.querySelector("a");
    each.setAttribute("aria-label", `Pages of ${link?.textContent ?? "this section"}`);
  }
  for (const each of document.querySelectorAll(".search-button-field")) {
    each.removeAttribute("aria-label");
  }
  for (const each of document.querySelectorAll(".citation-list[role=list]")) {
    each.removeAttribute("role"); // its children are no items
  }
  for (const each of document.querySelectorAll(".sphx-glr-thumbcontainer p > a.internal")) {
    each.setAttribute("aria-label", each.textContent); // its text is hidden behind the picture
  }
});
