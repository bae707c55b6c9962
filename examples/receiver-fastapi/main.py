"""A callback receiver: verifies each event, drops repeats, answers before it works."""

import os
import sys

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request, Response
from standardwebhooks import Webhook, WebhookVerificationError

secret = os.environ.get("CLEARMAAS_CALLBACK_SECRET")
if not secret:
    sys.exit("Set CLEARMAAS_CALLBACK_SECRET to the whsec_… secret that GET /v1/callbacks/secret answers.")

app = FastAPI()
webhook = Webhook(secret)

# Forgets on restart, and then does an event twice at worst: replace it by your database.
known: set[str] = set()


@app.post("/callbacks", status_code=204)
async def receive(request: Request, work: BackgroundTasks) -> Response:
    # The signature covers the bytes as they came: verify the body, not parsed and printed JSON.
    body = await request.body()
    try:
        event = webhook.verify(body, dict(request.headers))
    except (WebhookVerificationError, ValueError) as error:
        # A ValueError: the signature or the body is not even readable.
        print(
            f"refused an event: {error}. Compare CLEARMAAS_CALLBACK_SECRET with GET /v1/callbacks/secret"
            " of the workspace whose key submitted the task.",
            file=sys.stderr,
            flush=True,
        )
        raise HTTPException(401, "wrong signature") from error
    if event["id"] not in known:
        known.add(event["id"])
        work.add_task(handle, event)
    return Response(status_code=204)


def handle(event: dict) -> None:
    # A callback.test event is about no task.
    data = event["data"]
    about = data.get("result_url") or data.get("fail_reason") or data.get("message") or ""
    print(event["type"], data.get("id", "-"), about, flush=True)
