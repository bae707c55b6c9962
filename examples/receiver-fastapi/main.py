"""A callback receiver: verifies each event, drops repeats, answers before it works."""

import os

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request, Response
from standardwebhooks import Webhook, WebhookVerificationError

app = FastAPI()
webhook = Webhook(os.environ["CLEARMAAS_CALLBACK_SECRET"])

# Forgets on restart, and then does an event twice at worst: replace it by your database.
known: set[str] = set()


@app.post("/callbacks", status_code=204)
async def receive(request: Request, work: BackgroundTasks) -> Response:
    # The signature covers the bytes as they came: verify the body, not parsed and printed JSON.
    body = await request.body()
    try:
        event = webhook.verify(body.decode(), dict(request.headers))
    except WebhookVerificationError as error:
        raise HTTPException(401, "wrong signature") from error
    if event["id"] not in known:
        known.add(event["id"])
        work.add_task(handle, event)
    return Response(status_code=204)


def handle(event: dict) -> None:
    data = event["data"]
    print(event["type"], data["id"], data.get("result_url") or data.get("fail_reason") or "", flush=True)
