"""LiteLLM's client against a gateway with fakes for its providers: an OpenAI at another address."""

import time
from urllib.request import urlopen

import litellm
import pytest
from litellm.types.videos.utils import extract_original_video_id

MODEL = "openai/kling-v2-6"


def ended(video_id, gateway):
    for _ in range(60):
        video = litellm.video_status(video_id=video_id, **gateway)
        if video.status in ("completed", "failed"):
            return video
        time.sleep(0.5)
    raise AssertionError(f"{video_id} does not end")


def test_a_video_is_made_awaited_and_downloaded(gateway):
    video = litellm.video_generation(model=MODEL, prompt="a heron", seconds="5", size="1280x720", **gateway)
    assert (video.object, video.status, video.seconds) == ("video", "queued", "5")
    video = ended(video.id, gateway)
    assert video.status == "completed"
    assert video.usage["cost_usd"]
    assert litellm.video_content(video_id=video.id, **gateway)[4:8] == b"ftyp"


def test_a_picture_is_uploaded_as_the_first_frame(gateway, picture):
    video = litellm.video_generation(model=MODEL, prompt="it moves", input_reference=picture, **gateway)
    assert ended(video.id, gateway).status == "completed"


def test_videos_are_listed_page_by_page(gateway):
    made = [litellm.video_generation(model=MODEL, prompt="a heron", **gateway).id for _ in range(2)]
    page = litellm.video_list(custom_llm_provider="openai", limit=1, **gateway)
    following = litellm.video_list(custom_llm_provider="openai", limit=1, after=page["last_id"], **gateway)
    # LiteLLM puts a model into its own form of an id, and the answers name the model in two ways.
    listed = [extract_original_video_id(video["id"]) for video in page["data"] + following["data"]]
    assert listed == [extract_original_video_id(video_id) for video_id in made[::-1]]


def test_a_length_that_the_model_cannot_make_is_a_bad_request(gateway):
    with pytest.raises(litellm.BadRequestError, match="5 or 10"):
        litellm.video_generation(model=MODEL, prompt="a heron", seconds="8", **gateway)


@pytest.mark.parametrize("model", ["gpt-image-2", "google/gemini-nano-banana-2.1", "grok/grok-imagine-image"])
def test_an_image_is_made(gateway, model):
    [image] = litellm.image_generation(model=f"openai/{model}", prompt="a heron", **gateway).data
    assert image.b64_json or urlopen(image.url).read()[1:4] == b"PNG"
