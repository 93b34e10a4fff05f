/* One polite live region for the whole page. The same words are said once. */

let last = "";

export function announce(words) {
  const region = document.getElementById("live");
  if (!region || !words || words === last) return;
  last = words;
  region.textContent = words;
}
