// A receiver of webhooks in Node, without a library: believes only what is signed and fresh.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const key = Buffer.from(process.env.FLOORLOG_WEBHOOK_SECRET.replace('whsec_', ''), 'base64');
const seen = new Set(); // in a real receiver: a table

function believed(headers, body) {
  const sent = Number(headers['webhook-timestamp']);
  if (!(Math.abs(Date.now() / 1000 - sent) <= 300)) return false;
  const wanted = createHmac('sha256', key).update(`${headers['webhook-id']}.${sent}.`).update(body).digest();
  return (headers['webhook-signature'] ?? '').split(' ').some((signature) => {
    const given = Buffer.from(signature.replace('v1,', ''), 'base64');
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const good = believed(request.headers, body);
  if (good) {
    const event = JSON.parse(body);
    if (!seen.has(event.id)) console.log(event.id, event.type, event.subject);
    seen.add(event.id);
  }
  response.writeHead(good ? 204 : 401).end();
}).listen(Number(process.env.PORT ?? 9000), '127.0.0.1');
