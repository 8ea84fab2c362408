// Tells Commentdesk's article store of Ghost's posts: of all when it starts, of the latest whenever
// one of Ghost's webhooks calls. Who calls need not be known: what is put is what Ghost itself says.
import { createServer } from "node:http";

const { GHOST_URL, GHOST_CONTENT_KEY, COMMENTDESK_STORE, COMMENTDESK_SERVICE_TOKEN } = process.env;
const { HOST = "127.0.0.1", PORT = "8090" } = process.env;

async function ghost(what, query = {}) {
  const asked = new URLSearchParams({ key: GHOST_CONTENT_KEY, ...query });
  const answer = await fetch(`${GHOST_URL}/ghost/api/content/${what}/?${asked}`);
  if (!answer.ok) throw new Error(`Ghost answers ${answer.status} for ${what}`);
  return answer.json();
}

async function put(post, language) {
  const answer = await fetch(`${COMMENTDESK_STORE}/v1/articles/${post.id}`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${COMMENTDESK_SERVICE_TOKEN}`, "Content-Type": "application/json" },
    body: JSON.stringify({
      title: post.title, lead: post.custom_excerpt ?? "", body: "", language,
      url: post.url, published_at: post.published_at, comments: "open",
    }),
  });
  if (!answer.ok) throw new Error(`The store answers ${answer.status} for ${post.id}: ${await answer.text()}`);
}

async function putLatest(pages = 1) {
  const { settings } = await ghost("settings");
  for (let page = 1; page <= pages; page++) {
    const { posts, meta } = await ghost("posts", {
      fields: "id,title,custom_excerpt,url,published_at", order: "updated_at desc", limit: 50, page,
    });
    for (const post of posts) await put(post, settings.locale ?? "en");
    if (!meta.pagination.next) return;
  }
}

createServer((request, response) => {
  request.resume();
  putLatest().then(
    () => response.writeHead(204).end(),
    // Ghost calls again where it is answered so.
    (error) => { console.error(error.message); response.writeHead(503).end(); },
  );
}).listen(Number(PORT), HOST);

await putLatest(Infinity);
