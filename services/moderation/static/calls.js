// Calls to the server. A session that has run out is renewed in another tab, and the call goes on.

let csrf = document.body.dataset.csrf;
let renewing = null;

export class Refused extends Error {
  constructor(status, problem = {}) {
    super(problem.title || String(status));
    this.status = status;
    this.problem = problem;
  }
}

/** The answer's JSON (null where it has none); throws Refused, with status 0 without a connection. */
export async function call(method, path, body, { keepalive = false, renewable = true } = {}) {
  const response = await fetch(path, {
    method,
    keepalive,
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": csrf },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => null);
  if (!response) throw new Refused(0);
  if (response.ok) return response.status === 204 ? null : response.json();
  const problem = await response.json().catch(() => ({}));
  if (renewable && isStale(response.status, problem)) {
    await renew();
    return call(method, path, body, { keepalive, renewable: false });
  }
  throw new Refused(response.status, problem);
}

/** A part of a page as a document: parsed by the browser, with nothing in it run. */
export async function part(path, { renewable = true } = {}) {
  const found = await load(path);
  if (!found) throw new Refused(0);
  if (renewable && new URL(found.url).pathname === "/login") {
    await renew();
    return part(path, { renewable: false });
  }
  if (found.status !== 200) throw new Refused(found.status);
  return found.page;
}

// A document and not text: Trusted Types let no text become markup.
function load(path) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("GET", path);
    request.responseType = "document";
    request.onload = () =>
      resolve({ status: request.status, url: request.responseURL, page: request.response });
    request.onerror = () => resolve(null);
    request.send();
  });
}

function isStale(status, problem) {
  return status === 401 || (status === 403 && problem.code === "csrf");
}

function renew() {
  renewing ??= askForLogin().finally(() => {
    renewing = null;
  });
  return renewing;
}

// Whoever logged in again elsewhere has a session here too; only its token is new.
async function askForLogin() {
  if (await taken()) return;
  const dialog = document.getElementById("session");
  if (!dialog) throw new Refused(401);
  dialog.showModal();
  await new Promise((resolve, reject) => {
    const look = async () => {
      if (!(await taken())) return;
      dialog.close();
      resolve();
    };
    dialog.querySelector("button").onclick = look;
    window.addEventListener("focus", look);
    const leave = () => {
      window.removeEventListener("focus", look);
      reject(new Refused(401));
    };
    dialog.addEventListener("close", leave, { once: true });
  });
}

// Another moderator's session is not this page's to use.
async function taken() {
  const found = await load("/books");
  const { csrf: token, login } = found?.page?.body?.dataset ?? {};
  if (!token || login !== document.body.dataset.login) return false;
  csrf = token;
  return true;
}
