// Change an element into what another one is, touching only what differs: focus, selection and open details stay.

const OURS = new Set(["open", "data-spoken", "data-cursor", "aria-current"]); // set by the reader or by playing

export function morph(from, to) {
  for (const { name } of [...from.attributes]) if (!OURS.has(name) && !to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) {
    if (!OURS.has(name) && from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  const wanted = [...to.childNodes];
  wanted.forEach((node, index) => {
    const there = from.childNodes[index];
    if (!there) from.append(node);
    else if (there.nodeType !== node.nodeType || there.nodeName !== node.nodeName) there.replaceWith(node);
    else if (node.nodeType === Node.ELEMENT_NODE) morph(there, node);
    else if (there.data !== node.data) there.data = node.data;
  });
  while (from.childNodes.length > wanted.length) from.lastChild.remove();
}

// Return the one element that a piece of the server's HTML holds.
export function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}
