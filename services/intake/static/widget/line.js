// The line to intake. Never throws: no answer is status 0, and so is half an answer; a page of some
// proxy in between has only its status.
const PATIENCE = 30_000;
// A browser refuses to carry more than 64 KiB past the end of a page.
const MOST_CARRIED = 20_000;

class Line {
  constructor(origin, language) {
    this.origin = origin;
    this.language = language;
  }

  async request(path, body, method = body ? "POST" : "GET") {
    const sent = body && JSON.stringify(body);
    try {
      const answer = await fetch(this.origin + path, {
        method, body: sent, credentials: "omit",
        keepalive: Boolean(sent) && sent.length < MOST_CARRIED,
        signal: AbortSignal.timeout?.(PATIENCE),
        headers: { "Accept-Language": this.language, ...(sent && { "Content-Type": "application/json" }) },
      });
      const read = answer.json();
      const found = await (answer.ok ? read : read.catch(() => ({})));
      return { status: answer.status, found, wait: Number(answer.headers.get("Retry-After")) };
    } catch {
      return { status: 0, found: {} };
    }
  }
}

// Why something did not come about, in the reader's language.
const reasonOf = ({ status, found }, texts) => found.title || (status ? texts.failed : texts.offline);
