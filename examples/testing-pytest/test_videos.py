import json
import os
import time
from urllib.request import Request, urlopen

VIDEOS = os.environ["CLEARMAAS_URL"] + "/v1/video/generations"
HEADERS = {
    "Authorization": "Bearer " + os.environ["CLEARMAAS_TEST_KEY"],
    "Content-Type": "application/json",
}


def call(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data=data, headers=HEADERS)) as response:
        return json.load(response)


def make(prompt):
    """A video's task once it has ended."""
    task_id = call(VIDEOS, {"model": "kling/kling-v2-6", "prompt": prompt})["id"]
    while True:
        task = call(f"{VIDEOS}/{task_id}")["data"]
        if task["status"] in ("SUCCESS", "FAILURE"):
            return task
        time.sleep(0.5)


def test_a_video_is_made_and_costs_nothing():
    task = make("A paper boat [1s]")
    assert task["status"] == "SUCCESS"
    assert task["livemode"] is False
    with urlopen(task["result_url"]) as video:
        assert video.headers["Content-Type"] == "video/mp4"


def test_a_video_that_fails_says_why():
    task = make("A paper boat [fail] [1s]")
    assert task["status"] == "FAILURE"
    assert "[fail]" in task["fail_reason"]
