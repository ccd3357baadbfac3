// Every statement of a meeting, page after page, with Node's own fetch; the same code runs in a browser.
const log = process.env.FLOORLOG_URL ?? 'http://127.0.0.1:8000';
const meeting = process.env.MEETING ?? 'synthetic-briefing';

async function* pages(path, parameters) {
  for (let cursor = ''; cursor !== null; ) {
    const query = new URLSearchParams({ ...parameters, ...(cursor && { cursor }) });
    const answer = await fetch(`${log}/v1/${path}?${query}`);
    const content = await answer.json();
    if (!answer.ok) throw new Error(`${content.title} (${content.parameter ?? answer.status}): ${content.detail}`);
    yield* content.items;
    cursor = content.next;
  }
}

for await (const record of pages('interventions', { meeting, kind: 'statement', sort: 'oldest', limit: 5 })) {
  const who = record.speaker?.entity.name ?? 'Not attributed';
  console.log(`${record.started_at} ${who} (${Math.round(record.duration_ms / 1000)} s, ${record.review.state})`);
}
