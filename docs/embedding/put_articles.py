"""Put a site's articles into Commentdesk's article store.

    python3 put_articles.py https://articles.example public/commentdesk.json

The file is a JSON object of articles by id, as the templates beside this script make it. The
service token is read from COMMENTDESK_SERVICE_TOKEN. To do it again does no harm.
"""

import json
import os
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen


def put(store: str, token: str, article_id: str, article: dict[str, object]) -> str:
    """Put one article into the store; what is wrong with it, or nothing."""
    request = Request(  # noqa: S310
        f"{store.rstrip('/')}/v1/articles/{quote(article_id)}",
        data=json.dumps(article).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="PUT",
    )
    try:
        with urlopen(request, timeout=30):  # noqa: S310
            return ""
    except HTTPError as error:
        return f"{error} {error.read().decode(errors='replace')}"
    except OSError as error:
        return str(error)


def main(store: str, file: str) -> None:
    """Put all of a file's articles into the store; say which were refused, and why."""
    token = os.environ["COMMENTDESK_SERVICE_TOKEN"]
    articles = json.loads(Path(file).read_text("utf-8"))
    wrong = {name: put(store, token, name, article) for name, article in articles.items()}
    refused = [f"{name}: {trouble}" for name, trouble in wrong.items() if trouble]
    print(f"{len(articles) - len(refused)} of {len(articles)} articles are in the store.")  # noqa: T201
    if refused:
        sys.exit("\n".join(refused))


if __name__ == "__main__":
    main(*sys.argv[1:])
