"""The unmodified `openai` package against a gateway with fakes for its providers."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import openai
import pytest
from conftest import API_KEY, BASE_URL, URL

MODEL = "kling-v2-6"
EXAMPLE = Path(__file__).parents[2] / "examples" / "openai-python" / "make_video.py"


def is_mp4(data):
    return data[4:8] == b"ftyp"


def is_png(data):
    return data[1:4] == b"PNG"


def task_of(video_id):
    """The same task in the gateway's own dialect."""
    request = Request(f"{BASE_URL}/video/generations/{video_id}", headers={"Authorization": f"Bearer {API_KEY}"})
    with urlopen(request) as response:
        return json.load(response)["data"]


def test_a_video_is_made_awaited_downloaded_and_deleted(client, tmp_path):
    video = client.videos.create(model=MODEL, prompt="a heron", seconds="10", size="1920x1080")
    assert (video.status, video.prompt, video.progress) == ("queued", "a heron", 0)

    video = client.videos.poll(video.id)
    assert (video.status, video.progress, video.error) == ("completed", 100, None)
    assert (video.seconds, video.size) == ("10", "1920x1080")
    assert video.expires_at > video.completed_at >= video.created_at
    # The gateway's own fields stand beside OpenAI's.
    assert video.livemode is True
    assert video.usage["seconds"] == 10

    file = tmp_path / "heron.mp4"
    client.videos.download_content(video.id).write_to_file(file)
    assert is_mp4(file.read_bytes())

    deleted = client.videos.delete(video.id)
    assert (deleted.id, deleted.object, deleted.deleted) == (video.id, "video.deleted", True)
    with pytest.raises(openai.NotFoundError) as gone:
        client.videos.retrieve(video.id)
    assert (gone.value.code, gone.value.param) == ("task_not_found", "video_id")


def test_a_picture_is_uploaded_as_the_first_frame(client, picture):
    video = client.videos.create_and_poll(
        model=MODEL, prompt="it moves", input_reference=("first.png", picture, "image/png")
    )
    assert video.status == "completed"
    assert task_of(video.id)["action"] == "generate"


def test_fields_of_the_gateway_go_through_extra_body(client):
    video = client.videos.create(
        model=MODEL,
        prompt="rain",
        extra_body={"metadata": {"mode": "pro", "external_task_id": "order-1"}, "expires_after": 3600},
    )
    assert video.size == "1920x1080"
    assert task_of(video.id)["external_task_id"] == "order-1"


def test_one_idempotency_key_makes_one_video(client):
    made = [
        client.videos.create(model=MODEL, prompt="once", extra_headers={"Idempotency-Key": "once"}).id
        for _ in range(2)
    ]
    assert made[0] == made[1]


def test_the_list_is_walked_over_pages_both_ways(client):
    made = [client.videos.create(model=MODEL, prompt=f"number {number}").id for number in range(3)]
    newest_first = [video.id for video in client.videos.list(limit=2)]
    assert newest_first[:3] == made[::-1]
    assert [video.id for video in client.videos.list(limit=2, order="asc")] == newest_first[::-1]


def test_part_of_a_video_is_downloaded(client):
    video = client.videos.create_and_poll(model=MODEL, prompt="in part")
    part = client.videos.download_content(video.id, extra_headers={"Range": "bytes=4-7"})
    assert (part.response.status_code, part.content) == (206, b"ftyp")


def test_a_video_that_fails_says_why(client):
    video = client.videos.create_and_poll(model=MODEL, prompt="a heron [fail]")
    assert video.status == "failed"
    assert video.error.code and video.error.message
    with pytest.raises(openai.NotFoundError) as nothing:
        client.videos.download_content(video.id)
    assert nothing.value.code == "result_not_ready"


@pytest.mark.parametrize(
    ("wrong", "param", "words"),
    [
        ({"seconds": "8"}, "seconds", "5 or 10"),
        ({"size": "640x480"}, "size", "1280x720"),
        ({"extra_body": {"input_reference": {"file_id": "file_1"}}}, "input_reference.file_id", "URL"),
        ({"input_reference": ("a.png", b"%PDF-1.7", "image/png")}, "input_reference", "PNG"),
        ({"extra_body": {"callback_url": "hooks"}}, "callback_url", "URL"),
    ],
)
def test_a_wrong_request_is_a_typed_error_that_names_the_field(client, wrong, param, words):
    with pytest.raises(openai.BadRequestError) as refused:
        client.videos.create(model=MODEL, prompt="a heron", **wrong)
    assert isinstance(refused.value, openai.APIError)
    assert (refused.value.param, refused.value.code) == (param, "invalid_request")
    assert words in refused.value.message


def test_an_unknown_model_is_told_of_the_nearest(client):
    with pytest.raises(openai.NotFoundError) as unknown:
        client.videos.create(model="kling-v2-7", prompt="a heron")
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    assert "kling/kling-v2-" in unknown.value.message


def test_a_wrong_key_is_an_authentication_error(client):
    with pytest.raises(openai.AuthenticationError) as refused:
        client.with_options(api_key="sk-clearmaas-wrong").videos.list()
    assert refused.value.code == "invalid_api_key"


@pytest.mark.parametrize("model", ["gpt-image-2", "google/gemini-nano-banana-2.1"])
def test_an_image_is_made(client, model):
    [image] = client.images.generate(model=model, prompt="a heron").data
    data = base64.b64decode(image.b64_json) if image.b64_json else urlopen(image.url).read()
    assert is_png(data)


def test_the_example_saves_a_video(tmp_path, picture):
    (tmp_path / "first.png").write_bytes(picture)
    for arguments in (["boat.mp4"], ["moved.mp4", "first.png"]):
        subprocess.run(
            [sys.executable, "-W", "ignore", EXAMPLE, *arguments],
            cwd=tmp_path,
            env={**os.environ, "CLEARMAAS_URL": URL, "CLEARMAAS_API_KEY": API_KEY},
            check=True,
            timeout=60,
        )
        assert is_mp4((tmp_path / arguments[0]).read_bytes())
