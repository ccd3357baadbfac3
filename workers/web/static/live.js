// Keep up with the server: one event stream, closed while nobody looks at the page.

const AGAIN_AFTER_MS = 3000; // after an answer that EventSource does not retry by itself

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
      timer = setTimeout(open, AGAIN_AFTER_MS);
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
