// Events as they happen, in Node; in a browser `new EventSource(url)` does all of this by itself.
// It connects again by itself, and goes on behind the last event that it had.
const log = process.env.FLOORLOG_URL ?? 'http://127.0.0.1:8000';
let last = process.env.AFTER ?? '';

for (;;) {
  try {
    const answer = await fetch(`${log}/v1/stream`, { headers: last ? { 'last-event-id': last } : {} });
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) throw new TypeError(await answer.text());
    let rest = '';
    for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
      const messages = (rest + text).split('\n\n');
      rest = messages.pop();
      for (const message of messages) {
        const fields = Object.fromEntries(message.split('\n').map((line) => line.match(/^(\w*): ?(.*)$/s)?.slice(1) ?? []));
        if (!fields.id) continue; // a comment, to keep the connection open
        const event = JSON.parse(fields.data);
        console.log(event.sequence, event.type, event.subject);
        last = fields.id;
      }
    }
  } catch (fault) {
    if (fault.message?.startsWith('{')) throw fault; // a problem of the request: asking again would not help
  }
  await new Promise((next) => setTimeout(next, 2000));
}
