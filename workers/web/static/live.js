// Keep up with the server: one event stream, closed while nobody looks at the page.

// After an answer that EventSource does not retry by itself; spread, so that readers do not come back all at once.
const againAfterMs = () => 3000 + Math.random() * 3000;

export function keepUp(path, version, onChange, onLink) {
  let source = null;
  let timer = 0;

  function open() {
    clearTimeout(timer);
    if (source || document.hidden) return;
    source = new EventSource(`${path}${path.includes("?") ? "&" : "?"}since=${version}`);
    source.addEventListener("open", () => onLink("open"));
    source.addEventListener("change", (event) => {
      version = event.lastEventId;
      onChange(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      onLink("lost");
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again
      close();
      timer = setTimeout(open, againAfterMs());
    });
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  // Browsers allow six connections to a server: hidden tabs must not hold them.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  open();
}
